import { expect, test } from "vitest";
import { formatRoute, parseRoute, type Route } from "./route";

test.each<Route>([
  { page: "all" },
  { page: "mine" },
  { page: "environment", source: "port-forwards", environment: "a/b ü" },
  { page: "changes" },
  { page: "changes", source: "s" },
  { page: "changes", source: "s", revision: 4 },
  { page: "settings", section: "ports" },
  { page: "source", source: "s" },
  { page: "add" },
])("%j is an address and back", (route) => {
  expect(parseRoute(formatRoute(route))).toEqual(route);
});

test.each(["", "#", "#/", "#/nowhere", "#/environment/only-a-source", "#/source", "#/%E0%A4%A"])(
  "%s leads to all forwards",
  (hash) => {
    expect(parseRoute(hash)).toEqual({ page: "all" });
  },
);
