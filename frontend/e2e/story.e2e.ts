import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, connect } from "../src/backend/backend";
import { expectAccessible } from "./axe";
import { addressIn, openBrowser, openPage, type Watched } from "./browser";
import { Demo } from "./demo";

/** A port of this machine that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The intents that this day leaves out, and why. */
const leftOut: Partial<Record<keyof Backend, string>> = {
  signIn: "the demo's GitHub has no accounts; app/testdata/script/sign_in.txt signs in to one that has",
  signOut: "as signIn",
  device: "the demo's GitHub has no app; app/testdata/script/device.txt signs in with a code",
  deviceWait: "as device",
};

/** Where each intent is asked of the engine. */
function pathsOfIntents(): Array<[name: keyof Backend, path: string]> {
  let path = "";
  const intents = connect((method) => {
    path = method;
    return new Promise(() => {});
  });
  return (Object.keys(intents) as Array<keyof Backend>).map((name) => {
    void (intents[name] as (...any: string[]) => unknown)("", "", "");
    return [name, path];
  });
}

/** What a person does on the first day, on the real engine. The steps follow each other on one page. */
describe("a day with a team's forwards", () => {
  let browser: Browser;
  let demo: Demo;
  let watched: Watched;
  let page: Page;
  let port: number;
  const asked = new Set<string>();

  beforeAll(async () => {
    [browser, demo] = await Promise.all([openBrowser(), Demo.start()]);
    watched = await openPage(browser);
    page = watched.page;
    page.on("request", (request) => asked.add(request.url().split("/api/")[1] ?? ""));
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const row = (name: string) =>
    page.getByRole("row").filter({ has: page.getByRole("button", { name, exact: true }) });
  const visit = (hash: string) => page.goto(page.url().replace(/#.*|$/, `#${hash}`));
  const palette = async (words: string) => {
    await page.keyboard.press("Control+k");
    await page.getByLabel("Forwards, environments, what to do").fill(words);
    await page.getByRole("dialog", { name: "Palette" }).getByText(words).first().click();
  };

  test("the link signs in, and leaves the address bar", async () => {
    await page.goto(demo.link);
    await page.getByRole("heading", { name: "All forwards" }).waitFor();
    await row("shop").first().waitFor();
    expect(page.url()).not.toContain("code=");
  });

  test("a source goes, and comes back by its address, after a look at it", async () => {
    await visit("/source/team");
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Remove the source…" }).click();
    const dialog = page.getByRole("dialog", { name: /^Stop following/ });
    await dialog.getByRole("radio", { name: /^Remove/ }).check();
    await dialog.getByRole("button", { name: /^Remove/ }).click();
    await page.getByRole("button", { name: "Check access" }).waitFor();
    await page.getByLabel("Repository").fill(demo.repository);
    await page.getByRole("button", { name: "Check access" }).click();
    await expectAccessible(page, "the access to a repository");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: /^Preview/ }).click();
    await page.getByText("postgres").first().waitFor();
    await page.getByRole("button", { name: "Add source" }).last().click();
    await page.getByRole("link", { name: /^development/ }).waitFor();
  });

  test("a forward starts and carries", async () => {
    await page.getByRole("link", { name: /^development/ }).click();
    await page.getByRole("heading", { name: /development/i }).waitFor();
    const shop = row("shop");
    await shop.getByRole("button", { name: "Off" }).waitFor();
    await shop.getByRole("button", { name: "Start shop" }).click();
    await shop.getByRole("button", { name: "Listening" }).waitFor();
    const answer = await fetch(`http://${await addressIn(shop)}/`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("shop");
    await shop.getByRole("button", { name: "Ready" }).waitFor();
  });

  test("the page comes back after a reload, without the link", async () => {
    await page.reload();
    await row("shop").getByRole("button", { name: "Stop shop" }).waitFor();
  });

  test("production asks first, and No is the safe answer", async () => {
    await page.getByRole("link", { name: /^production/ }).click();
    await page.getByRole("heading", { name: /production/i }).waitFor();
    const list = page.getByRole("grid");
    await list
      .getByRole("button", { name: /^Start / })
      .first()
      .click();
    const question = page.getByRole("dialog", { name: /in production\?/ });
    await question.waitFor();
    await page.keyboard.press("Enter");
    await question.waitFor({ state: "hidden" });
    expect(await list.getByRole("button", { name: /^Stop / }).count()).toBe(0);
  });

  test("an edit holds, and the repository wins over it", async () => {
    await palette("Pause syncing");
    await page.getByText("Paused", { exact: true }).waitFor();
    await page.getByRole("link", { name: /^development/ }).click();
    await row("shop").getByRole("button", { name: "shop", exact: true }).click();
    await page.getByRole("complementary", { name: /shop/ }).getByRole("button", { name: "Edit" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit shop" });
    port = await freePort();
    await dialog.getByLabel("Local port").fill(String(port));
    await dialog.getByText("Until the next sync", { exact: true }).click();
    await dialog.getByRole("button", { name: "Save until the next sync" }).click();
    await dialog.waitFor({ state: "hidden" });
    await row("shop").getByText(String(port)).waitFor();
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);

    demo.commit("development.json", "The web shop", "The shop on the web", "Say it better");
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.getByText("The shop on the web").first().waitFor();
    await row("shop").getByText(String(port)).waitFor({ state: "hidden" });
  });

  test("the changes show the commit and the edit that it overruled", async () => {
    await page.getByRole("link", { name: /^Changes/ }).click();
    await page.getByRole("heading", { name: "Say it better" }).waitFor();
    await page.getByRole("heading", { name: "Your edit of shop was superseded" }).waitFor();
    await page.getByText(`${port} yours`).waitFor();
    await page.getByText("The shop on the web", { exact: true }).waitFor();
    await expectAccessible(page, "changes of the real engine");
  });

  test("an answer can be taken back", async () => {
    const edit = page.getByRole("region", { name: "Your edit of shop" });
    await edit.getByRole("button", { name: "Dismiss" }).click();
    await edit.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).last().click();
    await edit.waitFor();
    await edit.getByRole("button", { name: "Keep as my own" }).click();
    await edit.waitFor({ state: "hidden" });
    await page.getByRole("link", { name: /^My forwards/ }).click();
    await row("shop").waitFor();
  });

  test("a forward of one's own comes, is completed from the cluster, and goes", async () => {
    await page.keyboard.press("Control+n");
    const dialog = page.getByRole("dialog", { name: "New forward" });
    await dialog.getByLabel("Name", { exact: true }).fill("browse");
    await dialog.getByLabel("Context").fill("demo-dev");
    await dialog.getByLabel("Namespace").fill("shop-dev");
    await dialog.getByLabel("Target", { exact: true }).fill("shop");
    await page.getByRole("option", { name: "shop", exact: true }).click();
    await dialog.getByLabel("Port of the target").fill("http");
    await dialog.getByRole("button", { name: "Add forward" }).click();
    await row("browse").waitFor();
    await page.getByRole("button", { name: "More for browse" }).click();
    await page.getByRole("menuitem", { name: "Copy as kubectl" }).click();
    await page.getByText("Copied the kubectl command").waitFor();
    await page.getByRole("button", { name: "More for browse" }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    await row("browse").waitFor({ state: "hidden" });
  });

  test("forwards go out as a file, and one comes in", async () => {
    await visit("/settings/data");
    await page.getByRole("button", { name: "Copy all forwards as an environment file" }).click();
    await page.getByText(/^Copied \d+ forwards as an environment file/).waitFor();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Import forwards" });
    await dialog
      .getByRole("textbox", { name: /^An environment file/ })
      .fill("kubectl --context demo-dev -n shop-dev port-forward svc/orders 39431:80");
    await dialog.getByRole("button", { name: "Import" }).click();
    await page.getByText("Added 1 forward to My forwards").waitFor();
  });

  test("favourites are in the order that a person gives them, and Undo gives the old one back", async () => {
    await page.getByRole("link", { name: /^development/ }).click();
    for (const name of ["orders", "database"]) {
      await page.getByRole("button", { name: `More for ${name}`, exact: true }).click();
      await page.getByRole("menuitem", { name: "Favourite" }).click();
    }
    const marked = page.getByRole("navigation").getByRole("button", { name: /^Off (orders|database)/ });
    await marked.nth(1).waitFor();
    const order = async () => (await marked.allInnerTexts()).map((text) => text.split(/\s/)[0]).join();
    expect(await order()).toBe("orders,database");
    const [first, second] = [await marked.first().boundingBox(), await marked.nth(1).boundingBox()];
    if (!first || !second) throw new Error("the favourites are not drawn");
    await page.mouse.move(first.x + 40, first.y + 14);
    await page.mouse.down();
    await page.mouse.move(second.x + 40, second.y + 20, { steps: 4 });
    await page.mouse.up();
    await expect.poll(order).toBe("database,orders");
    expect(await page.getByRole("complementary", { name: /orders|database/ }).count()).toBe(0); // a drag opens nothing
    await page.keyboard.press("Control+z");
    await expect.poll(order).toBe("orders,database");
    await marked.first().focus();
    await page.keyboard.press("Alt+ArrowDown");
    await expect.poll(order).toBe("database,orders");
  });

  test("what a sync brings is washed once, for who wants things to move", async () => {
    await page.emulateMedia({ reducedMotion: "no-preference" });
    demo.commit(
      "development.json",
      '"forwards": [',
      '"forwards": [{"alias": "fresh", "service": "shop", "namespace": "shop-dev", "context": "demo-dev", "remote_port": 80},',
      "Add a fresh one",
    );
    await page.getByRole("button", { name: "Sync now" }).click();
    const washed = (name: string) =>
      row(name).evaluate((r) =>
        r.getAnimations({ subtree: true }).some((a) => "animationName" in a && a.effect),
      );
    await row("fresh").waitFor();
    expect([await washed("fresh"), await washed("orders")]).toEqual([true, false]);
    await expect.poll(() => washed("fresh"), { timeout: 10_000 }).toBe(false);
    await page.getByRole("link", { name: /^All forwards/ }).click();
    await row("fresh").waitFor();
    expect(await washed("fresh")).toBe(false);
    await page.emulateMedia({ reducedMotion: "reduce" });
  });

  test("a forward that the team moves to another namespace waits for a yes", async () => {
    await page.getByRole("link", { name: /^development/ }).click();
    await row("orders").getByRole("button", { name: "Start orders" }).click();
    await row("orders").getByRole("button", { name: "Listening" }).waitFor();
    demo.commit("development.json", "shop-dev", "shop-staging", "Move it");
    await page.getByRole("button", { name: "Sync now" }).click();
    await row("orders").getByRole("button", { name: "Review" }).click();
    await page
      .getByRole("dialog", { name: "The team moved orders" })
      .getByRole("button", { name: /^Move/ })
      .click();
    await row("orders").getByRole("button", { name: "Listening" }).waitFor();
    await row("orders").getByRole("button", { name: "Stop orders" }).click();
    await row("orders").getByRole("button", { name: "Off" }).waitFor();
  });

  test("settings, contexts and the checkup are of this computer", async () => {
    await visit("/settings/general");
    const hold = page.getByLabel("How long a new connection waits for a ready pod");
    await hold.fill("20 s");
    await hold.press("Enter");
    await page.getByText(/: 20 s$/).waitFor();
    await visit("/settings/contexts");
    await page.getByRole("combobox", { name: "Context for demo-staging in staging" }).click();
    await page.getByRole("option", { name: "demo-dev", exact: true }).click();
    await page.getByText("demo-staging in staging is demo-dev here").waitFor();
    await visit("/settings/checkup");
    await page.getByRole("heading", { name: "Checkup" }).waitFor();
  });

  test("a source says what a sync would do, and keeps its own settings", async () => {
    await page.getByRole("link", { name: "demo-team/forwards" }).click();
    await page.getByRole("button", { name: "Preview" }).click();
    const preview = page.getByRole("dialog");
    await preview.getByText("This computer has what the repository says.").waitFor();
    await page.keyboard.press("Escape");
    await page.getByLabel("Give up a sync after").fill("100 s");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved; it syncs now").waitFor();
  });

  test("an empty repository removes nothing before a yes, which can be revoked", async () => {
    demo.commitNothing("Begin anew");
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.getByRole("button", { name: "Is it meant?" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove them" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await visit("/settings/consents");
    await page.getByRole("button", { name: /^Revoke: .* may have no environment file/ }).click();
    await page.getByText("No shared file has needed your yes.").waitFor();
    await visit("/mine");
  });

  test("every intent was carried out by the real engine, or is known to be left out", () => {
    const never = pathsOfIntents().flatMap(([name, path]) => (asked.has(path) ? [] : name));
    expect(never.sort()).toEqual(Object.keys(leftOut).sort());
  });

  test("nothing went wrong in the page", () => {
    expect(watched.errors).toEqual([]);
  });

  test("a link counts once", async () => {
    const other = await openPage(browser);
    await other.page.goto(demo.link);
    await other.page.getByRole("heading", { name: "This link is used up" }).waitFor();
    await expectAccessible(other.page, "a used link");
    await other.close();
  });

  test("an engine that ends is said, and what was seen stays", async () => {
    await demo.stop();
    await page.getByText(/Portolan does not answer/).waitFor();
    await row("shop").waitFor();
  });
});
