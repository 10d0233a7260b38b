import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";

/** Runs what the window runs in each page that it has loaded. */
function stay(at: string) {
  const code = readFileSync("../app/desktop/stay.js", "utf8").replace("HOME", "wails://wails/");
  const { origin } = new URL(at);
  const location = { href: at, origin, replace: vi.fn() };
  const OpenURL = vi.fn().mockResolvedValue(undefined);
  const window = { go: { desktop: { App: { OpenURL, Background: vi.fn() } } }, open: vi.fn() };
  const matchMedia = () => ({ addEventListener: vi.fn() });
  new Function("location", "window", "matchMedia", code)(location, window, matchMedia);
  return { location, window, OpenURL };
}

test("a stranger's page is left", () => {
  for (const at of ["https://example.org/", "http://wails/", "wails://other/"])
    expect(stay(at).location.replace).toHaveBeenCalledWith("wails://wails/");
});

test("links and windows of our page open in the person's browser", () => {
  const { location, window, OpenURL } = stay("wails://wails/#/all");
  expect(location.replace).not.toHaveBeenCalled();
  const link = document.createElement("a");
  link.href = "https://example.org/link";
  document.body.append(link);
  const click = new MouseEvent("click", { bubbles: true, cancelable: true });
  link.dispatchEvent(click);
  expect(click.defaultPrevented).toBe(true);
  expect(OpenURL).toHaveBeenLastCalledWith("https://example.org/link");
  expect(window.open("https://example.org/window")).toBeNull();
  expect(OpenURL).toHaveBeenLastCalledWith("https://example.org/window");
});
