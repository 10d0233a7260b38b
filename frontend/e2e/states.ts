import type { Page } from "playwright-core";

/** A state of the pages on the engine in memory: how it is come to, and what must be seen there. */
export interface State {
  name: string;
  hash: string;
  /** The team, as openDoor has it; "" is the one of the designs. */
  asked?: string;
  /** Comes from the page of the address to the state. */
  act?: (page: Page) => Promise<unknown>;
  sees: Parameters<Page["getByRole"]> | string | RegExp;
}

const press =
  (...keys: string[]) =>
  async (page: Page) => {
    for (const key of keys) await page.keyboard.press(key);
  };

/** Puts the cursor of the list on the nth line, and presses keys there. */
const onLine =
  (n: number, ...keys: string[]) =>
  async (page: Page) => {
    await page.getByRole("grid").focus();
    await press("Home", ...Array(n - 1).fill("ArrowDown"), ...keys)(page);
  };

const button =
  (name: string | RegExp, exact = typeof name === "string") =>
  (page: Page) =>
    page.getByRole("button", { name, exact }).first().click();

const item = (name: string | RegExp) => (page: Page) => page.getByRole("menuitem", { name }).click();

const fill = (label: string, text: string) => (page: Page) =>
  page.getByLabel(label, { exact: true }).fill(text);

const inTurn =
  (...acts: Array<(page: Page) => Promise<unknown>>) =>
  async (page: Page) => {
    for (const act of acts) await act(page);
  };

/** Finds a forward, and presses keys on its row. */
const on = (name: string, ...keys: string[]) =>
  inTurn(fill("Search forwards", name), press("Enter"), onLine(2, ...keys));

const details = (name: string) => inTurn(fill("Search forwards", name), button(name));

const card = (name: string) =>
  inTurn(fill("Search forwards", name), (page) =>
    page.getByRole("grid").getByRole("row").nth(1).getByRole("button").first().click(),
  );

const palette = (words = "") => inTurn(press("Control+k"), fill("Forwards, environments, what to do", words));

const group = (by: string) => inTurn(button(/^Group/), item(by));

const lists: State[] = [
  { name: "all forwards", hash: "/all", sees: ["grid"] },
  { name: "one forward", hash: "/all", asked: "1", sees: ["grid"] },
  { name: "10,000 forwards", hash: "/all", asked: "10000", sees: ["grid"] },
  { name: "every phase", hash: "/all", asked: "phases", sees: ["grid"] },
  { name: "a bad day", hash: "/all", asked: "troubled", sees: /Running forwards are not affected/ },
  { name: "hostile forwards", hash: "/all", asked: "hostile", sees: ["grid"] },
  {
    name: "one environment",
    hash: "/environment/port-forwards/staging",
    sees: ["heading", { name: /staging/i }],
  },
  { name: "a protected environment", hash: "/environment/port-forwards/production", sees: ["grid"] },
  {
    name: "a hostile environment",
    hash: "/environment/port-forwards/development",
    asked: "hostile",
    sees: ["grid"],
  },
  {
    name: "an environment without forwards",
    hash: "/environment/warehouse/reports",
    asked: "troubled",
    sees: "reports.json has no forwards yet.",
  },
  { name: "my forwards", hash: "/mine", sees: ["heading", { name: "My forwards" }] },
  {
    name: "no forward of my own",
    hash: "/mine",
    asked: "empty",
    sees: "Forwards you add here stay on this computer.",
  },
  { name: "nothing is followed", hash: "/all", asked: "empty", sees: ["heading"] },
  { name: "by environment", hash: "/all", act: group("Environment"), sees: ["grid"] },
  { name: "by context", hash: "/all", act: group("Context"), sees: "acme-staging-ca1" },
  { name: "by tag", hash: "/all", act: group("Tag"), sees: ["grid"] },
  { name: "by nothing", hash: "/all", act: group("Nothing"), sees: ["grid"] },
  {
    name: "folded groups",
    hash: "/all",
    act: onLine(1, "ArrowLeft", "ArrowDown", "ArrowLeft"),
    sees: ["grid"],
  },
  { name: "what needs you", hash: "/all", act: button(/^Needs you/), sees: ["grid"] },
  { name: "what waits", hash: "/all", act: button(/^Waiting/), sees: ["grid"] },
  { name: "nothing needs you", hash: "/mine", act: button(/^Needs you/), sees: "Nothing needs you." },
  { name: "a search", hash: "/all", act: fill("Search forwards", "api"), sees: ["grid"] },
  {
    name: "a search without a match",
    hash: "/all",
    act: fill("Search forwards", "payx"),
    sees: /Nothing matches “payx”/,
  },
  {
    name: "a search without a match in an environment",
    hash: "/environment/port-forwards/development",
    act: fill("Search forwards", "metabase"),
    sees: "Search everywhere",
  },
  {
    name: "several selected",
    hash: "/all",
    act: onLine(2, "Shift+ArrowDown", "Shift+ArrowDown"),
    sees: ["toolbar", { name: "Selected forwards" }],
  },
  { name: "all selected", hash: "/all", asked: "10000", act: onLine(2, "Control+a"), sees: /selected/ },
];

