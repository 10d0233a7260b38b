import { expect, test } from "vitest";
import type { EnvironmentView, ForwardView, SourceView } from "../backend";
import { crowd, team } from "../backend/fake-data";
import { addressOf, count, favourites, layOut, nameOf, places, search, switches, urlOf } from "./forwards";

const forward = (change: Partial<ForwardView>): ForwardView => ({
  id: "1",
  source: "s",
  environment: "e",
  key: "k",
  entry: {},
  team: {},
  local: {},
  status: { phase: "off" },
  ...change,
});

test.each<[string, Partial<ForwardView>, string]>([
  [
    "what listens",
    { entry: { local_port: 80 }, status: { phase: "ready", addresses: ["127.0.0.1:8080"] } },
    "127.0.0.1:8080",
  ],
  ["an IPv6 address", { status: { phase: "ready", addresses: ["[::1]:8080"] } }, "[::1]:8080"],
  ["an IPv6 address that would listen", { entry: { local_address: "::1", local_port: 80 } }, "[::1]:80"],
  ["what would listen", { entry: { local_port: 5432 } }, "127.0.0.1:5432"],
  [
    "this computer's own",
    { entry: { local_port: 5432 }, local: { override: { local_port: 6 } } },
    "127.0.0.1:6",
  ],
  ["one that was picked", { local: { port: 7 } }, "127.0.0.1:7"],
  ["one that is yet to be picked", {}, "127.0.0.1:auto"],
])("the address is %s", (_, change, want) => {
  const { host, port } = addressOf(forward(change));
  expect(`${host}:${port}`).toBe(want);
});

test.each<[string, Array<Partial<ForwardView>>, { off: number; on: number }]>([
  ["nothing", [], { off: 0, on: 0 }],
  [
    "what is off, and what a person wants",
    [{}, { local: { wanted: true } }, { status: { phase: "ready" } }],
    { off: 1, on: 2 },
  ],
  ["a protected one among others", [{ protected: true }, {}], { off: 1, on: 0 }],
  ["protected ones alone, which ask", [{ protected: true }, { protected: true }], { off: 2, on: 0 }],
  ["protected ones that are on", [{ protected: true, local: { wanted: true } }], { off: 0, on: 1 }],
  ["what no engine can start", [{ status: { phase: "unsupported" } }], { off: 0, on: 0 }],
])("as one are started and stopped: %s", (_, changes, want) => {
  const { off, on } = switches(changes.map(forward));
  expect({ off: off.length, on: on.length }).toEqual(want);
});

test.each<[string, string | undefined, string | undefined, string | undefined]>([
  ["plain", undefined, undefined, "http://127.0.0.1:80/".replace(":80/", ":8080/")],
  ["https with a path", "https", "/login?a=b", "https://127.0.0.1:8080/login?a=b"],
  ["another scheme", "javascript", "/", undefined],
  ["another host", "http", "//evil.example", undefined],
  ["another host by backslash", "http", "/\\evil.example", undefined],
  ["no path at all", "http", "evil", undefined],
])("open in browser: %s", (_, scheme, path, want) => {
  const entry = { ...(scheme ? { scheme } : {}), ...(path ? { url_path: path } : {}) };
  expect(urlOf(forward({ entry, status: { phase: "ready", addresses: ["127.0.0.1:8080"] } }))).toBe(want);
});

test("open in browser: a forward of IPv6 alone", () => {
  const status = { phase: "ready" as const, addresses: ["[::1]:8080"] };
  expect(urlOf(forward({ entry: { local_address: "::1", url_path: "/a" }, status }))).toBe(
    "http://[::1]:8080/a",
  );
});

test("favourites come in the person's order, and then as they are listed", () => {
  const ranks: Array<[string, number]> = [
    ["c", 0],
    ["b", 2],
    ["a", 1],
    ["d", 0],
  ];
  const marked = ranks.map(([id, rank]) => forward({ id, local: { favourite: true, rank } }));
  expect(favourites([forward({ id: "none" }), ...marked]).map((f) => f.id)).toEqual(["a", "b", "c", "d"]);
});

test("a forward that does not listen opens nothing", () => {
  expect(urlOf(forward({ entry: { scheme: "http" } }))).toBeUndefined();
});

test.each<[Partial<EnvironmentView>, string]>([
  [{ color: "violet" }, "violet"],
  [{ color: "#16908a" }, "teal"],
  [{ color: "#f00" }, "orange"],
  [{ color: "#808080" }, "slate"],
  [{ color: "red" }, "orange"],
  [{ color: "mauve" }, "teal"],
  [{ protected: true }, "orange"],
  [{}, "teal"],
])("%j is drawn in %s", (environment, hue) => {
  const source = { name: "s", environments: [{ name: "e", forwards: 0, ...environment }] } as SourceView;
  expect(places([source])[0]?.hue).toBe(hue);
});

test("everything is searched, each word by itself", () => {
  const { forwards } = team();
  const names = (text: string) => search(forwards, text).map(nameOf);
  expect(names("pgbouncer")).toEqual(["payments-db"]);
  expect(names("PAYMENTS :8444")).toEqual(["payments-gateway-sandbox"]);
  expect(names("observability staging")).toEqual(["staging-grafana"]);
  expect(names("payx")).toEqual([]);
  expect(search(forwards, "  ")).toBe(forwards);
});

test("counts say what needs a person", () => {
  const development = team().forwards.filter((f) => f.environment === "development" && f.source !== "mine");
  expect(count(development)).toEqual({ all: 14, up: 9, needs: 2, waiting: 1, off: 2 });
});

test("groups come in the order of their first forward, and a folded one keeps its head", () => {
  const some = [
    forward({ id: "1", entry: { namespace: "b" } }),
    forward({ id: "2", entry: { namespace: "a" } }),
    forward({ id: "3", entry: { namespace: "b" } }),
  ];
  const keys = (folded: string[]) => layOut(some, "namespace", new Set(folded)).map((line) => line.key);
  expect(keys([])).toEqual(["group:namespace:b", "1", "3", "group:namespace:a", "2"]);
  expect(keys(["group:namespace:b"])).toEqual(["group:namespace:b", "group:namespace:a", "2"]);
  expect(layOut(some, "none", new Set()).map((line) => line.key)).toEqual(["1", "2", "3"]);
});

test("a crowd has as many as were asked for, each with an id of its own", () => {
  const { forwards } = crowd(500);
  expect(new Set(forwards.map((f) => f.id)).size).toBe(500);
});
