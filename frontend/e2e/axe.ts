import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Expects that axe finds nothing against the page as it is now, in light and in dark. */
export async function expectAccessible(page: Page, what: string) {
  await page.evaluate(axe.source);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    expect(await violations(page), `${what}, ${colorScheme}`).toEqual([]);
  }
}

function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run();
    // A menu belongs to the button that opened it, and to no landmark; axe knows that of dialogs alone.
    const inMenu = (target: unknown[]) =>
      typeof target[0] === "string" && document.querySelector(target[0])?.closest("[data-portal]");
    return violations.flatMap(({ id, nodes }) =>
      nodes
        .filter((n) => id !== "region" || !inMenu(n.target))
        .map((n) => `${id}: ${n.html.slice(0, 160)} ${n.failureSummary?.split("\n")[1] ?? ""}`),
    );
  });
}
