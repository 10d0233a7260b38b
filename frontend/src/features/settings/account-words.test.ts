import { expect, test } from "vitest";
import type { SourceView } from "../../backend";
import { expiry, fromText, isGiven, sourcesOf, tooMuch } from "./account-words";

const ann = { host: "github.com", login: "ann" };
const now = Date.parse("2026-11-21T12:00:00Z");

test("the end of a token is said, as a warning when it is near", () => {
  expect(expiry(ann, now)).toBeUndefined();
  expect(expiry({ ...ann, expires: "2027-02-01T12:00:00Z" }, now)).toEqual({
    text: "expires in 72 days",
    tone: "outline",
  });
  expect(expiry({ ...ann, expires: "2026-11-27T18:00:00Z" }, now)).toEqual({
    text: "expires in 6 days",
    tone: "wait",
  });
  expect(expiry({ ...ann, expires: "2026-11-22T06:00:00Z" }, now)?.text).toBe("expires in 18 h");
  expect(expiry({ ...ann, expires: "2026-11-20T12:00:00Z" }, now)).toEqual({ text: "expired", tone: "bad" });
});

test("a classic token that can write is named by the scopes that do it", () => {
  expect(tooMuch({ ...ann, kind: "classic", scopes: ["repo", "read:org", "workflow"] })).toEqual([
    "repo",
    "workflow",
  ]);
  expect(tooMuch({ ...ann, kind: "classic", scopes: ["read:org", "user:email"] })).toEqual([]);
  expect(tooMuch({ ...ann, kind: "fine-grained" })).toEqual([]);
});

test("where a token is: the keychain needs no word, and what was given is not ours to remove", () => {
  expect(fromText(ann)).toBeUndefined();
  expect(fromText({ ...ann, from: "this run" })).toBe("Kept until Portolan ends");
  expect(isGiven({ ...ann, from: "this run" })).toBe(false);
  expect(isGiven({ ...ann, from: "GITHUB_TOKEN" })).toBe(true);
});

test("an account's sources are those that name it, or, as the only one of its host, those that name none", () => {
  const source = (name: string, account?: string) =>
    ({ name, repo: { host: "github.com", owner: "acme", name }, account }) as SourceView;
  const sources = [source("a"), source("b", "ann"), source("c", "bob")];
  const names = (accounts: (typeof ann)[]) => sourcesOf(ann, sources, accounts).map((s) => s.name);
  expect(names([ann])).toEqual(["a", "b"]);
  expect(names([ann, { ...ann, login: "bob" }])).toEqual(["b"]);
});
