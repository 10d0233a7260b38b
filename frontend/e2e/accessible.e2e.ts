import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { sections } from "../src/features/settings/sections";
import type { Route } from "../src/state/route";
import type { Dialog } from "../src/state/screen";
import { expectAccessible } from "./axe";
import { pagesInBrowser } from "./browser";

/** Every page, by its addresses. */
const addresses: Record<Route["page"], string[]> = {
  all: ["/all"],
  mine: ["/mine"],
  environment: ["/environment/port-forwards/development", "/environment/port-forwards/production"],
  changes: ["/changes", "/changes/port-forwards/4"],
  settings: sections.map(({ id }) => `/settings/${id}`),
  source: ["/source/port-forwards"],
  add: ["/add"],
};

const everywhere = Object.values(addresses).flat();

/** Something that lies over a page, and how it is opened. */
interface Overlay {
  /** Whose it is, below src. */
  from: string;
  hash?: string;
  /** What it is about, without which it cannot be opened. */
  about?: "forward" | "source";
  open: (page: Page) => Promise<unknown>;
  role?: "dialog" | "menu" | "complementary" | "toolbar" | "form";
}

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const onFirst = (page: Page, ...keys: string[]) => press(page, "Home", "ArrowDown", ...keys);

/** The dialogs of the shell; the compiler asks for one that is missing. */
const dialogs: Record<Dialog["kind"], Overlay> = {
  keys: { from: "shell/dialogs.tsx", open: (page) => press(page, "?") },
  new: { from: "shell/dialogs.tsx", open: (page) => press(page, "Control+n") },
  edit: { from: "shell/dialogs.tsx", about: "forward", open: (page) => onFirst(page, "e") },
  import: {
    from: "shell/dialogs.tsx",
    hash: "/settings/data",
    open: (page) => page.getByRole("button", { name: "Import", exact: true }).click(),
  },
  preview: {
    from: "shell/dialogs.tsx",
    hash: "/source/port-forwards",
    about: "source",
    open: (page) => button(page, "Preview"),
  },
  "remove-source": {
    from: "shell/dialogs.tsx",
    hash: "/source/port-forwards",
    about: "source",
    open: async (page) => {
      await page.getByRole("button", { name: "More", exact: true }).click();
      await page.getByRole("menuitem", { name: /^Remove/ }).click();
    },
  },
  confirm: {
    from: "shell/confirmation.tsx",
    about: "source",
    open: async (page) => {
      const production = page.getByRole("link", { name: /^production/ });
      await production.focus();
      await button(page, /^Start \d+ forwards? in production$/);
    },
  },
};

/** What else lies over a page. */
const others: Record<string, Overlay> = {
  palette: { from: "features/palette/palette.tsx", open: (page) => press(page, "Control+k") },
  notices: { from: "shell/notice-bell.tsx", open: (page) => button(page, /^Notices/) },
  details: {
    from: "features/details/details.tsx",
    about: "forward",
    role: "complementary",
    open: (page) => onFirst(page, "Enter"),
  },
  "menu of the details": {
    from: "features/details/details.tsx",
    about: "forward",
    role: "menu",
    open: async (page) => {
      await onFirst(page, "Enter");
      await page.getByRole("complementary").getByRole("button", { name: "More" }).click();
    },
  },
  "menu of a row": {
    from: "features/forwards/row-menu.tsx",
    about: "forward",
    role: "menu",
    open: (page) => button(page, /^More for /),
  },
  "menu of an environment": {
    from: "shell/environment-menu.tsx",
    about: "source",
    role: "menu",
    open: (page) => page.getByRole("link", { name: /^development/ }).click({ button: "right" }),
  },
  "error card": {
    from: "features/forwards/error-card.tsx",
    about: "forward",
    open: (page) =>
      page
        .getByRole("grid")
        .getByRole("button", { name: /^Port taken/ })
        .first()
        .click(),
  },
  "more for all": {
    from: "features/forwards/toolbar.tsx",
    about: "forward",
    role: "menu",
    open: (page) => button(page, "Stop all and more"),
  },
  grouping: {
    from: "features/forwards/filter-bar.tsx",
    about: "forward",
    role: "menu",
    open: (page) => button(page, /^Group /),
  },
  selection: {
    from: "features/forwards/bulk-bar.tsx",
    about: "forward",
    role: "toolbar",
    open: (page) => onFirst(page, "Shift+ArrowDown"),
  },
  "menu of the selection": {
    from: "features/forwards/bulk-bar.tsx",
    about: "forward",
    role: "menu",
    open: async (page) => {
      await onFirst(page, "Shift+ArrowDown");
      await page
        .getByRole("toolbar", { name: "Selected forwards" })
        .getByRole("button", { name: "More" })
        .click();
    },
  },
  "menu of a source": {
    from: "features/source/source-bar.tsx",
    hash: "/source/port-forwards",
    about: "source",
    role: "menu",
    open: (page) => page.getByRole("button", { name: "More", exact: true }).click(),
  },
  "sign-in": {
    from: "features/sign-in/sign-in-form.tsx",
    hash: "/settings/accounts",
    role: "form",
    open: (page) => button(page, "Add account"),
  },
  "sign-in with a code": {
    from: "features/sign-in/device-sign-in.tsx",
    hash: "/settings/accounts",
    role: "form",
    open: async (page) => {
      await button(page, "Add account");
      await button(page, "Sign in with a code");
      await page.getByText("WDJB-MJHT").waitFor();
    },
  },
};

const overlays = Object.entries({ ...dialogs, ...others });

const { at, withPage } = pagesInBrowser();

/** Opens a page, and waits until all of it is there. */
async function open(page: Page, hash: string, asked: string) {
  await page.goto("about:blank"); // what is only another fragment would load nothing anew
  await page.goto(at(hash, asked));
  await page.getByRole("main").waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
}

describe("axe finds nothing", () => {
  test.each(["empty", "1", "10000"])("on any page with %s forwards", { timeout: 180_000 }, (asked) =>
    withPage({}, async (page) => {
      for (const hash of everywhere) {
        await open(page, hash, asked);
        await expectAccessible(page, `${hash} with ${asked}`);
      }
    }),
  );

  test("on a small window", { timeout: 120_000 }, () =>
    withPage({ viewport: { width: 720, height: 480 } }, async (page) => {
      for (const hash of everywhere) {
        await open(page, hash, "");
        await expectAccessible(page, hash);
      }
    }),
  );

  test.each(overlays)("on what lies over a page: %s", { timeout: 120_000 }, (name, overlay) =>
    withPage({}, async (page) => {
      for (const asked of overlay.about ? ["", "10000"] : ["empty", "", "10000"]) {
        await open(page, overlay.hash ?? (asked === "empty" ? "/mine" : "/all"), asked);
        await overlay.open(page);
        const part = page.getByRole(overlay.role ?? "dialog").last();
        await part.waitFor();
        await expectAccessible(page, `${name} with ${asked || "a team"}`);
      }
    }),
  );
});

test("what lies over a page is in the list above", () => {
  const src = join(import.meta.dirname, "..", "src");
  const drawn = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".tsx") && !path.includes(".test."))
    .filter((path) =>
      /<(Menu|Popover|Modal|HoverCard|Drawer)$|<(Menu|Popover|Modal|HoverCard|Drawer)[ >]|Spotlight\.Root|role="(dialog|menu)"/m.test(
        readFileSync(join(src, path), "utf8"),
      ),
    )
    .map((path) => path.replaceAll("\\", "/"));
  const listed = new Set(overlays.map(([, { from }]) => from));
  expect(drawn.filter((path) => !listed.has(path))).toEqual([]);
});
