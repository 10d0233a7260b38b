import { expect, test } from "vitest";
import { suffixes } from "./suffixes";

test("the usual names are short as everybody writes them, the others until they are unique", () => {
  const short = suffixes(["development", "production", "analytics", "analysis", "analytic", "qa"]);
  expect(Object.fromEntries(short)).toEqual({
    development: "dev",
    production: "prod",
    analytics: "anal",
    analysis: "analy",
    analytic: "analyt",
    qa: "qa",
  });
});
