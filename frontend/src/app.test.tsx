import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "./app";
import { connect } from "./backend/backend";
import { FaultError } from "./backend/call";
import { fakeCall } from "./backend/fake";
import type { Host } from "./backend/host";

// A machine that is busy with other tests takes its time.
configure({ asyncUtilTimeout: 5000 });

beforeEach(() => {
  // The list draws what is in sight; a page without layout has no height.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(640);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1000);
  location.hash = "#/environment/port-forwards/development";
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** Opens the app on the invented team. */
async function open(asked = "") {
  const copy = vi.fn<Host["copy"]>().mockResolvedValue();
  const backend = connect(fakeCall(asked));
  render(<App door={{ backend, host: { kind: "browser", copy, open: vi.fn() } }} />);
  const grid = asked === "empty" ? undefined : await screen.findByRole("grid");
  if (grid) await within(grid).findAllByRole("row");
  return { backend, copy, grid: grid as HTMLElement };
}

const row = (name: string) =>
  screen.getByText(name, { selector: "[role=row] button" }).closest<HTMLElement>("[role=row]") as HTMLElement;

test("the list says how each forward is, in words too", async () => {
  await open();
  expect(
    within(row("payments-db")).getByRole("button", { name: /^Port taken: local port 5432/ }),
  ).toBeTruthy();
  expect(within(row("payments-db")).getByText("Port 5432 is taken by postgres (pid 4127)")).toBeTruthy();
  expect(within(row("checkout-api")).getByRole("button", { name: "Ready" })).toBeTruthy();
});

test("the remedy is one press", async () => {
  await open();
  fireEvent.click(within(row("payments-db")).getByRole("button", { name: "Use 15432" }));
  await waitFor(() => expect(row("payments-db").textContent).toContain("127.0.0.1:15432"));
});

test("keys: move, start, copy, select, leave", async () => {
  const { grid, copy } = await open();
  grid.focus();
  const cursor = () => document.getElementById(grid.getAttribute("aria-activedescendant") ?? "");
  fireEvent.keyDown(grid, { key: "ArrowDown" });
  expect(cursor()?.textContent).toContain("checkout-api");
  fireEvent.keyDown(grid, { key: "c" });
  expect(copy).toHaveBeenCalledWith("127.0.0.1:8080");
  fireEvent.keyDown(grid, { key: " " });
  await waitFor(() => expect(within(row("checkout-api")).getByRole("button", { name: "Off" })).toBeTruthy());
  fireEvent.keyDown(grid, { key: "ArrowDown", shiftKey: true });
  expect(screen.getByText("2 selected")).toBeTruthy();
  fireEvent.keyDown(window, { key: "Escape" });
  expect(screen.queryByText("2 selected")).toBeNull();
  fireEvent.keyDown(grid, { key: "ArrowLeft" });
  fireEvent.keyDown(grid, { key: "ArrowLeft" });
  expect(screen.queryByText("checkout-api", { selector: "[role=row] button" })).toBeNull();
});

test("a search that finds nothing says where, and offers to look everywhere", async () => {
  await open();
  fireEvent.change(screen.getByRole("textbox", { name: "Search forwards" }), {
    target: { value: "prod-grafana" },
  });
  expect(await screen.findByText("Nothing matches “prod-grafana” in development.")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Search everywhere" }));
  await waitFor(() => expect(row("prod-grafana")).toBeTruthy());
});

test("a protected forward starts after a yes only, and the safe answer has the focus", async () => {
  location.hash = "#/environment/port-forwards/production";
  await open();
  fireEvent.click(await screen.findByRole("button", { name: "Start prod-orders-db" }));
  const question = await screen.findByText("Start prod-orders-db in production?");
  await waitFor(() => expect(document.activeElement?.textContent).toBe("Cancel"));
  const dialog = question.closest<HTMLElement>("[role=dialog]");
  expect(within(row("prod-orders-db")).getByRole("button", { name: "Off" })).toBeTruthy();
  fireEvent.click(within(dialog as HTMLElement).getByRole("button", { name: "Start prod-orders-db" }));
  await waitFor(() =>
    expect(within(row("prod-orders-db")).getByRole("button", { name: "Listening" })).toBeTruthy(),
  );
});

test("an edit of another field than port, address and context cannot be for this computer", async () => {
  const { grid } = await open();
  grid.focus();
  fireEvent.keyDown(grid, { key: "ArrowDown" });
  fireEvent.keyDown(grid, { key: "e" });
  const name = await screen.findByLabelText("Name");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Only on this computer/ }).disabled).toBe(false);
  fireEvent.change(name, { target: { value: "another" } });
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Only on this computer/ }).disabled).toBe(true);
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /My own copy/ }).checked).toBe(true);
  fireEvent.click(screen.getByRole("button", { name: "Save as my own" }));
  expect(await screen.findByText("another is one of My forwards")).toBeTruthy();
});

test("an environment is stopped and started as a whole from the sidebar", async () => {
  await open();
  const item = screen.getByRole("link", { name: /^development/ });
  fireEvent.contextMenu(item);
  fireEvent.click(await screen.findByRole("menuitem", { name: /^Stop \d+ forwards$/ }));
  await waitFor(() => expect(within(row("checkout-api")).getByRole("button", { name: "Off" })).toBeTruthy());
  fireEvent.click(screen.getByRole("button", { name: /^Start \d+ forwards in development$/ }));
  await waitFor(() =>
    expect(within(row("checkout-api")).getByRole("button", { name: "Listening" })).toBeTruthy(),
  );
});

