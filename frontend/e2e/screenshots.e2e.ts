import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, test } from "vitest";
import { pagesInBrowser } from "./browser";
import { reach, type State, states } from "./states";

/** Where pictures for the README are put; "" makes none. `go run ./build/dev test --screenshots` says where. */
const folder = process.env.PORTOLAN_SCREENSHOTS ?? "";

/** Where a picture of every state is put; "" makes none. `go run ./build/dev pictures` says where. */
const every = process.env.PORTOLAN_PICTURES ?? "";

/** Syncs, some seconds ago: the clock has run past the time of the next one. */
const sync = async (page: Page) => {
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.clock.runFor(20_000);
};

describe.runIf(folder || every)("pictures", () => {
  const { at, withPage } = pagesInBrowser();

  /**
   * Takes pictures of a state in light and in dark; each is put where files say, in the pixels of the screen or of the
   * page. The page's clock runs ahead by seconds, so that traffic has a shape.
   */
  const take = (
    state: State,
    options: BrowserContextOptions,
    seconds: number,
    files: (scheme: string) => Array<[path: string, scale: "css" | "device"]>,
  ) =>
    withPage(options, async (page) => {
      await page.clock.install();
      await page.goto(at(state.hash, state.asked));
      await page.getByRole("main").waitFor();
      await page.clock.runFor(1000 * seconds);
      await reach(page, state);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
        for (const [path, scale] of files(colorScheme)) await page.screenshot({ path, scale });
      }
    });

  describe.runIf(folder)("pictures for the README", () => {
    const pictures: State[] = [
      { name: "forwards", hash: "/all", act: sync, sees: "Up to date" },
      { name: "changes", hash: "/changes", act: sync, sees: "Up to date" },
      { name: "source", hash: "/source/port-forwards", act: sync, sees: ["heading"] },
      { name: "settings", hash: "/settings", sees: ["heading"] },
    ];
    test.each(pictures)("$name", (state) =>
      take(state, { deviceScaleFactor: 2 }, 125, (scheme) => [
        [join(folder, `${state.name}-${scheme}.png`), "device"],
      ]),
    );
  });

  describe.runIf(every)("pictures of every state", () => {
    test.each(states)(
      "$name",
      async (state) => {
        const path = (size: string, scheme: string) =>
          join(every, `${state.name.replace(/[^\w]+/g, "-")}-${size}-${scheme}.png`);
        await take(state, { viewport: { width: 720, height: 480 } }, 20, (scheme) => [
          [path("720x480", scheme), "css"],
        ]);
        await take(state, { deviceScaleFactor: 2 }, 20, (scheme) => [
          [path("1280x800", scheme), "css"],
          [path("1280x800@2x", scheme), "device"],
        ]);
      },
      120_000,
    );
  });
});
