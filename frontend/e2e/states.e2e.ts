import { describe, expect, test } from "vitest";
import { pagesInBrowser } from "./browser";
import { reach, states } from "./states";

/** Every state that a forward can be shown in, by the words of its glyph. */
const phases = [
  "Off",
  "Listening",
  "Connecting",
  "Ready",
  "Waiting for a pod",
  "Waiting for the cluster",
  "Sign-in needed",
  "Not permitted",
  "Port taken",
  "Waits for your yes",
  "Not supported yet",
  "Stalled",
];

const { at, withPage } = pagesInBrowser();

describe("each state is shown", () => {
  test.each(states)("$name", (state) =>
    withPage({}, async (page) => {
      await page.goto(at(state.hash, state.asked));
      await reach(page, state);
    }),
  );

  test("of a forward", () =>
    withPage({ viewport: { width: 1280, height: 2000 } }, async (page) => {
      await page.goto(at("/all", "phases"));
      await page.getByRole("grid").waitFor();
      const labels = await page
        .getByRole("row")
        .getByRole("button")
        .evaluateAll((buttons) => buttons.map((b) => b.getAttribute("aria-label") ?? ""));
      const missing = phases.filter((word) => !labels.some((l) => l === word || l.startsWith(`${word}:`)));
      expect(missing).toEqual([]);
    }));
});
