import type { SourceConfig, SourceView } from "../../backend";
import { seconds } from "../../state/format";

/** The settings of a source as a form has them: nothing is absent, an empty text is the default. */
export interface Draft {
  ref: string;
  path: string;
  include: string[];
  exclude: string[];
  layout: string;
  interval: string;
  timeout: string;
  on_missing: string;
  on_invalid: string;
  on_edit: string;
  protected: string[];
}

/** A choice of a setting: the value in the file, and its words. */
export interface Choice {
  value: string;
  label: string;
}

/** The choices of the settings that have some. The first is the default, which is "" on the wire. */
export const choices: Record<"layout" | "on_missing" | "on_invalid" | "on_edit", Choice[]> = {
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
};

/** The settings of a source that a form starts from. */
export function draftOf(config: SourceConfig): Draft {
  return {
    ref: config.ref ?? "",
    path: config.path ?? "",
    include: config.include ?? [],
    exclude: config.exclude ?? [],
    layout: config.layout || "auto",
    interval: seconds(config.interval) ? shortDuration(config.interval ?? "") : "",
    timeout: seconds(config.timeout) ? shortDuration(config.timeout ?? "") : "",
    on_missing: config.on_missing || "delete",
    on_invalid: config.on_invalid || "keep-last-good",
    on_edit: config.on_edit || "repo-wins",
    protected: config.protected ?? [],
  };
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
  return problems;
}

/** A source's settings with those of a draft; what is the default is left out. */
export function configWith(config: SourceConfig, draft: Draft): SourceConfig {
  const text = (name: "ref" | "path") => (draft[name].trim() ? { [name]: draft[name].trim() } : {});
  const list = (name: "include" | "exclude" | "protected") =>
    draft[name].length ? { [name]: draft[name] } : {};
  const time = (name: "interval" | "timeout") =>
    draft[name].trim() ? { [name]: goDuration(draft[name]) } : {};
  const choice = (name: keyof typeof choices) =>
    draft[name] === choices[name][0]?.value ? {} : { [name]: draft[name] };
  const { name, repo, account, rename } = config;
  return {
    name,
    repo,
    ...(account ? { account } : {}),
    ...(rename ? { rename } : {}),
    ...text("ref"),
    ...text("path"),
    ...list("include"),
    ...list("exclude"),
    ...choice("layout"),
    ...time("interval"),
    ...time("timeout"),
    ...choice("on_missing"),
    ...choice("on_invalid"),
    ...choice("on_edit"),
    ...list("protected"),
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
