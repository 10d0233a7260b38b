import { expect, test } from "vitest";
import { hasApp, lookOf, newTokenUrl } from "./token-words";

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
