import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import { expectAccessible } from "./axe";
import { openBrowser, Pages, withPage } from "./browser";

/** Every page, by its address. */
const addresses = [
  "/all",
  "/mine",
  "/environment/port-forwards/development",
  "/changes",
  "/changes/port-forwards/4",
  "/settings",
  "/source/port-forwards",
  "/add",
];

/** What lies over a page, and how it is opened. */
const overlays: Array<{ name: string; open: (page: Page) => Promise<unknown> }> = [
  { name: "the keys", open: (page) => page.keyboard.press("?") },
  { name: "the palette", open: (page) => page.keyboard.press("Control+k") },
  { name: "a new forward", open: (page) => page.keyboard.press("Control+n") },
  {
    name: "details",
    open: (page) => page.getByRole("button", { name: "checkout-api", exact: true }).first().click(),
  },
  {
    name: "an edit",
    open: async (page) => {
      await page.getByRole("grid").focus();
      for (const key of ["Home", "ArrowDown", "e"]) await page.keyboard.press(key);
    },
  },
  {
    name: "a protected start",
    open: async (page) => {
      await page.goto(page.url().replace(/#.*/, "#/environment/port-forwards/production"));
      await page
        .getByRole("button", { name: /^Start / })
        .last()
        .click();
    },
  },
];

let browser: Browser;
let pages: Pages;

beforeAll(async () => {
  [browser, pages] = await Promise.all([openBrowser(), Pages.serve()]);
});

afterAll(async () => {
  await browser.close();
  pages.close();
});

describe("axe finds nothing", () => {
  test.each(["empty", "1", "10000"])("on any page with %s forwards", (asked) =>
    withPage(browser, {}, async (page) => {
      for (const hash of addresses) {
        await page.goto(pages.at(hash, asked));
        await page.getByRole("main").waitFor();
        await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
        await expectAccessible(page, hash);
      }
    }),
  );

  test("on a small window", () =>
    withPage(browser, { viewport: { width: 720, height: 480 } }, async (page) => {
      for (const hash of addresses) {
        await page.goto(pages.at(hash));
        await page.getByRole("main").waitFor();
        await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
        await expectAccessible(page, hash);
      }
    }));

  test.each(overlays)("on $name", ({ name, open }) =>
    withPage(browser, {}, async (page) => {
      await page.goto(pages.at("/all"));
      await page.getByRole("grid").waitFor();
      await open(page);
      await page
        .getByRole(name === "details" ? "complementary" : "dialog")
        .last()
        .waitFor();
      await expectAccessible(page, name);
    }),
  );
});
