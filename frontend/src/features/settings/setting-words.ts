import type { Setting } from "../../backend";
import { sentence } from "../../state/format";
import { isDuration } from "./duration";

/** With what a setting is changed. */
type Control =
  | { kind: "switch"; on: string; off: string }
  | { kind: "choice"; choices: Array<{ value: string; label: string }> }
  | { kind: "duration" }
  | { kind: "text"; placeholder: string };

/** Under which heading a setting is shown. */
export type Group = "start" | "forwards" | "notifications" | "more";

/** A setting in plain words. */
export interface Words {
  label: string;
  /** What it does, in one sentence without a stop; the engine's own where it is not said better here. */
  help: string;
  group: Group;
  control: Control;
}

const choice = (...pairs: Array<[value: string, label: string]>): Control => ({
  kind: "choice",
  choices: pairs.map(([value, label]) => ({ value, label })),
});
const duration: Control = { kind: "duration" };

const known: Record<string, Omit<Words, "control" | "help"> & { help?: string; control?: Control }> = {
  start_at_login: {
    label: "Start when you log in",
    help: "In the background; the window stays closed",
    group: "start",
  },
  tray_icon: {
    label: "Icon in the panel",
    help: "Light for a dark panel, dark for a light one",
    group: "start",
    control: choice(["auto", "By the panel"], ["light", "Light"], ["dark", "Dark"]),
  },
  drain: {
    label: "How long open connections of a stopped forward go on",
    help: "Then they are closed",
    group: "forwards",
    control: duration,
  },
  hold: {
    label: "How long a new connection waits for a ready pod",
    help: "Then it is refused",
    group: "forwards",
    control: duration,
  },
  peers: {
    label: "Whose connections are served",
    help: "On Linux. Automatic: only mine while another person is logged in",
    group: "forwards",
    control: choice(["auto", "Automatic"], ["mine", "Only mine"], ["all", "Everyone’s"]),
  },
  pods: {
    label: "Which of several ready pods a new connection goes to",
    help: "Newest takes the right to list pods",
    group: "forwards",
    control: choice(
      ["sticky", "The one used last"],
      ["newest", "The newest"],
      ["round-robin", "Each in turn"],
    ),
  },
  mux: {
    label: "What carries connections to a cluster",
    help: "Kubectl’s own library is slower; try it where a cluster makes trouble",
    group: "more",
    control: choice(["auto", "Automatic"], ["stock", "Kubectl’s library"]),
  },
  notify_changes: { label: "Tell what a sync changed", group: "notifications" },
  notify_lost: { label: "Tell of forwards that are down for more than 30 s", group: "notifications" },
  notify_sign_in: { label: "Tell that you have to sign in", group: "notifications" },
  log_level: {
    label: "What is logged",
    help: "At least; a start with --log-level goes before it",
    group: "more",
    control: choice(
      ["error", "Only errors"],
      ["warn", "Warnings, too"],
      ["info", "Normal"],
      ["debug", "Everything"],
    ),
  },
  ca_file: {
    label: "Certificate authorities for GitHub",
    help: "A file in PEM form, trusted beside the system's: of a company that inspects traffic, for example",
    group: "more",
  },
  github_client_id: {
    label: "GitHub App for signing in with a code",
    help: "Its client id for github.com, or HOST=ID for others, with commas",
    group: "more",
  },
};

/** Says a setting in plain words. One that this page has never heard of gets the engine's words, and a control by its value. */
export function wordsOf(setting: Setting): Words {
  const { label, help, group, control } = known[setting.name] ?? {};
  return {
    label: label ?? plain(setting.name),
    help: help ?? (label ? "" : sentence(setting.help).slice(0, -1)),
    group: group ?? (setting.name.startsWith("notify_") ? "notifications" : "more"),
    control: withValue(control ?? guess(setting), setting.value),
  };
}

/** "sync_on_start" is "Sync on start". */
function plain(name: string): string {
  const words = name.replaceAll(/[_.-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function guess({ default: standard }: Setting): Control {
  if (standard === "true" || standard === "false") return { kind: "switch", on: "true", off: "false" };
  if (standard === "on" || standard === "off") return { kind: "switch", on: "on", off: "off" };
  return isDuration(standard) ? duration : { kind: "text", placeholder: standard || "not set" };
}

/** A newer engine may have a value that is no choice here: it is shown as it is. */
function withValue(control: Control, value: string): Control {
  if (control.kind !== "choice" || control.choices.some((c) => c.value === value)) return control;
  return { ...control, choices: [...control.choices, { value, label: value }] };
}

/** A value in the words of its control, for the word about a change. */
export function valueText({ control }: Words, value: string, inWords: (duration: string) => string): string {
  switch (control.kind) {
    case "switch":
      return value === control.on ? "on" : "off";
    case "choice":
      return control.choices.find((c) => c.value === value)?.label ?? value;
    case "duration":
      return inWords(value);
    case "text":
      return value || "not set";
  }
}
