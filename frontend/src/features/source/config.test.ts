import { expect, test } from "vitest";
import type { SourceConfig } from "../../backend";
import {
  changedIn,
  configWith,
  draftOf,
  enabledFor,
  fits,
  goDuration,
  problemsOf,
  settingOf,
  webAddress,
} from "./config";

const bare: SourceConfig = { name: "a", repo: { host: "github.com", owner: "acme", name: "a" } };

test("defaults are left out, and come back as what they are", () => {
  expect(configWith(bare, draftOf(bare))).toEqual(bare);
  expect(draftOf(bare)).toMatchObject({ layout: "auto", on_edit: "repo-wins", interval: "" });
});

test("what a person set stays", () => {
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
    enabled: ["dev", "eu-*"],
    apply: "review",
    require_verified: true,
    signers: ["mara@example.org"],
    repo: { ...bare.repo, api_url: "https://api.example.org" },
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

test("names and signers are checked before", () => {
  const draft = draftOf(bare);
  expect(problemsOf({ ...draft, rename: ["dev-eu"] })).toHaveProperty("rename");
  expect(problemsOf({ ...draft, rename: ["dev-eu=dev"] })).toEqual({});
  expect(problemsOf({ ...draft, signers: ["mara"] })).toHaveProperty("signers");
  expect(problemsOf({ ...draft, require_verified: true })).toHaveProperty("signers");
});

test("a fault of the engine names its setting", () => {
  const fault = (code: string, message: string) => settingOf({ kind: "usage", code, message });
  expect(fault("setting-value", 'enabled cannot be "["')).toBe("enabled");
  expect(fault("setting-value", "something else")).toBeUndefined();
  expect(fault("disk-full", "enabled")).toBeUndefined();
});

test.each([
  ["dev", "dev", true],
  ["dev", "dev-eu", false],
  ["dev*", "dev-eu", true],
  ["dev-??", "dev-eu", true],
  ["[ds]ev", "sev", true],
  ["[^d]ev", "dev", false],
  ["a.b", "axb", false],
  ["a\\*", "a*", true],
  ["a\\*", "ab", false],
])("the glob %s and %s: %s", (glob, name, fit) => expect(fits(glob, name)).toBe(fit));

test("ticked environments are named, and all of them are the default", () => {
  const all = ["dev", "a*b", "prod"];
  expect(enabledFor(all, all)).toEqual([]);
  expect(enabledFor(["a*b"], all)).toEqual(["a\\*b"]);
  expect(fits("a\\*b", "a*b")).toBe(true);
});

test("changes are counted by setting", () => {
  const draft = draftOf(bare);
  expect(changedIn(draft, { ...draft, ref: "next", protected: ["prod"] })).toEqual(["ref", "protected"]);
});

test("only an address of the web is opened", () => {
  expect(webAddress("https://github.com/a/b/commit/1")).toBeTruthy();
  expect(webAddress("javascript:alert(1)")).toBeUndefined();
});
