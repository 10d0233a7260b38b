import { expect, test } from "vitest";
import { wordsOf } from "./setting-words";

const setting = (name: string, standard: string, value = standard, help = "what it does") => ({
  name,
  value,
  default: standard,
  help,
});

test("a setting that this page knows is in plain words, with a control that fits", () => {
  expect(wordsOf(setting("drain", "30s")).control.kind).toBe("duration");
  expect(wordsOf(setting("peers", "auto")).control.kind).toBe("choice");
  expect(wordsOf(setting("start_at_login", "false"))).toMatchObject({
    group: "start",
    control: { kind: "switch", on: "true", off: "false" },
  });
  expect(wordsOf(setting("notify_changes", "on"))).toMatchObject({
    group: "notifications",
    control: { kind: "switch", on: "on", off: "off" },
  });
});

test("a setting of a newer engine gets the engine's words, and a control by its value", () => {
  expect(wordsOf(setting("sync_grace", "5s"))).toMatchObject({
    label: "Sync grace",
    help: "What it does",
    group: "more",
    control: { kind: "duration" },
  });
  expect(wordsOf(setting("notify_moon", "off")).group).toBe("notifications");
  expect(wordsOf(setting("proxy", "")).control).toEqual({ kind: "text", placeholder: "not set" });
});

test("a value that is no choice here is shown as it is", () => {
  const { control } = wordsOf(setting("log_level", "info", "trace"));
  expect(control.kind === "choice" && control.choices.at(-1)).toEqual({ value: "trace", label: "trace" });
});