test("a protected environment starts as a whole after a question, whose safe answer has the focus", async () => {
  const { backend } = await open();
  const start = vi.spyOn(backend, "start");
  const ask = () =>
    fireEvent.click(screen.getByRole("button", { name: /^Start \d+ forwards in production$/ }));
  ask();
  const question = await screen.findByRole("dialog", { name: /^Start \d+ forwards in production\?$/ });
  await waitFor(() => expect(document.activeElement?.textContent).toBe("Cancel"));
  fireEvent.click(within(question).getByRole("button", { name: "Cancel" }));
  expect(start).not.toHaveBeenCalled();
  ask();
  fireEvent.click(await screen.findByRole("button", { name: /^Start \d+$/ }));
  await waitFor(() => expect(start).toHaveBeenCalledOnce());
});

test("keys that move enter the list where nothing has the focus, and are left to what has it", async () => {
  const { grid } = await open();
  const cursor = () => document.getElementById(grid.getAttribute("aria-activedescendant") ?? "");
  fireEvent.keyDown(document.body, { key: "ArrowDown" });
  expect(document.activeElement).toBe(grid);
  const first = cursor();
  expect(first).toBeTruthy();
  grid.blur();
  fireEvent.keyDown(document.body, { key: "ArrowDown" });
  expect(cursor()).not.toBe(first);
  const search = screen.getByRole("textbox", { name: "Search forwards" });
  search.focus();
  fireEvent.keyDown(search, { key: "End" });
  expect(document.activeElement).toBe(search);
  search.blur();
  const before = cursor();
  fireEvent.keyDown(document.body, { key: "?" });
  await screen.findByRole("dialog");
  fireEvent.keyDown(document.body, { key: "End" });
  expect(cursor()).toBe(before);
});

test("favourites move with Alt and the arrow keys, keep the focus, and move back with Undo", async () => {
  await open();
  const heading = screen.getByText("Favourites");
  const names = () =>
    within(heading.parentElement as HTMLElement)
      .getAllByRole("button")
      .map((button) => button.textContent);
  const [first, second, ...others] = names();
  const moving = within(heading.parentElement as HTMLElement).getAllByRole("button")[0] as HTMLElement;
  moving.focus();
  fireEvent.keyDown(moving, { key: "ArrowDown", altKey: true });
  await waitFor(() => expect(names()).toEqual([second, first, ...others]));
  expect(document.activeElement?.textContent).toBe(first);
  expect(screen.getByText(/is number 2 of \d+$/)).toBeTruthy();
  fireEvent.keyDown(window, { key: "z", ctrlKey: true });
  await waitFor(() => expect(names()).toEqual([first, second, ...others]));
});

test("hostile text is text", async () => {
  const { backend } = await open();
  const alias = `<img src=x onerror="window.hit=1">\u202Egnp`;
  await backend.add("development", { alias, service: "s", remote_port: 80 });
  location.hash = "#/mine";
  expect(await screen.findByText(alias, { selector: "[role=row] button" })).toBeTruthy();
  expect(document.querySelector("[role=grid] img")).toBeNull();
});

test("who follows nothing sees the first run", async () => {
  location.hash = "";
  await open("empty");
  expect(await screen.findByText("Follow your team’s port-forwards")).toBeTruthy();
});

test("a session that is over says how to get a new link", async () => {
  const ended = () =>
    Promise.reject(new FaultError({ kind: "unavailable", code: "session-ended", message: "" }));
  render(<App door={{ backend: connect(ended), host: { kind: "browser", copy: vi.fn(), open: vi.fn() } }} />);
  expect(await screen.findByText("This link is used up")).toBeTruthy();
});

test("an agent that is gone is said, and what was known stays", async () => {
  const call = fakeCall();
  let gone = false;
  const lost = new FaultError({ kind: "unavailable", code: "connection-lost", message: "gone" });
  const backend = connect(async (method, body, signal) => {
    if (gone) throw lost;
    const answer = await call(method, body, signal);
    if (gone) throw lost;
    return answer;
  });
  render(<App door={{ backend, host: { kind: "browser", copy: vi.fn(), open: vi.fn() } }} />);
  await within(await screen.findByRole("grid")).findAllByRole("row");
  gone = true;
  await call("pause", true);
  expect(
    await screen.findByText(/Portolan does not answer. What you see is of \d\d:\d\d:\d\d./),
  ).toBeTruthy();
  expect(row("checkout-api")).toBeTruthy();
  expect(screen.getByRole("grid", { name: /^Forwards, as of \d\d:/ }).closest("[data-stale]")).toBeTruthy();
  const sync = screen.getByRole("region", { name: "Sync" });
  expect(within(sync).getByText(/^As of \d\d:/)).toBeTruthy();
  expect(within(sync).queryByText(/next check/)).toBeNull();
  gone = false;
  expect(await screen.findByRole("grid", { name: "Forwards" })).toBeTruthy();
});