const menus: State[] = [
  { name: "the grouping", hash: "/all", act: button(/^Group/), sees: ["menu"] },
  { name: "stop all and more", hash: "/all", act: button("Stop all and more"), sees: ["menu"] },
  {
    name: "the menu of a row",
    hash: "/all",
    act: inTurn(fill("Search forwards", "checkout-api"), button(/^More/)),
    sees: ["menu"],
  },
  {
    name: "the menu of one of my own",
    hash: "/mine",
    act: inTurn(fill("Search forwards", "loki"), button(/^More/)),
    sees: ["menuitem", { name: /^Remove/ }],
  },
  {
    name: "the menu of an environment",
    hash: "/all",
    act: (page) => page.getByRole("link", { name: /^development/ }).click({ button: "right" }),
    sees: ["menu"],
  },
  {
    name: "the menu of the selected",
    hash: "/all",
    act: inTurn(onLine(2, "Shift+ArrowDown"), (page) =>
      page.getByRole("toolbar", { name: "Selected forwards" }).getByRole("button", { name: "More" }).click(),
    ),
    sees: ["menu"],
  },
  { name: "notices", hash: "/all", act: button(/^Notices/), sees: /run again after a crash/ },
  { name: "hostile notices", hash: "/all", asked: "hostile", act: button(/^Notices/), sees: ["dialog"] },
  {
    name: "a word with Undo",
    hash: "/mine",
    act: onLine(2, "Delete"),
    sees: ["button", { name: "Undo", exact: true }],
  },
  {
    name: "a fault of an intent",
    hash: "/all",
    asked: "troubled",
    act: on("checkout-api", "f"),
    sees: /The disk is full/,
  },
  { name: "paused", hash: "/all", act: inTurn(palette("Pause syncing"), press("Enter")), sees: /^Paused$/ },
];

const panels: State[] = [
  {
    name: "details",
    hash: "/all",
    act: button("checkout-api"),
    sees: ["complementary", { name: /checkout-api/ }],
  },
  { name: "details of what is off", hash: "/all", act: details("fraud-scoring"), sees: ["complementary"] },
  {
    name: "details of what waits",
    hash: "/all",
    act: details("order-events-consumer-debug"),
    sees: ["complementary"],
  },
  { name: "details of a busy port", hash: "/all", act: details("payments-db"), sees: ["complementary"] },
  {
    name: "details of an edit",
    hash: "/all",
    act: details("payments-gateway-sandbox"),
    sees: ["complementary"],
  },
  {
    name: "details of an override",
    hash: "/all",
    act: inTurn(details("payments-db"), (page) =>
      page.getByRole("complementary").getByRole("button", { name: "Use 15432" }).click(),
    ),
    sees: "this computer",
  },
  { name: "details of my own", hash: "/mine", act: details("loki-tail"), sees: ["complementary"] },
  {
    name: "hostile details",
    hash: "/all",
    asked: "hostile",
    act: onLine(2, "Enter"),
    sees: ["complementary"],
  },
  { name: "a card of a busy port", hash: "/all", act: card("payments-db"), sees: ["dialog"] },
  { name: "a card of what waits", hash: "/all", act: card("order-events"), sees: ["dialog"] },
  {
    name: "a card of a refusal",
    hash: "/all",
    act: card("warehouse-sync"),
    sees: "Copy request for an admin",
  },
  { name: "a card of nothing that listens", hash: "/all", act: card("kafka"), sees: ["dialog"] },
  { name: "a card of a cluster", hash: "/all", act: card("ca-orders-api"), sees: ["dialog"] },
  {
    name: "a hostile card",
    hash: "/all",
    asked: "hostile",
    act: inTurn(button(/^Needs you/), (page) =>
      page.getByRole("grid").getByRole("row").nth(1).getByRole("button").first().click(),
    ),
    sees: ["dialog"],
  },
];

