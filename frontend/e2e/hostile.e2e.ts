import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { pagesInBrowser } from "./browser";

const { at, withPage } = pagesInBrowser();

/** Holds that no text became markup, and that none pushed the page out of its window. */
async function expectUnharmed(page: Page, where: string) {
  const found = await page.evaluate(() => ({
    harmed: "harmed" in window,
    markup: document.querySelectorAll("[onerror], img[src='x']").length,
    wide: document.documentElement.scrollWidth - innerWidth,
    high: document.documentElement.scrollHeight - innerHeight,
  }));
  expect(found, where).toEqual({ harmed: false, markup: 0, wide: 0, high: 0 });
}

const sizes = [
  { width: 720, height: 480 },
  { width: 1280, height: 800 },
];

describe.each(sizes)("hostile texts do no harm at $width x $height", (viewport) => {
  test("on the pages", () =>
    withPage({ viewport }, async (page) => {
      for (const hash of [
        "/all",
        "/environment/port-forwards/development",
        "/changes",
        "/settings",
        "/source/port-forwards",
      ]) {
        await page.goto(at(hash, "hostile"));
        await page.getByRole("main").waitFor();
        await expectUnharmed(page, hash);
      }
    }));

  test("in the rows, which keep their height", () =>
    withPage({ viewport }, async (page) => {
      await page.goto(at("/all", "hostile"));
      await page.getByRole("row").nth(2).waitFor();
      const heights = await page
        .getByRole("row")
        .evaluateAll((rows) => [...new Set(rows.map((r) => r.getBoundingClientRect().height))]);
      expect(heights.filter((h) => h !== 28 && h !== 32)).toEqual([]);
    }));

  test("in what lies over a page", () =>
    withPage({ viewport }, async (page) => {
      await page.goto(at("/all", "hostile"));
      await page.getByRole("grid").focus();
      for (const key of ["Home", "ArrowDown", "Enter"]) await page.keyboard.press(key);
      await page.getByRole("complementary").last().waitFor();
      await expectUnharmed(page, "details");
      await page.keyboard.press("Escape");
      await page.keyboard.press("e");
      await page.getByRole("dialog").waitFor();
      await expectUnharmed(page, "edit");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").last().waitFor();
      await expectUnharmed(page, "palette");
    }));
});
