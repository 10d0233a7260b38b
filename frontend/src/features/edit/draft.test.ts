import { expect, test } from "vitest";
import type { Entry } from "../../backend";
import { changesOf, draftOf, entryOf, lastsUntil, notForHere, problemsOf } from "./draft";

const entry: Entry = {
  alias: "payments-db",
  service: "payments-pgbouncer",
  namespace: "payments",
  remote_port: 6432,
  local_port: 5432,
  tags: ["postgres"],
  description: "not in the form",
};

test("nothing typed, nothing changed", () => {
  expect(changesOf(draftOf(entry), entry)).toEqual({});
  const pod: Entry = { workload_type: "pod", target: "app=web", service: "left over", remote_port: "http" };
  expect(changesOf(draftOf(pod), pod)).toEqual({});
});

test.each<[string, Partial<ReturnType<typeof draftOf>>, Record<string, unknown>, string | undefined]>([
  ["the local port", { localPort: "15432" }, { local_port: 15432 }, undefined],
  ["a cleared address and port", { localPort: " " }, { local_port: null }, undefined],
  ["a port by name", { remotePort: "https" }, { remote_port: "https" }, "remote_port"],
  ["context and name", { context: "mine", alias: "db" }, { context: "mine", alias: "db" }, "alias"],
  ["tags", { tags: [] }, { tags: null }, "tags"],
  [
    "another kind",
    { kind: "pod", target: "app=pg" },
    { workload_type: "pod", service: null, target: "app=pg" },
    "workload_type",
  ],
])("%s", (_, change, want, barred) => {
  const changes = changesOf({ ...draftOf(entry), ...change }, entry);
  expect(changes).toEqual(want);
  expect(notForHere(changes) !== undefined).toBe(barred !== undefined);
});

test("a copy keeps what the form does not show, and holds nothing empty", () => {
  const copy = entryOf({ ...draftOf(entry), localPort: "", alias: "mine" }, entry);
  expect(copy).toEqual({
    alias: "mine",
    workload_type: "service",
    service: "payments-pgbouncer",
    namespace: "payments",
    remote_port: 6432,
    tags: ["postgres"],
    description: "not in the form",
  });
});

test("what is missing is said by field", () => {
  expect(problemsOf(draftOf(entry))).toEqual({});
  expect(Object.keys(problemsOf(draftOf({})))).toEqual(["alias", "target", "remotePort"]);
  const odd = problemsOf({ ...draftOf(entry), localPort: "70000", remotePort: "0", urlPath: "x" });
  expect(Object.keys(odd)).toEqual(["remotePort", "localPort", "urlPath"]);
});

test.each([
  [{}, "until the next sync", true],
  [{ apply: "review" }, "until your next yes", false],
  [{ held: { at: "", why: "held", commit: { sha: "a" }, changes: 0 } }, "until you resume", false],
  [{ on_edit: "keep-until-changed" }, "until the team changes it", false],
] as const)("an edit under %o lives %s", (more, until, clock) => {
  const source = { name: "a", repo: { host: "", owner: "", name: "" }, commit: { sha: "a" } };
  const lasts = lastsUntil({ ...source, environments: [], forwards: 0, status: { phase: "idle" }, ...more });
  expect(lasts).toMatchObject({ until, clock });
});