const dialogs: State[] = [
  { name: "an edit", hash: "/all", act: on("checkout-api", "e"), sees: ["dialog"] },
  {
    name: "an edit for this computer",
    hash: "/all",
    act: inTurn(on("checkout-api", "e"), fill("Local port", "18080")),
    sees: "1 change",
  },
  {
    name: "an edit that is not for this computer",
    hash: "/all",
    act: inTurn(on("checkout-api", "e"), fill("Namespace", "shop")),
    sees: /^not for/,
  },
  {
    name: "an edit with a wrong port",
    hash: "/all",
    act: inTurn(on("checkout-api", "e"), fill("Local port", "84444"), press("Enter")),
    sees: ["dialog"],
  },
  { name: "a hostile edit", hash: "/all", asked: "hostile", act: onLine(2, "e"), sees: ["dialog"] },
  { name: "a new forward", hash: "/all", act: press("Control+n"), sees: ["dialog", { name: "New forward" }] },
  {
    name: "a copy",
    hash: "/all",
    act: inTurn(fill("Search forwards", "checkout-api"), button(/^More/), item(/^Copy to My/)),
    sees: ["dialog"],
  },
  {
    name: "an import",
    hash: "/all",
    act: inTurn(button("Stop all and more"), item("Import…")),
    sees: ["dialog", { name: "Import forwards" }],
  },
  {
    name: "a protected start",
    hash: "/environment/port-forwards/production",
    act: button("Start prod-orders-db"),
    sees: /What you run against/,
  },
  {
    name: "several protected starts",
    hash: "/environment/port-forwards/production",
    act: inTurn(onLine(2, "Control+a"), button(/^Start \d+$/)),
    sees: /What you run against/,
  },
  {
    name: "a forward that moved",
    hash: "/all",
    asked: "phases",
    act: button("Review"),
    sees: "Not now",
  },
  {
    name: "a forward that asks for the network",
    hash: "/all",
    asked: "troubled",
    act: button("Review"),
    sees: "Keep 127.0.0.1",
  },
  { name: "the keys", hash: "/all", act: press("?"), sees: ["dialog", { name: /keys/i }] },
  { name: "the palette", hash: "/all", act: palette(), sees: ["dialog"] },
  { name: "the palette with matches", hash: "/all", act: palette("pay"), sees: ["dialog"] },
  { name: "the palette with acts", hash: "/all", act: palette("sync"), sees: ["dialog"] },
  { name: "the palette without a match", hash: "/all", act: palette("zzzz"), sees: ["dialog"] },
  { name: "a hostile palette", hash: "/all", asked: "hostile", act: palette("l"), sees: ["dialog"] },
];

const changes: State[] = [
  {
    name: "the changes of a source",
    hash: "/changes",
    sees: ["heading", { name: "Move payments-db behind pgbouncer" }],
  },
  { name: "a superseded edit", hash: "/changes", sees: ["button", { name: "Keep as my own" }] },
  {
    name: "changes of 28 forwards",
    hash: "/changes/port-forwards/1",
    sees: ["heading", { name: "First forwards" }],
  },
  {
    name: "an invalid file in the past",
    hash: "/changes/port-forwards/4",
    sees: /local_port is 84444, and ports end at 65535/,
  },
  {
    name: "a revision that is gone",
    hash: "/changes/port-forwards/999",
    sees: "Revision 999 is not kept any more.",
  },
  {
    name: "no changes yet",
    hash: "/changes/warehouse",
    sees: "No changes yet. The first sync appears here.",
  },
  {
    name: "changes of nothing",
    hash: "/changes",
    asked: "empty",
    sees: "No changes yet. The first sync appears here.",
  },
  { name: "hostile changes", hash: "/changes", asked: "hostile", sees: ["main"] },
];

