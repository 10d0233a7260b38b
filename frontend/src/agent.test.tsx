import { act, cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/react";
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
function open(first: AgentState["state"]) {
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
  render(<App door={{ backend: connect(fakeCall()), host }} />);
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

test("an older agent is restarted, and why it was not is said", async () => {
  const { restart } = open("older");
  restart.mockRejectedValue(
    new FaultError({ kind: "failed", code: "agent-stop", message: "it still runs", hint: "end it yourself" }),
  );
  expect(await screen.findByText(/A restart ends open connections/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Restart as 2.0" }));
  expect(await screen.findByText("It still runs.")).toBeTruthy();
});

test("the window opens at the page that it is asked for", async () => {
  const { show } = open("running");
  show("forward/none");
  show("settings");
  await waitFor(() => expect(location.hash).toBe("#/settings/accounts"));
  show("source/port-forwards");
  await waitFor(() => expect(location.hash).toBe("#/source/port-forwards"));
});
