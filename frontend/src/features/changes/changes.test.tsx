import { notifications } from "@mantine/notifications";
import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { App } from "../../app";
import type { Revision, Row } from "../../backend";
import { connect } from "../../backend/backend";
import { type Call, FaultError } from "../../backend/call";
import { fakeCall } from "../../backend/fake";
import { revisionRows, revisions } from "../../backend/fake-data";

// A machine that is busy with other tests takes its time.
configure({ asyncUtilTimeout: 5000 });

afterEach(() => {
  cleanup();
  notifications.clean();
  notifications.cleanQueue();
  vi.restoreAllMocks();
});

/** Opens the changes of the invented team at an address; over answers some methods in its place. */
function open(hash = "/changes", over: Partial<Record<string, (body: never) => unknown>> = {}) {
  location.hash = hash;
  const fake = fakeCall();
  const call = ((method, body, signal) => {
    const other = over[method] as ((body: unknown) => unknown) | undefined;
    return other ? Promise.resolve().then(() => other(body)) : fake(method, body, signal);
  }) as Call;
  const backend = connect(call);
  render(<App door={{ backend, host: { kind: "browser", copy: vi.fn(), open: vi.fn() } }} />);
  return backend;
}

const side = async () => within(await screen.findByRole("region", { name: "What changed" }));

/** The edit that the invented team has overruled, by one of its answers. */
const edit = async () =>
  within((await screen.findByText("Keep as my own")).closest("section") as HTMLElement);

const noEdit = () => waitFor(() => expect(screen.queryByText("Keep as my own")).toBeNull());

const refused = () => {
  throw new FaultError({ kind: "failed", code: "x", message: "the store is full", hint: "free some room" });
};

/** The newest revision with something else about it. */
const newest = (change: Partial<Revision>): Revision[] =>
  revisions()
    .slice(0, 1)
    .map((r) => ({ ...r, ...change }));

const press = (within: { getByRole: typeof screen.getByRole }, name: string) =>
  fireEvent.click(within.getByRole("button", { name }));

test("a revision says what it changed, field by field", async () => {
  open();
  const shown = await side();
  expect(await shown.findByRole("heading", { name: "Move payments-db behind pgbouncer" })).toBeTruthy();
  expect(shown.getByText("1 added, 2 updated.")).toBeTruthy();
  expect(shown.getByRole("link", { name: "a41f9c2" }).getAttribute("href")).toContain("/commit/a41f9c2");
  const row = (await shown.findByRole("heading", { name: /^updated payments-db/ })).closest("li");
  expect(row?.querySelector("del")?.textContent).toBe("payments-postgres");
  expect(row?.querySelector("ins")?.textContent).toBe("payments-pgbouncer");
  const added = shown.getByRole("heading", { name: /^added temporal-frontend/ }).closest("li");
  expect(added?.querySelector("del")).toBeNull();
});

test("the address opens a revision; one that is not kept any more leads to the newest", async () => {
  open("/changes/port-forwards/999");
  const shown = await side();
  expect(await shown.findByText("Revision 999 is not kept any more.")).toBeTruthy();
  press(shown, "Show the newest");
  expect(await shown.findByRole("heading", { name: "Move payments-db behind pgbouncer" })).toBeTruthy();
  location.hash = "/changes/port-forwards/5";
  expect(await shown.findByRole("heading", { name: "kafka: listen on 9094" })).toBeTruthy();
  expect(screen.getByRole("link", { current: true }).textContent).toContain("kafka");
});

test("a file that was not applied says where, what and what to do", async () => {
  open("/changes/port-forwards/4");
  const shown = await side();
  expect(await shown.findByText("1 file not applied.")).toBeTruthy();
  expect(await shown.findByText("Line 31: local_port is 84444, and ports end at 65535.")).toBeTruthy();
  expect(shown.getByText("Choose one between 1 and 65535.")).toBeTruthy();
  expect(shown.getByText(/what this file held before stays in force/)).toBeTruthy();
});

