import { expect, test } from "vitest";
import { durationText, isDuration, readDuration } from "./duration";

test.each([
  ["45", "45s"],
  ["45 s", "45s"],
  ["1m30s", "1m30s"],
  ["1 min 30", "1m30s"],
  ["2 minutes", "2m"],
  ["1.5 h", "1.5h"],
  ["250ms", "250ms"],
  [" 10 Sec ", "10s"],
])("%s is read as %s", (typed, written) => expect(readDuration(typed)).toBe(written));

test.each(["soon", "", "-5s", "5 parsecs", "5s!", "1e3"])("%s is no time", (typed) =>
  expect(readDuration(typed)).toBeUndefined(),
);

test.each([
  ["30s", "30 s"],
  ["1m30s", "1 min 30 s"],
  ["10m0s", "10 min"],
  ["0s", "0 s"],
  ["info", "info"],
])("%s is written as %s", (value, text) => expect(durationText(value)).toBe(text));

test("what is written is read back", () => {
  for (const value of ["30s", "1m30s", "1h5m10s", "1ms"])
    expect(readDuration(durationText(value))).toBe(value);
});

test("only the engine's own form is a duration", () => {
  expect(isDuration("1m0s")).toBe(true);
  expect(isDuration("30")).toBe(false);
});
