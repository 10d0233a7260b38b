import { expect, test } from "vitest";
import { homeOf, nameFor, nameProblem, readLink, tokenPage } from "./link";

const at = { host: "github.com", owner: "acme", name: "port-forwards", ref: "", path: "" };

test.each([
  ["acme/port-forwards", at],
  [" https://github.com/acme/port-forwards.git ", at],
  ["github.com/acme/port-forwards?tab=readme#top", at],
  ["git@github.com:acme/port-forwards.git", at],
  ["ssh://git@GHE.example.org/acme/port-forwards", { ...at, host: "ghe.example.org" }],
  ["https://github.com/acme/port-forwards/tree/main/envs/eu", { ...at, ref: "main", path: "envs/eu" }],
  ["https://github.com/acme/port-forwards/blob/v1.2/a%20b.json", { ...at, ref: "v1.2", path: "a b.json" }],
  ["http://127.0.0.1:8080/acme/port-forwards", { ...at, host: "127.0.0.1:8080" }],
  ["https://github.com/acme/port-forwards/pulls", at],
])("%s", (text, want) => expect(readLink(text)).toEqual(want));

test.each(["", "acme", "https://github.com/acme", "github.com"])("%j names no repository", (text) =>
  expect(readLink(text)).toBeUndefined(),
);

test("the address of a repository", () => {
  expect(homeOf(at)).toBe("https://github.com/acme/port-forwards");
  expect(homeOf({ ...at, host: "127.0.0.1:80", api_url: "http://127.0.0.1:80/api/v3" })).toBe(
    "http://127.0.0.1:80/acme/port-forwards",
  );
});

test("the page for a token asks for reading contents, and no more", () => {
  const page = new URL(tokenPage(at));
  expect(page.origin + page.pathname).toBe("https://github.com/settings/personal-access-tokens/new");
  expect(Object.fromEntries(page.searchParams)).toMatchObject({ contents: "read", target_name: "acme" });
});

test("names", () => {
  expect(nameFor("Port_Forwards", [])).toBe("port-forwards");
  expect(nameFor("port-forwards", ["port-forwards", "port-forwards-2"])).toBe("port-forwards-3");
  expect(nameFor("mine", [])).toBe("mine-2");
  expect(nameFor("…", [])).toBe("source");
  expect(nameProblem("a-1", [])).toBeUndefined();
  expect(nameProblem("mine", [])).toBeTruthy();
  expect(nameProblem("A", [])).toBeTruthy();
  expect(nameProblem("a", ["a"])).toBeTruthy();
});
