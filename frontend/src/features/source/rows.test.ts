import { expect, test } from "vitest";
import type { ForwardView, Row } from "../../backend";
import { groupRows, planWords } from "./rows";

const row = (more: Partial<Row>): Row => ({
  source: "s",
  environment: "development",
  file: "development.json",
  key: "checkout/api",
  kind: "forward",
  action: "added",
  ...more,
});

const after = (entry: Record<string, unknown>) =>
  Object.entries(entry).map(([name, value]) => ({ name, after: value }));

const api = { alias: "api", service: "api", namespace: "checkout", remote_port: "http", local_port: 8080 };

const here = {
  id: "f1",
  source: "mine",
  key: "x",
  entry: { ...api, alias: "mine" },
  team: api,
  local: {},
} as ForwardView;

test("a new forward says what it will be", () => {
  const [group] = groupRows([row({ fields: after({ ...api, context: "dev" }) })], { forwards: [] });
  expect(group).toMatchObject({ environment: "development", counts: "1 added", contexts: ["dev"] });
  expect(group?.rows[0]).toMatchObject({
    name: "api",
    target: "svc/api:http · checkout",
    address: "127.0.0.1:8080",
    fields: [],
    notices: [],
  });
});

test("a change says before and after, on what is known of the forward", () => {
  const fields = [{ name: "local_port", before: 8080, after: 8081 }];
  const [group] = groupRows([row({ id: "f1", action: "updated", fields })], { forwards: [here] });
  expect(group?.rows[0]).toMatchObject({ name: "api", address: "127.0.0.1:8081", fields, notices: [] });
});

test.each<[string, Partial<Row>, string]>([
  ["a port of another", { fields: after(api) }, "8080 is also the port of mine"],
  ["an address beyond", { fields: after({ local_address: "0.0.0.0" }) }, "Asks for 0.0.0.0"],
  ["a context that is not here", { fields: after({ context: "prod" }) }, "No context prod"],
  ["a running one that moves", { action: "updated", confirm: true }, "waits for your yes"],
  ["a reason", { action: "kept", reason: "protected" }, "protected"],
  [
    "a broken file",
    {
      kind: "file",
      action: "invalid",
      problems: [
        {
          file: "a.json",
          pointer: "",
          position: { line: 14, column: 3 },
          severity: "error",
          code: "json",
          message: "a comma is missing",
        },
      ],
    },
    "Line 14: a comma is missing",
  ],
])("notice: %s", (_, more, words) => {
  const [group] = groupRows([row(more)], { forwards: [here], contexts: ["dev"] });
  expect(group?.rows[0]?.notices.map((n) => n.text).join()).toContain(words);
});

test("a plan in words", () => {
  expect(planWords([])).toBe("Nothing will change");
  expect(planWords([row({ action: "kept" })])).toBe("Nothing will change");
  expect(planWords([row({}), row({})])).toBe("2 forwards will be added");
  expect(planWords([row({}), row({ action: "deleted" })])).toBe("2 forwards will change");
});
