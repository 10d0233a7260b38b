import { expect, test } from "vitest";
import { ago, bytes, countdown, fieldText, hintOf, plural, roughly, seconds, sentence, span } from "./format";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [999.6, "1.0 kB"],
  [48_200, "48.2 kB"],
  [99_960, "100 kB"],
  [1_300_000, "1.3 MB"],
  [5e15, "5000 TB"],
])("%d bytes are %s", (n, want) => expect(bytes(n)).toBe(want));

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1k"],
  [9981, "10k"],
])("%d is roughly %s", (n, want) => expect(roughly(n)).toBe(want));

test.each([
  [5, "5 s"],
  [59.9, "59 s"],
  [43 * 60, "43 min"],
  [3 * 3600, "3 h"],
  [72 * 3600, "3 d"],
  [-4, "0 s"],
])("%d seconds are %s", (n, want) => expect(span(n)).toBe(want));

test("times that have passed", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(ago("2026-11-21T11:48:00Z", now)).toBe("12 min ago");
  expect(ago("2026-11-21T11:59:55Z", now)).toBe("now");
  expect(ago(undefined, now)).toBe("never");
});

test.each([
  [38_000, "0:38"],
  [200, "0:01"],
  [-5000, "0:00"],
  [3_661_000, "1:01:01"],
])("%d ms are left as %s", (ms, want) => {
  expect(countdown(new Date(1e12 + ms).toISOString(), 1e12)).toBe(want);
});

test.each([
  ["1m30s", 90],
  ["1h0m0s", 3600],
  ["500ms", 0.5],
  [undefined, 0],
])("a duration of %s", (text, want) => expect(seconds(text)).toBe(want));

test("words", () => {
  expect(plural(1, "forward")).toBe("1 forward");
  expect(plural(10_000, "forward")).toBe("10,000 forwards");
  expect(sentence("port 1 is taken")).toBe("Port 1 is taken.");
  expect(sentence("team/forwards is not visible")).toBe("team/forwards is not visible.");
  expect(sentence("Is the VPN on?")).toBe("Is the VPN on?");
  expect(fieldText(["a", "b"])).toBe("a, b");
  expect(fieldText(null)).toBe("");
});

test.each([
  [
    "stop that, or listen on 15432 on this machine: portolan override db local_port=15432",
    "Stop that, or listen on 15432 on this machine.",
  ],
  ["start it with: portolan agent start", "Start it."],
  [
    "unlock it and try again (portolan sync has it ask for its password), or forget it",
    "Unlock it and try again, or forget it.",
  ],
  ["choose an address that this machine has", "Choose an address that this machine has."],
  [undefined, ""],
])("a hint names no command: %s", (hint, want) => {
  expect(hintOf(hint === undefined ? {} : { hint })).toBe(want);
});
