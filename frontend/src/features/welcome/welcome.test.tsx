import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { App } from "../../app";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("a click on a command copies exactly that command and says so", async () => {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  render(<App />);

  const line = screen.getByRole("button", { name: "Copy: portolan source add OWNER/NAME" });
  fireEvent.click(line);

  expect(write).toHaveBeenCalledExactlyOnceWith("portolan source add OWNER/NAME");
  await vi.waitFor(() => expect(line.textContent).toContain("Copied"));
  const other = screen.getByRole("button", { name: "Copy: portolan serve" });
  expect(other.textContent).not.toContain("Copied");
});

test.each(["light", "dark"] as const)("the page takes the system's %s scheme", (scheme) => {
  vi.spyOn(window, "matchMedia").mockImplementation(
    (query) =>
      ({
        matches: query === "(prefers-color-scheme: dark)" && scheme === "dark",
        media: query,
        addEventListener: () => {},
        removeEventListener: () => {},
      }) as unknown as MediaQueryList,
  );
  render(<App />);
  expect(document.documentElement.dataset.mantineColorScheme).toBe(scheme);
});
