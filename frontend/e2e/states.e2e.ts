import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { pagesInBrowser } from "./browser";

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

/** Every state of a page that the engine in memory can be in: the page, and what must be seen there. */
const states: Array<{
  name: string;
  hash: string;
  asked?: string;
  act?: (page: Page) => Promise<unknown>;
  sees: Parameters<Page["getByRole"]> | string | RegExp;
}> = [
  { name: "all forwards", hash: "/all", sees: ["grid"] },
  { name: "my forwards", hash: "/mine", sees: ["heading", { name: "My forwards" }] },
  {
    name: "no forward of my own",
    hash: "/mine",
    asked: "empty",
    sees: "Forwards you add here stay on this computer.",
  },
  {
    name: "one environment",
    hash: "/environment/port-forwards/staging",
    sees: ["heading", { name: /staging/i }],
  },
  { name: "nothing is followed", hash: "/all", asked: "empty", sees: ["heading"] },
  {
    name: "a search without a match",
    hash: "/all",
    act: (page) => page.getByLabel("Search forwards").fill("payx"),
    sees: /Nothing matches “payx”/,
  },
  {
    name: "details",
    hash: "/all",
    act: (page) => page.getByRole("button", { name: "checkout-api", exact: true }).first().click(),
    sees: ["complementary", { name: /checkout-api/ }],
  },
  {
    name: "the changes of a source",
    hash: "/changes",
    sees: ["heading", { name: "Move payments-db behind pgbouncer" }],
  },
  { name: "a superseded edit", hash: "/changes", sees: ["button", { name: "Keep as my own" }] },
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
  { name: "settings", hash: "/settings", sees: ["heading", { name: "Settings" }] },
  { name: "a source", hash: "/source/port-forwards", sees: ["heading"] },
  { name: "a new source", hash: "/add", sees: ["heading"] },
];

const { at, withPage } = pagesInBrowser();

describe("each state is shown", () => {
  test.each(states)("$name", ({ hash, asked, act, sees }) =>
    withPage({}, async (page) => {
      await page.goto(at(hash, asked));
      await act?.(page);
      const seen = Array.isArray(sees) ? page.getByRole(...sees) : page.getByText(sees);
      await seen.first().waitFor();
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
