import type { Action, Entry, FieldChange, ForwardView, Row } from "../../backend";
import { plural, problemText } from "../../state/format";
import { nameOf, targetOf } from "../../state/forwards";

/** One line of a plan, as it is shown. */
export interface ShownRow {
  key: string;
  action: Action;
  name: string;
  /** kind/name:port · namespace; "" of a file. */
  target: string;
  address: string;
  /** Before and after, of what is not new or gone as a whole. */
  fields: FieldChange[];
  notices: RowNotice[];
}

/** Something to know about a row before it comes into force. */
interface RowNotice {
  tone: "wait" | "bad";
  text: string;
}

/** The rows of one environment. */
export interface RowGroup {
  environment: string;
  /** "14 added · 1 updated". */
  counts: string;
  /** The contexts that its rows name. */
  contexts: string[];
  rows: ShownRow[];
}

/** What this computer knows, for notices. */
export interface Known {
  forwards: readonly ForwardView[];
  /** Whether nothing here stands for a context that an environment names, where that is known. */
  lacks?: (environment: string, context: string) => boolean;
}

/** The words for what a sync does, in the order in which they are counted. */
export const actionWords: Record<Action, string> = {
  added: "Added",
  updated: "Updated",
  renamed: "Renamed",
  deleted: "Deleted",
  superseded: "Superseded",
  kept: "Kept",
  invalid: "Invalid",
  unchanged: "Unchanged",
};

interface Held {
  rows: ShownRow[];
  contexts: Set<string>;
  counts: Map<Action, number>;
}

const held = (): Held => ({ rows: [], contexts: new Set(), counts: new Map() });

/** Lays a plan out by environment, in the order in which they come. */
export function groupRows(rows: readonly Row[], known: Known): RowGroup[] {
  const byId = new Map(known.forwards.map((f) => [f.id, f]));
  const ports = new Map<number, ForwardView>();
  for (const f of known.forwards) {
    const port = f.local.override?.local_port ?? f.entry.local_port;
    if (port && !ports.has(port)) ports.set(port, f);
  }
  const groups = new Map<string, Held>();
  for (const row of rows) {
    const group = groups.get(row.environment) ?? held();
    groups.set(row.environment, group);
    const entry = entryOf(row, byId.get(row.id ?? ""));
    if (entry.context && row.action !== "deleted") group.contexts.add(entry.context);
    group.counts.set(row.action, (group.counts.get(row.action) ?? 0) + 1);
    group.rows.push(shown(row, entry, ports, known.lacks));
  }
  return [...groups].map(([environment, { rows, contexts, counts }]) => ({
    environment,
    counts: (Object.keys(actionWords) as Action[])
      .flatMap((action) => (counts.has(action) ? `${counts.get(action)} ${action}` : []))
      .join(" · "),
    contexts: [...contexts],
    rows,
  }));
}

/** The entry that a row is about: as it will be, or, of one that goes, as it was. */
function entryOf(row: Row, forward: ForwardView | undefined): Entry {
  const gone = row.action === "deleted";
  const entry: Record<string, unknown> = { ...forward?.team };
  for (const { name, before, after } of row.fields ?? []) entry[name] = gone ? before : after;
  return entry as Entry;
}

function shown(row: Row, entry: Entry, ports: Map<number, ForwardView>, lacks: Known["lacks"]): ShownRow {
  const file = row.kind === "file";
  const { kind, name, port } = targetOf({ entry });
  const whole = row.action === "added" || row.action === "deleted";
  return {
    key: `${row.environment}/${row.key || row.file}/${row.action}`,
    action: row.action,
    name: file ? row.file : nameOf({ entry, key: row.key }),
    target: name && !file ? `${kind}/${name}:${port}${entry.namespace ? ` · ${entry.namespace}` : ""}` : "",
    address: file || !name ? "" : `127.0.0.1:${entry.local_port || "auto"}`,
    fields: whole ? [] : (row.fields ?? []),
    notices: [...noticesOf(row), ...(row.action === "deleted" ? [] : noticesAbout(row, entry, ports, lacks))],
  };
}

function noticesOf(row: Row): RowNotice[] {
  const notices: RowNotice[] = (row.problems ?? []).map((p) => ({
    tone: p.severity === "error" ? "bad" : "wait",
    text: problemText(p),
  }));
  if (row.reason && !notices.length)
    notices.push({ tone: row.action === "invalid" ? "bad" : "wait", text: row.reason });
  if (row.confirm) notices.push({ tone: "wait", text: "It runs and moves: it waits for your yes" });
  return notices;
}

function noticesAbout(
  row: Row,
  { local_port: port, local_address: address, context }: Entry,
  ports: Map<number, ForwardView>,
  lacks: Known["lacks"],
): RowNotice[] {
  const notices: RowNotice[] = [];
  const other = port ? ports.get(port) : undefined;
  if (row.action === "added" && other)
    notices.push({ tone: "wait", text: `${port} is also the port of ${nameOf(other)}` });
  if (address && !/^(?:127\.|localhost$|::1$)/.test(address))
    notices.push({ tone: "wait", text: `Asks for ${address}; on 127.0.0.1 until you allow it` });
  if (context && lacks?.(row.environment, context))
    notices.push({ tone: "wait", text: `No context ${context} on this computer` });
  return notices;
}

/** What a plan does, in one line: "28 forwards will be added". */
export function planWords(rows: readonly Row[]): string {
  const changes = rows.filter((r) => r.kind === "forward" && r.action !== "unchanged" && r.action !== "kept");
  const [first] = changes;
  if (!first) return "Nothing will change";
  if (changes.every((r) => r.action === first.action))
    return `${plural(changes.length, "forward")} will be ${first.action}`;
  return `${plural(changes.length, "forward")} will change`;
}
