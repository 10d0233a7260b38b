import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressIn, openBrowser, openPage, pagesInBrowser, type Watched } from "./browser";
import { Demo } from "./demo";

const { at, withPage } = pagesInBrowser();

/** The name of what has the focus, or its role where it has none. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement as HTMLElement | null;
    return at?.getAttribute("aria-label") ?? at?.textContent ?? "";
  });

test("a forward is found, looked at, edited and started without a mouse", () =>
  withPage({}, async (page) => {
    await page.goto(at("/all"));
    await page.getByRole("grid").waitFor();
    await page.keyboard.press("/");
    expect(await focused(page)).toBe("Search forwards");
    await page.keyboard.type("cart-worker");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("grid").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const panel = page.getByRole("complementary");
    await panel.waitFor();
    await page.keyboard.press("e");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    expect(await dialog.evaluate((d) => d.contains(document.activeElement))).toBe(true);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "hidden" });
  }));

test("the history is walked with the arrow keys, and Back leaves it at once", () =>
  withPage({}, async (page) => {
    await page.goto(at("/all"));
    await page.getByRole("link", { name: /^Changes/ }).focus();
    await page.keyboard.press("Enter");
    const newest = page.getByRole("link", { name: /Move payments-db behind pgbouncer/ });
    await newest.waitFor();
    await newest.focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("heading", { name: /^Tidy tags/ }).waitFor();
    expect(await focused(page)).toContain("Tidy tags");
    await page.keyboard.press("End");
    await page.getByRole("heading", { name: "First forwards" }).waitFor();
    await page.keyboard.press("Home");
    await page.getByRole("heading", { name: "Move payments-db behind pgbouncer" }).waitFor();
    for (let i = 0; i < 3; i++) await page.keyboard.press("Tab"); // past the commit's link and the comparison
    expect(await focused(page)).toBe("Keep as my own");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await page.keyboard.press("Control+z");
    await page.getByRole("button", { name: "Keep as my own" }).waitFor();
    await page.goBack();
    await page.getByRole("grid").waitFor();
  }));

test("F6 leads through every part of the window and round again", () =>
  withPage({}, async (page) => {
    await page.goto(at("/changes"));
    await page.getByRole("heading", { name: /^Move payments-db/ }).waitFor();
    const seen: string[] = [];
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press("F6");
      seen.push(
        await page.evaluate(() => {
          const parts = [...document.querySelectorAll("[data-part]")];
          return String(parts.findIndex((p) => p.contains(document.activeElement)));
        }),
      );
    }
    const parts = await page.evaluate(() => document.querySelectorAll("[data-part]").length);
    expect(new Set(seen).size).toBe(parts);
    expect(seen).not.toContain("-1");
  }));

/** The first steps with the real engine, by one who has no mouse. */
describe("without a mouse, on the real engine", () => {
  let browser: Browser;
  let demo: Demo;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    [browser, demo] = await Promise.all([openBrowser(), Demo.start()]);
    watched = await openPage(browser);
    page = watched.page;
    await page.goto(demo.link);
    await page.getByRole("heading", { name: "All forwards" }).waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const row = (name: string) =>
    page.getByRole("row").filter({ has: page.getByRole("button", { name, exact: true }) });
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Goes on with Tab until something has the focus. */
  const reach = async (what: Locator) => {
    await what.waitFor();
    for (let i = 0; i < 80; i++) {
      if (await what.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not lead to ${what}`);
  };
  const palette = async (words: string) => {
    await press("Control+k");
    await page.getByLabel("Forwards, environments, what to do").waitFor();
    await page.keyboard.type(words);
    await page.getByRole("dialog", { name: "Palette" }).getByText(words).first().waitFor();
    await press("Enter");
  };
  const toShop = async () => {
    await press("Home");
    for (let i = 0; i < 20; i++) {
      const cursor = page.locator(
        `[id="${await page.getByRole("grid").getAttribute("aria-activedescendant")}"]`,
      );
      if (await cursor.getByRole("button", { name: "shop", exact: true }).count()) return;
      await press("ArrowDown");
    }
    throw new Error("the arrow keys do not lead to shop");
  };

  test("a source is removed, and added again", async () => {
    await reach(page.getByRole("link", { name: "demo-team/forwards" }));
    await press("Enter");
    await reach(page.getByRole("button", { name: "More", exact: true }));
    await press("Enter");
    await page.getByRole("menu").waitFor();
    await press("End", "Enter");
    const dialog = page.getByRole("dialog", { name: /^Stop following/ });
    await reach(dialog.getByRole("radio").first());
    await press("ArrowDown");
    await reach(dialog.getByRole("button", { name: /^Remove/ }));
    await press("Enter");
    await reach(page.getByLabel("Repository"));
    await page.keyboard.type(demo.repository);
    await press("Enter");
    for (const name of [/^Continue/, /^Preview/, /^Add source/]) {
      await reach(page.getByRole("main").getByRole("button", { name, disabled: false }).last());
      await press("Enter");
    }
    await page.getByRole("link", { name: /^development/ }).waitFor();
  });

  test("a forward starts and carries", async () => {
    await palette("Go to development");
    await page.getByRole("heading", { name: /development/i }).waitFor();
    await row("shop").waitFor();
    await toShop();
    await press("Space");
    await row("shop").getByRole("button", { name: "Listening" }).waitFor();
    expect((await fetch(`http://${await addressIn(row("shop"))}/`)).status).toBe(200);
  });

  test("its port is edited in its details, and the edit undone", async () => {
    const before = await addressIn(row("shop"));
    await press("Enter");
    const panel = page.getByRole("complementary", { name: /shop/ });
    await reach(panel.getByRole("button", { name: "Edit" }));
    await press("Enter");
    const dialog = page.getByRole("dialog", { name: "Edit shop" });
    await reach(dialog.getByLabel("Local port"));
    await press("Control+a");
    await page.keyboard.type("19437");
    await press("Enter");
    await dialog.waitFor({ state: "hidden" });
    await row("shop").getByText("19437").waitFor();
    await press("Control+z");
    await row("shop").getByText("19437").waitFor({ state: "hidden" });
    expect(await addressIn(row("shop"))).toBe(before);
    await press("Escape");
    await panel.waitFor({ state: "hidden" });
  });

  test("it stops", async () => {
    await reach(page.getByRole("grid"));
    await toShop();
    await press("Space");
    await row("shop").getByRole("button", { name: "Off" }).waitFor();
    expect(watched.errors).toEqual([]);
  });
});
