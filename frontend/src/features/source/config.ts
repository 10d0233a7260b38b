import type { Fault, SourceConfig, SourceView } from "../../backend";
import { seconds } from "../../state/format";

/** The settings of a source as a form has them: nothing is absent, an empty text is the default. */
export interface Draft {
  ref: string;
  path: string;
  include: string[];
  exclude: string[];
  layout: string;
  /** Each as "theirs=mine". */
  rename: string[];
  enabled: string[];
  interval: string;
  timeout: string;
  on_missing: string;
  on_invalid: string;
  on_edit: string;
  apply: string;
  protected: string[];
  require_verified: boolean;
  signers: string[];
  account: string;
  api_url: string;
}

/** A choice of a setting: the value in the file, and its words. */
interface Choice {
  value: string;
  label: string;
}

/** The settings with choices. */
type Chosen = "layout" | "on_missing" | "on_invalid" | "on_edit" | "apply";

/** The choices of the settings that have some. The first is the default, which is "" on the wire. */
const choices: Record<Chosen, [Choice, ...Choice[]]> = {
  layout: [
    { value: "auto", label: "Automatic" },
    { value: "files", label: "One per file" },
    { value: "folders", label: "One per folder" },
    { value: "single", label: "All files are one" },
  ],
  on_missing: [
    { value: "delete", label: "Remove it here too" },
    { value: "keep", label: "Keep it here" },
    { value: "fail", label: "Stop and tell me" },
  ],
  on_invalid: [
    { value: "keep-last-good", label: "Keep its last good state" },
    { value: "skip-entry", label: "Skip what is broken" },
    { value: "fail", label: "Stop and tell me" },
  ],
  on_edit: [
    { value: "repo-wins", label: "The repository wins" },
    { value: "keep-until-changed", label: "Keep mine until it changes" },
  ],
  apply: [
    { value: "auto", label: "Apply at once" },
    { value: "review", label: "Wait for my yes" },
  ],
};

/** What a form says of a setting, and by what it is entered. */
export interface Setting {
  label: string;
  kind: "text" | "list" | "choice" | "switch" | "environments";
  /** What stands in an empty field: the default in words, or an example of a pattern. */
  empty?: string;
  /** What can be picked; of a choice, there is nothing else. */
  picks?: Array<Choice | string>;
}

const text = (label: string, empty: string, picks?: string[]): Setting => ({
  label,
  kind: "text",
  empty,
  ...(picks ? { picks } : {}),
});
const list = (label: string, empty: string): Setting => ({ label, kind: "list", empty });
const choice = (label: string, name: Chosen): Setting => ({ label, kind: "choice", picks: choices[name] });

/** Every setting of a source by its key. */
export const settings: Record<keyof Draft, Setting> = {
  ref: text("Branch, tag or commit", "the default branch"),
  path: text("Folder or file", "the whole repository"),
  include: list("Only these files", "a pattern such as eu/**"),
  exclude: list("Not these files", "a pattern such as old/**"),
  layout: choice("Environments from", "layout"),
  rename: list("Other names here", "theirs=mine"),
  enabled: { label: "Environments shown", kind: "environments" },
  interval: text("Look for changes every", "60 s signed in, else 15 min", [
    "30 s",
    "60 s",
    "5 min",
    "15 min",
    "1 h",
  ]),
  timeout: text("Give up a sync after", "120 s"),
  on_missing: choice("Removed by the team", "on_missing"),
  on_invalid: choice("Invalid file", "on_invalid"),
  on_edit: choice("My edit of theirs", "on_edit"),
  apply: choice("New commits", "apply"),
  protected: list("Protected", "a pattern such as prod*"),
  require_verified: { label: "Only verified commits", kind: "switch" },
  signers: list("Of these committers", "their e-mail address"),
  account: text("Account", "the host’s only one"),
  api_url: text("Address of the API", "as the host has it"),
};

/** The settings of a source that a form starts from. */
export function draftOf(config: SourceConfig): Draft {
  const chosen = (name: Chosen) => config[name] || choices[name][0].value;
  return {
    ref: config.ref ?? "",
    path: config.path ?? "",
    include: config.include ?? [],
    exclude: config.exclude ?? [],
    layout: chosen("layout"),
    rename: Object.entries(config.rename ?? {}).map((pair) => pair.join("=")),
    enabled: config.enabled ?? [],
    interval: seconds(config.interval) ? shortDuration(config.interval ?? "") : "",
    timeout: seconds(config.timeout) ? shortDuration(config.timeout ?? "") : "",
    on_missing: chosen("on_missing"),
    on_invalid: chosen("on_invalid"),
    on_edit: chosen("on_edit"),
    apply: chosen("apply"),
    protected: config.protected ?? [],
    require_verified: config.require_verified ?? false,
    signers: config.signers ?? [],
    account: config.account ?? "",
    api_url: config.repo.api_url ?? "",
  };
}

