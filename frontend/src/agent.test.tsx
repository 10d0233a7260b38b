import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "./app";
import type { AgentState, Host } from "./backend";
import { connect } from "./backend/backend";
import { FaultError } from "./backend/call";
import { fakeCall } from "./backend/fake";

configure({ asyncUtilTimeout: 5000 });

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(640);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1000);
  location.hash = "#/all";
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** Opens the app in a window whose agent and pages the test tells. */
function open(first: AgentState["state"], call = fakeCall()) {
  const restart = vi.fn().mockResolvedValue(undefined);
  let tell: (state: AgentState) => void = () => {};
  let show: (page: string) => void = () => {};
  const host: Host = {
    kind: "window",
    copy: vi.fn(),
    open: vi.fn(),
    agent: {
      follow(told) {
        tell = told;
        told({ state: first, version: "1.0", own: "2.0", fault: "" });
      },
      restart,
    },
    pages: (asked) => {
      show = asked;
    },
  };
  render(<App door={{ backend: connect(call), host }} />);
  const say = (state: AgentState["state"], fault = "") =>
    act(() => tell({ state, version: "1.0", own: "2.0", fault }));
  return { restart, say, show: (page: string) => act(() => show(page)) };
}

test("what is with the agent is said, and what helps is one press", async () => {
  const { restart, say } = open("starting");
  expect(await screen.findByText("Starting the agent…")).toBeTruthy();
  say("running");
  await screen.findByRole("grid");
  expect(screen.queryByText(/agent/)).toBeNull();
  const fault = { kind: "failed", code: "disk-full", message: "the disk is full", hint: "make room" };
  say("stopped", JSON.stringify(fault));
  expect(
    screen.getByText("The agent stopped. Running forwards have ended. The disk is full. Make room."),
  ).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Start the agent" }));
  expect(restart).toHaveBeenCalledOnce();
  say("newer");
  expect(screen.getByText(/newer than this window \(2.0\). Update this window/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Restart/ })).toBeNull();
});

test("where there never was an agent, why is said, and nothing looks as if it were coming", async () => {
  location.hash = "#/all";
  const fault = { kind: "failed", code: "store-permission", message: "the disk is read-only" };
  const none = () =>
    Promise.reject(new FaultError({ kind: "unavailable", code: "not-running", message: "" }));
  const { say } = open("starting", none);
  say("stopped", JSON.stringify(fault));
  expect(await screen.findByText("The agent does not run. The disk is read-only.")).toBeTruthy();
  await waitFor(() => expect(screen.queryByText("Reading the forwards")).toBeNull());
});

test("an older agent is restarted, and why it was not is said", async () => {
  const { restart } = open("older");
  restart.mockRejectedValue(
    new FaultError({ kind: "failed", code: "agent-stop", message: "it still runs", hint: "end it yourself" }),
  );
  expect(await screen.findByText(/A restart ends open connections/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Restart as 2.0" }));
  expect(await screen.findByText("It still runs.")).toBeTruthy();
});

test("a dialog outlives the agent, which is started from there: nothing typed is lost", async () => {
  const { restart, say } = open("running");
  await within(await screen.findByRole("grid")).findAllByRole("row");
  fireEvent.click(screen.getByRole("button", { name: "New" }));
  const dialog = await screen.findByRole("dialog");
  fireEvent.change(within(dialog).getByLabelText("Name"), { target: { value: "typed" } });
  say("stopped");
  fireEvent.click(within(dialog).getByRole("button", { name: "Start the agent" }));
  expect(restart).toHaveBeenCalledOnce();
  say("running");
  expect(within(dialog).queryByText(/agent/)).toBeNull();
  expect(within(dialog).getByLabelText<HTMLInputElement>("Name").value).toBe("typed");
});

test("the window opens at the page that it is asked for", async () => {
  const { show } = open("running");
  show("forward/none");
  show("settings");
  await waitFor(() => expect(location.hash).toBe("#/settings/accounts"));
  show("source/port-forwards");
  await waitFor(() => expect(location.hash).toBe("#/source/port-forwards"));
});
