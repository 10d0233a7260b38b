import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, Pages, withPage } from "./browser";

let browser: Browser;
let pages: Pages;

beforeAll(async () => {
  [browser, pages] = await Promise.all([openBrowser(), Pages.serve()]);
});

afterAll(async () => {
  await browser.close();
  pages.close();
});

/** The name of what has the focus, or its role where it has none. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement as HTMLElement | null;
    return at?.getAttribute("aria-label") ?? at?.textContent ?? "";
  });

test("a forward is found, looked at, edited and started without a mouse", () =>
  withPage(browser, {}, async (page) => {
    await page.goto(pages.at("/all"));
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
  withPage(browser, {}, async (page) => {
    await page.goto(pages.at("/all"));
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
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Keep as my own");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await page.keyboard.press("Control+z");
    await page.getByRole("button", { name: "Keep as my own" }).waitFor();
    await page.goBack();
    await page.getByRole("grid").waitFor();
  }));

test("F6 leads through every part of the window and round again", () =>
  withPage(browser, {}, async (page) => {
    await page.goto(pages.at("/changes"));
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