test("a revision whose files are lost says so, and asks for no rows", async () => {
  const rows = vi.fn(() => []);
  open("/changes", { history: () => newest({ known: false }), "history/rows": rows });
  expect(await (await side()).findByText(/can no longer be read/)).toBeTruthy();
  expect(rows).not.toHaveBeenCalled();
});

test("thousands of rows come by the hundred", async () => {
  const [row] = revisionRows(7);
  const rows = Array.from({ length: 250 }, (_, i) => ({ ...(row as Row), key: `forward-${i}` }));
  open("/changes", { "history/rows": () => rows });
  const shown = await side();
  fireEvent.click(await shown.findByRole("button", { name: "Show 100 more of 150" }));
  expect(shown.getAllByRole("listitem")).toHaveLength(200);
  press(shown, "Show 50 more");
  expect(shown.getAllByRole("listitem")).toHaveLength(250);
  expect(shown.queryByRole("button", { name: /^Show/ })).toBeNull();
});

test("an overruled edit stands beside the commit that did it: mine, and the repository's", async () => {
  open();
  const overruled = await edit();
  expect(overruled.getByText("8181 yours").tagName).toBe("DEL");
  expect(overruled.getByText("8180 repository").tagName).toBe("INS");
  location.hash = "/changes/port-forwards/6";
  await noEdit();
});

test("an overruled edit is seen, too, when its commit is kept no more", async () => {
  open("/changes", { history: () => revisions().slice(1) });
  const shown = await side();
  expect(await shown.findByRole("heading", { name: /^Tidy tags/ })).toBeTruthy();
  expect(await edit()).toBeTruthy();
});

test.each([
  ["Keep as my own", "keep", "orders-api is one of My forwards now"],
  ["Dismiss", "dismiss", "Dismissed your edit of orders-api"],
] as const)("“%s” answers an overruled edit, and can be taken back", async (name, answer, said) => {
  const backend = open();
  const answered = vi.spyOn(backend, "answer");
  press(await edit(), name);
  expect(answered).toHaveBeenCalledWith("s1", answer);
  expect(await screen.findByText(said)).toBeTruthy();
  await noEdit();
  fireEvent.click(await screen.findByText("Undo"));
  expect(await edit()).toBeTruthy();
});

test("an answer that fails leaves the edit where it is, and says why", async () => {
  open("/changes", { answer: refused });
  press(await edit(), "Keep as my own");
  expect(await screen.findByText(/The edit of orders-api was not kept/)).toBeTruthy();
  expect(await edit()).toBeTruthy();
});

test("a history that cannot be read says why, and is asked for again", async () => {
  let broken = true;
  open("/changes", { history: () => (broken ? refused() : revisions()) });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("The history cannot be read: the store is full. Free some room.");
  broken = false;
  press(within(alert), "Try again");
  expect(await (await side()).findByRole("heading", { name: /^Move payments-db/ })).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("rows that cannot be read leave the rest of their revision", async () => {
  let broken = true;
  open("/changes", {
    "history/rows": ((number: { number: number }) => (broken ? refused() : revisionRows(number.number))) as (
      body: never,
    ) => unknown,
  });
  const shown = await side();
  expect((await shown.findByRole("alert")).textContent).toContain("What changed cannot be read");
  expect(shown.getByRole("heading", { name: "Move payments-db behind pgbouncer" })).toBeTruthy();
  broken = false;
  press(shown, "Try again");
  expect(await shown.findByRole("heading", { name: /^added temporal-frontend/ })).toBeTruthy();
});

test("the arrow keys lead from one revision to the next, and show it", async () => {
  open();
  const list = within(await screen.findByRole("navigation", { name: "Revisions" }));
  const [first, second] = list.getAllByRole("link");
  first?.focus();
  fireEvent.keyDown(first as Element, { key: "ArrowDown" });
  expect(document.activeElement).toBe(second);
  expect(await screen.findByRole("heading", { name: /^Tidy tags/ })).toBeTruthy();
});