const section = (id: string, name: string, act?: State["act"]): State => ({
  name: `settings: ${name}`,
  hash: `/settings/${id}`,
  ...(act ? { act } : {}),
  sees: ["heading", { name: "Settings" }],
});

const settings: State[] = [
  { name: "settings", hash: "/settings", sees: ["heading", { name: "Settings" }] },
  section("accounts", "accounts"),
  section("accounts", "a new account", button("Add account")),
  section("contexts", "contexts"),
  section("consents", "consents"),
  section(
    "checkup",
    "checkup",
    inTurn(button("Run checkup"), (page) => page.getByText("Run again").waitFor()),
  ),
  section("data", "data"),
  section("about", "about"),
  section("general", "a search", fill("Search settings", "token")),
  section("general", "a search without a match", fill("Search settings", "payx")),
  { ...section("accounts", "nobody is signed in"), asked: "empty" },
  { ...section("general", "hostile"), asked: "hostile" },
];

const look = inTurn(fill("Repository", "acme/port-forwards"), button("Check access"), (page) =>
  page.getByRole("button", { name: "Continue" }).waitFor(),
);

const sources: State[] = [
  { name: "a source", hash: "/source/port-forwards", sees: ["heading"] },
  { name: "a source in trouble", hash: "/source/warehouse", asked: "troubled", sees: "Is it meant?" },
  {
    name: "a source with a broken file",
    hash: "/source/port-forwards",
    asked: "troubled",
    sees: ["heading"],
  },
  { name: "a hostile source", hash: "/source/port-forwards", asked: "hostile", sees: ["heading"] },
  {
    name: "the menu of a source",
    hash: "/source/port-forwards",
    act: button("More"),
    sees: ["menu"],
  },
  {
    name: "what a sync would do",
    hash: "/source/port-forwards",
    act: button(/^Preview/, false),
    sees: ["dialog"],
  },
  {
    name: "no more of a source",
    hash: "/source/port-forwards",
    act: inTurn(button("More"), item(/^Remove/)),
    sees: ["dialog", { name: /^Stop following/ }],
  },
  {
    name: "an empty repository",
    hash: "/source/warehouse",
    asked: "troubled",
    act: button("Is it meant?"),
    sees: "Keep them",
  },
  { name: "a new source", hash: "/add", sees: ["heading"] },
  { name: "a new source: its access", hash: "/add", act: look, sees: ["button", { name: "Continue" }] },
  {
    name: "a new source: not visible",
    hash: "/add",
    act: inTurn(fill("Repository", "acme/nowhere"), button("Check access")),
    sees: /private, or no such repository/i,
  },
  {
    name: "a new source: its environments",
    hash: "/add",
    act: inTurn(look, button("Continue")),
    sees: ["button", { name: /^Preview/ }],
  },
  {
    name: "a new source: a preview",
    hash: "/add",
    act: inTurn(look, button("Continue"), button(/^Preview/)),
    sees: ["button", { name: "Add source" }],
  },
];

/** Every state of a page that the engine in memory can be in, and everything that can lie over one. */
export const states: State[] = [
  ...lists,
  ...menus,
  ...panels,
  ...dialogs,
  ...changes,
  ...settings,
  ...sources,
];

/** Brings a page, which is at the state's address, to the state, and waits until it is seen. */
export async function reach(page: Page, { act, sees }: State) {
  await page.getByRole("main").waitFor();
  await act?.(page);
  const seen = Array.isArray(sees) ? page.getByRole(...sees) : page.getByText(sees);
  await seen.first().waitFor();
}
