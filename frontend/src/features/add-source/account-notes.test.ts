import { expect, test } from "vitest";
import { accountNotes } from "./account-notes";

const now = Date.parse("2026-11-21T12:00:00Z");
const words = (host: object) => accountNotes({ host: "github.com", login: "mara-l", ...host }, now);

test("a fine-grained token that lasts needs no warning", () => {
  const notes = words({ kind: "fine-grained", expires: "2027-02-19T12:00:00Z" });
  expect(notes).toHaveLength(1);
  expect(notes[0]?.text).toContain("90 days");
});

test.each([
  ["ends soon", { kind: "fine-grained", expires: "2026-11-23T12:00:00Z" }, /ends soon/],
  ["may write", { kind: "classic", scopes: ["repo", "gist"] }, /repo, gist.*far less/],
])("a warning: %s", (_, host, text) => {
  expect(words(host).find((n) => n.warn)?.text).toMatch(text);
});

test("where it is kept is said when it is not the keychain", () =>
  expect(words({ from: "this run" }).at(-1)?.text).toBe("It is kept until the agent ends."));
