import { describe, expect, test } from "vitest";
import type { Revision } from "../../backend";
import { byDay, counts, dayOf, rowName, shownFields, summary } from "./revisions";

const now = new Date(2026, 10, 21, 9, 0).getTime();
const at = (...date: [number, number, number, number?]) => new Date(...date).toISOString();

function revision(change: Partial<Revision>): Revision {
  const commit = { sha: "a41f9c2e7b" };
  const none = { added: 0, updated: 0, deleted: 0, invalid: 0 };
  return { number: 1, at: at(2026, 10, 21), source: "team", commit, known: true, ...none, ...change };
}

describe("days", () => {
  test.each([
    [at(2026, 10, 21, 0), "Today"],
    [at(2026, 10, 20, 23), "Yesterday"],
    [at(2026, 10, 14, 12), "14 November"],
    [at(2025, 10, 21, 12), "21 November 2025"],
  ])("%s is %s", (day, title) => expect(dayOf(day, now)).toBe(title));

  test("revisions of one day stand together, in their order", () => {
    const list = [at(2026, 10, 21, 8), at(2026, 10, 21, 1), at(2026, 10, 20, 23)];
    const days = byDay(
      list.map((day, i) => revision({ number: 3 - i, at: day })),
      now,
    );
    expect(days.map((d) => [d.title, d.revisions.map((r) => r.number)])).toEqual([
      ["Today", [3, 2]],
      ["Yesterday", [1]],
    ]);
  });
});

test("a revision says what it brought, and never more than it knows", () => {
  expect(summary(revision({ added: 1200, invalid: 1 }))).toBe("1,200 added, 1 file not applied.");
  expect(summary(revision({}))).toBe("No forward changed.");
  expect(summary(revision({ known: false, added: 3 }))).toMatch(/can no longer be read/);
  expect(counts(revision({ updated: 2, deleted: 1 }), 1)).toEqual([
    ["updated", 2],
    ["deleted", 1],
    ["superseded", 1],
  ]);
});

test("what is new or gone as a whole has one side", () => {
  const fields = [{ name: "local_port", before: 5432, after: 6432 }, { name: "tags" }];
  expect(shownFields("updated", fields)).toEqual([
    { name: "local_port", before: "5432", after: "6432" },
    { name: "tags", before: "", after: "" },
  ]);
  expect(shownFields("added", fields)[0]).toEqual({ name: "local_port", after: "6432" });
  expect(shownFields("deleted", fields)[0]).toEqual({ name: "local_port", before: "5432" });
});

test("a row is named by its alias, else by what identifies it", () => {
  const row = {
    source: "team",
    environment: "dev",
    file: "dev.json",
    key: "shop/8080",
    kind: "forward",
    action: "deleted",
  } as const;
  expect(rowName({ ...row, fields: [{ name: "alias", before: "shop" }] })).toBe("shop");
  expect(rowName(row)).toBe("shop/8080");
  expect(rowName({ ...row, kind: "file", key: "" })).toBe("dev.json");
});
