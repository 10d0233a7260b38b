import type { Entry, Fields, ForwardView, SourceView, WorkloadType } from "../../backend";
import { targetField } from "../details/provenance";

/** What the form holds: text as typed, whatever it will be. */
export interface Draft {
  alias: string;
  kind: WorkloadType;
  target: string;
  remotePort: string;
  namespace: string;
  context: string;
  localPort: string;
  localAddress: string;
  scheme: "" | "http" | "https";
  urlPath: string;
  tags: string[];
}

/** How a change of a synced forward lives on. */
export type Choice = "here" | "copy" | "edit";

/** The fields that an override for this computer can have. */
const forHere = new Set(["local_port", "local_address", "context"]);

/** The form of an entry; empty for a new one. */
export function draftOf(entry: Entry): Draft {
  return {
    alias: entry.alias ?? "",
    kind: entry.workload_type ?? "service",
    target: String(entry[targetField(entry)] ?? ""),
    remotePort: String(entry.remote_port ?? ""),
    namespace: entry.namespace ?? "",
    context: entry.context ?? "",
    localPort: entry.local_port ? String(entry.local_port) : "",
    localAddress: entry.local_address ?? "",
    scheme: entry.scheme === "http" || entry.scheme === "https" ? entry.scheme : "",
    urlPath: entry.url_path ?? "",
    tags: entry.tags ?? [],
  };
}

/** The entry in force, with this computer's own values. */
export function inForce(f: ForwardView): Entry {
  const { local_port, local_address, context } = f.local.override ?? {};
  return {
    ...f.entry,
    ...(local_port ? { local_port } : {}),
    ...(local_address ? { local_address } : {}),
    ...(context ? { context } : {}),
  };
}

/** A port as an entry has it: a number, or a name. */
function port(text: string): number | string | null {
  const trimmed = text.trim();
  if (!trimmed) return null;
  return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
}

/** The form as fields of an entry; null where nothing is said. */
function fieldsOf(d: Draft, like: Entry): Fields {
  const text = (value: string) => value.trim() || null;
  const named = targetField({ ...like, workload_type: d.kind });
  return {
    alias: text(d.alias),
    workload_type: d.kind,
    service: null,
    pod_name: null,
    target: null,
    [named]: text(d.target),
    remote_port: port(d.remotePort),
    namespace: text(d.namespace),
    context: text(d.context),
    local_port: port(d.localPort),
    local_address: text(d.localAddress),
    scheme: text(d.scheme),
    url_path: text(d.urlPath),
    tags: d.tags.length ? d.tags : null,
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** What the form changes of an entry: fields by name, null where one is cleared. */
export function changesOf(d: Draft, entry: Entry): Fields {
  const before: Fields = { workload_type: "service", ...entry };
  const changed = Object.entries(fieldsOf(d, entry)).filter(([name, value]) => {
    // A field that the form cannot show must not be cleared by it.
    if (
      ["service", "pod_name", "target"].includes(name) &&
      value === null &&
      d.kind === (entry.workload_type ?? "service")
    )
      return false;
    return !same(value, before[name]);
  });
  return Object.fromEntries(changed);
}

/** The form as a new entry. */
export function entryOf(d: Draft, like: Entry): Fields {
  const all = { ...like, ...fieldsOf(d, like) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
}

/** The first changed field that cannot be set for this computer only, or undefined. */
export function notForHere(changes: Fields): string | undefined {
  return Object.keys(changes).find((name) => !forHere.has(name));
}

/** What is missing or has no meaning, by field; empty when the form can be sent. */
export function problemsOf(d: Draft): Partial<Record<keyof Draft, string>> {
  const local = d.localPort.trim();
  const remote = d.remotePort.trim();
  const outside = (text: string) => /^\d+$/.test(text) && (Number(text) < 1 || Number(text) > 65_535);
  return {
    ...(d.alias.trim() ? {} : { alias: "A name is needed" }),
    ...(d.target.trim() ? {} : { target: "A target is needed" }),
    ...(!remote ? { remotePort: "A port is needed" } : outside(remote) ? { remotePort: "1 to 65535" } : {}),
    ...(local && (!/^\d+$/.test(local) || outside(local)) ? { localPort: "A number from 1 to 65535" } : {}),
    ...(d.urlPath && !d.urlPath.startsWith("/") ? { urlPath: "It starts with /" } : {}),
  };
}

/** How long an edit of a team's forward lives, in words that end a sentence. */
export function lastsUntil(source: SourceView | undefined): {
  until: string;
  /** "A plain edit ends …" */
  ends: string;
  after: string;
  /** A timer says when. */
  clock: boolean;
} {
  if (source?.on_edit === "keep-until-changed")
    return {
      until: "until the team changes it",
      ends: "when the team changes that same field",
      after: "It ends when the repository changes that same field.",
      clock: false,
    };
  if (source?.held)
    return {
      until: "until you resume",
      ends: "when you resume",
      after: "When you resume the source, the repository wins again.",
      clock: false,
    };
  if (source?.apply === "review")
    return {
      until: "until your next yes",
      ends: "with the next changes that you take",
      after: "With the next changes that you take, the repository wins again.",
      clock: false,
    };
  return {
    until: "until the next sync",
    ends: "with the next sync",
    after: "Then the repository wins again.",
    clock: true,
  };
}
