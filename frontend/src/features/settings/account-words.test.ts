import { expect, test } from "vitest";
import type { SourceView } from "../../backend";
import { expiry, fromText, hasApp, isGiven, lookOf, newTokenUrl, sourcesOf, tooMuch } from "./account-words";

const ann = { host: "github.com", login: "ann" };
const now = Date.parse("2026-11-21T12:00:00Z");

test("the end of a token is said, as a warning when it is near", () => {
  expect(expiry(ann, now)).toBeUndefined();
  expect(expiry({ ...ann, expires: "2027-02-01T12:00:00Z" }, now)).toEqual({
    text: "expires in 72 days",
    soon: false,
  });
  expect(expiry({ ...ann, expires: "2026-11-27T18:00:00Z" }, now)).toEqual({
    text: "expires in 6 days",
    soon: true,
  });
  expect(expiry({ ...ann, expires: "2026-11-22T06:00:00Z" }, now)?.text).toBe("expires in 18 h");
  expect(expiry({ ...ann, expires: "2026-11-20T12:00:00Z" }, now)).toEqual({ text: "expired", soon: true });
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

test("the look of a token says what it can do", () => {
  expect(lookOf(" ")).toBeUndefined();
  expect(lookOf("github_pat_11AAA")).toMatchObject({ kind: expect.stringContaining("fine-grained") });
  expect(lookOf("ghp_x")?.warning).toBe(true);
  expect(lookOf("gho_x")?.warning).toBeUndefined();
  expect(lookOf("ghp_x and more")?.kind).toContain("no spaces");
});

test("the address for a new token asks for reading alone", () => {
  const url = new URL(newTokenUrl("github.com", "acme"));
  expect(url.origin + url.pathname).toBe("https://github.com/settings/personal-access-tokens/new");
  expect(Object.fromEntries(url.searchParams)).toMatchObject({ contents: "read", target_name: "acme" });
});

test.each([
  ["Iv1.a", "github.com", true],
  ["Iv1.a", "ghe.example.org", false],
  ["Iv1.a, ghe.example.org=Iv1.b", "ghe.example.org", true],
  ["ghe.example.org=", "ghe.example.org", false],
  ["", "github.com", false],
  [undefined, "github.com", false],
])("the client ids %s offer %s a code: %s", (clients, host, has) => expect(hasApp(clients, host)).toBe(has));