/** What all settings are as long as nobody sets them. */
const defaults = draftOf({ name: "", repo: { host: "", owner: "", name: "" } });

/** Reports whether a setting is the default. */
export function isDefault(draft: Draft, name: keyof Draft): boolean {
  return String(draft[name]) === String(defaults[name]);
}

/** A duration as people write it: 1 min 30 s, where Go says 1m30s. */
function shortDuration(text: string): string {
  const words: Record<string, string> = { h: "h", m: "min", s: "s", ms: "ms" };
  return [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)]
    .flatMap(([, n = "", unit = ""]) => (Number(n) ? `${n} ${words[unit]}` : []))
    .join(" ");
}

/** "5 min" and "90 s" as Go reads them: 5m, 90s. */
export function goDuration(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/\s+/g, "")
    .replace(/hours?|hr/g, "h")
    .replace(/min(?:utes?)?/g, "m")
    .replace(/sec(?:onds?)?/g, "s");
  return /^\d+$/.test(plain) ? `${plain}s` : plain;
}

const isDuration = (text: string) => /^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(text);

/** What is wrong with a draft, by field: what the engine would refuse, said before it is asked. */
export function problemsOf(draft: Draft): Partial<Record<keyof Draft, string>> {
  const problems: Partial<Record<keyof Draft, string>> = {};
  const [interval, timeout] = [goDuration(draft.interval), goDuration(draft.timeout)];
  if (interval && !isDuration(interval)) problems.interval = "A time such as 60 s or 5 min";
  else if (interval && seconds(interval) < 10) problems.interval = "At least 10 s";
  if (timeout && !isDuration(timeout)) problems.timeout = "A time such as 60 s or 5 min";
  if (/^\/|(?:^|\/)\.\.?(?:\/|$)|\\/.test(draft.path)) problems.path = "A path below the repository’s root";
  if (!draft.rename.every((pair) => /^[^=]+=[^=]+$/.test(pair)))
    problems.rename = "Write theirs=mine, such as dev-eu=dev";
  if (!draft.signers.every((signer) => /^\S+@\S+$/.test(signer)))
    problems.signers = "The e-mail address of a committer";
  else if (draft.require_verified && !draft.signers.length)
    problems.signers = "Name those whose commits are taken";
  return problems;
}

/** The setting that a fault of the engine is about, if it is one. */
export function settingOf({ code, message }: Fault): keyof Draft | undefined {
  const [name = ""] = message.split(" ");
  return code === "setting-value" && name in settings ? (name as keyof Draft) : undefined;
}

/** Reports whether a glob of environments fits a name, as Go's path.Match has it. */
export function fits(glob: string, name: string): boolean {
  const pattern = glob.replace(/\\(.)|\[[^\]]*\]|[*?.+^${}()|[\]\\]/g, (part, escaped?: string) => {
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.startsWith("[") && part.length > 1 ? part : `\\${escaped ?? part}`;
  });
  return new RegExp(`^${pattern}$`, "u").test(name);
}

/** The setting for which exactly those environments of all appear, be there patterns or not. */
export function enabledFor(shown: readonly string[], all: readonly string[]): string[] {
  return shown.length === all.length ? [] : shown.map((name) => name.replace(/[*?[\\]/g, "\\$&"));
}

/** A source's settings with those of a draft; what is the default is left out. */
export function configWith({ name, repo }: SourceConfig, draft: Draft): SourceConfig {
  const { rename, api_url, require_verified, interval, timeout, ...others } = draft;
  const { api_url: _, ...named } = repo;
  const api = api_url.trim();
  const kept = Object.entries(others)
    .filter(([key]) => !isDefault(draft, key as keyof Draft))
    .map(([key, value]) => [key, typeof value === "string" ? value.trim() : value] as const)
    .filter(([, value]) => value !== "");
  return {
    name,
    repo: { ...named, ...(api ? { api_url: api } : {}) },
    ...Object.fromEntries(kept),
    ...(rename.length ? { rename: Object.fromEntries(rename.map((pair) => pair.split("="))) } : {}),
    ...(interval.trim() ? { interval: goDuration(interval) } : {}),
    ...(timeout.trim() ? { timeout: goDuration(timeout) } : {}),
    ...(require_verified ? { require_verified } : {}),
  };
}

/** The names of the settings in which two drafts differ. */
export function changedIn(before: Draft, after: Draft): Array<keyof Draft> {
  return (Object.keys(before) as Array<keyof Draft>).filter(
    (name) => String(before[name]) !== String(after[name]),
  );
}

/** Only an address of the web is one to open. */
export function webAddress(url: string | undefined): string | undefined {
  return url && /^https?:\/\//i.test(url) ? url : undefined;
}

/** The page of a file at a source's commit, at a line. */
export function fileAddress(source: SourceView, home: string, file: string, line?: number): string {
  const path = file.split("/").map(encodeURIComponent).join("/");
  return `${home}/blob/${source.commit.sha}/${path}${line ? `#L${line}` : ""}`;
}
