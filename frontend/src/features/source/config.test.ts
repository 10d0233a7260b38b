import { expect, test } from "vitest";
import type { SourceConfig } from "../../backend";
import { changedIn, configWith, draftOf, goDuration, problemsOf, webAddress } from "./config";

const bare: SourceConfig = { name: "a", repo: { host: "github.com", owner: "acme", name: "a" } };

test("defaults are left out, and come back as what they are", () => {
  expect(configWith(bare, draftOf(bare))).toEqual(bare);
  expect(draftOf(bare)).toMatchObject({ layout: "auto", on_edit: "repo-wins", interval: "" });
});

test("what a person set stays, and what the form does not show stays too", () => {
  const config: SourceConfig = {
    ...bare,
    account: "mara-l",
    rename: { dev: "development" },
    ref: "main",
    path: "envs",
    exclude: ["old/**"],
    layout: "single",
    interval: "1m30s",
    on_missing: "keep",
    protected: ["prod*"],
  };
  expect(configWith(config, draftOf(config))).toEqual(config);
});

test.each([
  ["1m0s", "1 min"],
  ["1h0m0s", "1 h"],
  ["1h30m0s", "1 h 30 min"],
  ["10m0s", "10 min"],
  ["1m30s", "1 min 30 s"],
  ["0s", ""],
])("%s is shown as %j", (wire, shown) => expect(draftOf({ ...bare, interval: wire }).interval).toBe(shown));

test.each([
  ["60 s", "60s"],
  ["5 min", "5m"],
  ["90", "90s"],
  ["1 hour 5 minutes", "1h5m"],
])("%s is %s", (text, go) => expect(goDuration(text)).toBe(go));

test("what the engine would refuse is said before", () => {
  const draft = draftOf(bare);
  expect(problemsOf(draft)).toEqual({});
  expect(problemsOf({ ...draft, interval: "9 s" })).toEqual({ interval: "At least 10 s" });
  expect(problemsOf({ ...draft, interval: "often", timeout: "-1s" })).toHaveProperty("timeout");
  for (const path of ["/envs", "../x", "a/../b", "a\\b"])
    expect(problemsOf({ ...draft, path }), path).toHaveProperty("path");
  expect(problemsOf({ ...draft, path: "envs/eu.json" })).toEqual({});
});

test("changes are counted by setting", () => {
  const draft = draftOf(bare);
  expect(changedIn(draft, { ...draft, ref: "next", protected: ["prod"] })).toEqual(["ref", "protected"]);
});

test("only an address of the web is opened", () => {
  expect(webAddress("https://github.com/a/b/commit/1")).toBeTruthy();
  expect(webAddress("javascript:alert(1)")).toBeUndefined();
});
