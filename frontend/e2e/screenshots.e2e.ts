import { join } from "node:path";
import { describe, test } from "vitest";
import { pagesInBrowser } from "./browser";

/** Where pictures of the pages are put; "" makes none. `go run ./build/dev test --screenshots` says where. */
const folder = process.env.PORTOLAN_SCREENSHOTS ?? "";

const pictures: Array<[name: string, hash: string]> = [
  ["forwards", "/all"],
  ["changes", "/changes"],
  ["source", "/source/port-forwards"],
  ["settings", "/settings"],
];

describe.runIf(folder)("pictures for the README", () => {
  const { at, withPage } = pagesInBrowser();

  test.each(["light", "dark"] as const)("%s", async (colorScheme) => {
    for (const [name, hash] of pictures)
      await withPage({ colorScheme, deviceScaleFactor: 2 }, async (page) => {
        await page.goto(at(hash));
        await page.waitForTimeout(3000); // the sparklines have a shape by then
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
      });
  });
});
