import { notifications } from "@mantine/notifications";
import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { App } from "../../app";
import { connect } from "../../backend/backend";
import { FaultError } from "../../backend/call";
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

test("a setting keeps those that are not changed, and a fault of the engine stands at its field", async () => {
  const { backend } = await open("port-forwards", "waiting");
  const set = vi.spyOn(backend, "setSource");
  fireEvent.click(screen.getByLabelText("load-test"));
  press("Save");
  await waitFor(() => expect(set).toHaveBeenCalledWith(expect.objectContaining({ apply: "review" })));
  expect(set.mock.lastCall?.[0]).not.toHaveProperty("enabled"); // all of them are
  await waitFor(() => expect(screen.queryByText(/not saved yet/)).toBeNull());
  const fault = { kind: "usage", code: "setting-value", message: 'interval cannot be "11s"' } as const;
  set.mockRejectedValueOnce(new FaultError(fault));
  const field = screen.getByLabelText("Look for changes every", { selector: "input" });
  fireEvent.change(field, { target: { value: "11 s" } });
  press("Save");
  const problem = await screen.findByText(/^Interval cannot be "11s"/);
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(problem.getAttribute("role")).toBe("alert");
  expect(document.activeElement).toBe(field);
  expect(screen.getByText("1 setting not saved yet")).toBeTruthy();
});

test("verified commits need somebody to trust", async () => {
  const { backend } = await open("port-forwards");
  const set = vi.spyOn(backend, "setSource");
  fireEvent.click(screen.getByLabelText("Only verified commits"));
  expect(screen.getByText("Name those whose commits are taken")).toBeTruthy();
  press("Save");
  expect(set).not.toHaveBeenCalled();
});

test("a commit that waits is shown row by row, and a yes takes exactly it", async () => {
  const { backend } = await open("port-forwards", "waiting");
  const approved = vi.spyOn(backend, "approve");
  press("Review");
  const dialog = within(await screen.findByRole("dialog"));
  expect(await dialog.findByText("5005")).toBeTruthy();
  expect(dialog.getByText("1 edit of yours would be overruled, and kept in Changes.")).toBeTruthy();
  fireEvent.click(dialog.getByRole("button", { name: "Take these changes" }));
  await waitFor(() =>
    expect(approved).toHaveBeenCalledWith("port-forwards", expect.stringMatching(/^e07b3d5/)),
  );
  expect(await screen.findByText(/^Took e07b3d5/)).toBeTruthy();
  await waitFor(() => expect(screen.queryByText(/wait for your yes/)).toBeNull());
});

test("a yes to a commit that another one has followed takes nothing, and shows what there is now", async () => {
  const { backend } = await open("port-forwards", "waiting");
  const moved = { kind: "failed", code: "review-moved", message: "another commit waits" } as const;
  const approved = vi.spyOn(backend, "approve").mockRejectedValueOnce(new FaultError(moved));
  const reviewed = vi.spyOn(backend, "review");
  press("Review");
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByText("5005");
  const take = dialog.getByRole("button", { name: "Take these changes" });
  fireEvent.click(take);
  expect(await dialog.findByText("Another commit waits now.")).toBeTruthy();
  fireEvent.click(take);
  expect(approved).toHaveBeenCalledTimes(1);
  fireEvent.click(dialog.getByRole("button", { name: "Show it" }));
  await waitFor(() => expect(reviewed).toHaveBeenCalledTimes(2));
  await waitFor(() => expect(dialog.queryByText("Another commit waits now.")).toBeNull());
});

test("a source is held from its menu, does not sync meanwhile, and goes on", async () => {
  const { backend } = await open("port-forwards");
  const synced = vi.spyOn(backend, "sync");
  press("More");
  fireEvent.click(await screen.findByText("Hold at a41f9c2"));
  expect(await screen.findByText(/Nothing newer waits/)).toBeTruthy();
  expect(await screen.findByRole("button", { name: "Undo" })).toBeTruthy();
  press("Sync now");
  expect(synced).not.toHaveBeenCalled();
  press("Resume");
  await waitFor(() => expect(screen.queryByRole("button", { name: "Resume" })).toBeNull());
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
