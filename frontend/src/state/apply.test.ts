import { expect, test } from "vitest";
import type { Changes, ForwardView, View } from "../backend";
import { apply, nothing } from "./apply";

const forward = (id: string, phase: ForwardView["status"]["phase"] = "off") =>
  ({
    id,
    source: "s",
    environment: "e",
    key: id,
    entry: {},
    team: {},
    local: {},
    status: { phase },
  }) as ForwardView;

const held = (...ids: string[]): View => ({
  ...nothing,
  revision: 7,
  forwards: ids.map((id) => forward(id)),
});

const changes = (c: Partial<Changes>): Changes => ({
  revision: 8,
  whole: false,
  sources: [],
  forwards: [],
  superseded: [],
  notices: [],
  accounts: [],
  paused: false,
  ...c,
});

// The same rules as of applied in internal/portolan/changes.go.
test.each<[rule: string, held: string[], changes: Partial<Changes>, ids: string[], ready: string[]]>([
  ["nothing said, nothing changed", ["a", "b"], {}, ["a", "b"], []],
  ["a changed one takes its place", ["a", "b"], { forwards: [forward("b", "ready")] }, ["a", "b"], ["b"]],
  ["a removed one goes", ["a", "b", "c"], { removed: { forwards: ["b"] } }, ["a", "c"], []],
  [
    "removed and changed at once",
    ["a", "b"],
    { removed: { forwards: ["a"] }, forwards: [forward("b", "ready")] },
    ["b"],
    ["b"],
  ],
  [
    "one came: the order names all",
    ["a", "b"],
    { forwards: [forward("c", "ready")], order: { forwards: ["c", "a", "b"] } },
    ["c", "a", "b"],
    ["c"],
  ],
  ["they moved", ["a", "b"], { order: { forwards: ["b", "a"] } }, ["b", "a"], []],
  [
    "the order leaves out what went",
    ["a", "b"],
    { removed: { forwards: ["a"] }, order: { forwards: ["b"] } },
    ["b"],
    [],
  ],
  [
    "what was held already is sent again",
    ["a"],
    { forwards: [forward("a", "ready")], order: { forwards: ["a"] } },
    ["a"],
    ["a"],
  ],
  [
    "whole: what was held is void",
    ["a", "b"],
    { whole: true, forwards: [forward("c", "ready")] },
    ["c"],
    ["c"],
  ],
  ["whole and empty", ["a"], { whole: true }, [], []],
])("%s", (_, ids, c, want, ready) => {
  const after = apply(held(...ids), changes(c));
  expect(after.forwards.map((f) => f.id)).toEqual(want);
  expect(after.forwards.filter((f) => f.status.phase === "ready").map((f) => f.id)).toEqual(ready);
  expect(after.revision).toBe(8);
});

test("what did not change stays the same object, so that nothing is drawn twice", () => {
  const before = held("a", "b");
  const after = apply(before, changes({ forwards: [forward("b", "ready")] }));
  expect(after.forwards[0]).toBe(before.forwards[0]);
  expect(after.sources).toBe(before.sources);
  expect(before.forwards[1]?.status.phase).toBe("off");
});

test("small lists and words come whole each time", () => {
  const undo = { id: "u", at: "", text: "removed a" };
  const asked = apply(held("a"), changes({ paused: true, asking: "unlock", undo }));
  expect(asked).toMatchObject({ paused: true, asking: "unlock", undo });
  expect(apply(asked, changes({}))).not.toHaveProperty("undo");
});
