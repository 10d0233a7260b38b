import { notifications } from "@mantine/notifications";
import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { App } from "../../app";
import { connect } from "../../backend/backend";
import { fakeCall } from "../../backend/fake";

// A busy machine is no fault of the pages.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  notifications.clean(); // they outlive a page
  cleanup();
  vi.restoreAllMocks();
});

/** Opens the page of a source, on a fake engine. */
async function open(name: string, asked = "") {
  location.hash = `#/source/${name}`;
  const backend = connect(fakeCall(asked));
  const host = { kind: "browser" as const, copy: vi.fn().mockResolvedValue(undefined), open: vi.fn() };
  render(<App door={{ backend, host }} />);
  await screen.findByRole("heading", { level: 1, name: `acme/${name}` });
  return { backend, host };
}

const press = (name: string | RegExp) => fireEvent.click(screen.getByRole("button", { name }));

test("a setting that the engine would refuse is not sent; one that is right is, with all others", async () => {
  const { backend } = await open("port-forwards");
  const set = vi.spyOn(backend, "setSource");
  const interval = screen.getByLabelText("Look for changes every", { selector: "input" });
  expect((interval as HTMLInputElement).value).toBe("1 min");
  fireEvent.change(interval, { target: { value: "5 s" } });
  expect(screen.getByText("At least 10 s")).toBeTruthy();
  press("Save");
  expect(set).not.toHaveBeenCalled();
  fireEvent.change(interval, { target: { value: "5 min" } });
  fireEvent.submit(interval);
  await waitFor(() =>
    expect(set).toHaveBeenCalledWith({
      name: "port-forwards",
      repo: { host: "github.com", owner: "acme", name: "port-forwards" },
      interval: "5m",
    }),
  );
  await waitFor(() => expect(screen.queryByText(/not saved yet/)).toBeNull());
});

test("what is typed can be discarded", async () => {
  await open("port-forwards");
  const folder = screen.getByLabelText("Folder or file") as HTMLInputElement;
  fireEvent.change(folder, { target: { value: "envs" } });
  expect(screen.getByText("1 setting not saved yet")).toBeTruthy();
  press("Discard");
  expect(folder.value).toBe("");
});

test("a broken file says where and what", async () => {
  await open("port-forwards", "troubled");
  const place = screen.getByText("staging.json").closest("a");
  expect(place?.textContent).toBe("staging.json:14:21");
  expect(place?.getAttribute("href")).toMatch(/^https:\/\/github\.com\/acme\/port-forwards\/blob\/.*#L14$/);
  expect(screen.getByText("local_port is 70000")).toBeTruthy();
});

test("a repository that has become empty waits for a yes", async () => {
  const { backend } = await open("warehouse", "troubled");
  const confirmed = vi.spyOn(backend, "confirmSource");
  press("Is it meant?");
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText("3 forwards")).toBeTruthy();
  fireEvent.click(within(dialog).getByRole("button", { name: "Remove them" }));
  await waitFor(() => expect(confirmed).toHaveBeenCalledWith("warehouse"));
  await waitFor(() => expect(screen.queryByText(/has no environment file/)).toBeNull());
});

test("the preview says before and after, and syncs", async () => {
  const { backend } = await open("port-forwards");
  const synced = vi.spyOn(backend, "sync");
  press("Preview");
  const dialog = await screen.findByRole("dialog");
  expect(await within(dialog).findByText("3 forwards will change")).toBeTruthy();
  expect(within(dialog).getByText("5005").tagName).toBe("DEL");
  expect(within(dialog).getByText("5006").tagName).toBe("INS");
  fireEvent.click(within(dialog).getByRole("button", { name: "Sync now" }));
  expect(synced).toHaveBeenCalledWith(["port-forwards"]);
});

test("removing names what runs, keeps by default, and can be undone", async () => {
  const { backend } = await open("port-forwards");
  const removed = vi.spyOn(backend, "removeSource");
  press("More");
  fireEvent.click(await screen.findByText("Remove the source…"));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText(/checkout-api, /)).toBeTruthy();
  fireEvent.click(within(dialog).getByLabelText(/^Remove 28 forwards/));
  expect(within(dialog).getByText(/^Stops/)).toBeTruthy();
  fireEvent.click(within(dialog).getByLabelText(/^Keep 28 forwards/));
  fireEvent.click(within(dialog).getByRole("button", { name: "Stop following" }));
  await waitFor(() => expect(removed).toHaveBeenCalledWith("port-forwards", true));
  expect(await screen.findByRole("button", { name: "Undo" })).toBeTruthy();
});

test("a source that is gone says so", async () => {
  location.hash = "#/source/nothing";
  render(
    <App
      door={{
        backend: connect(fakeCall()),
        host: { kind: "browser", copy: vi.fn(), open: vi.fn() },
      }}
    />,
  );
  expect(await screen.findByText("There is no source nothing on this computer.")).toBeTruthy();
});
