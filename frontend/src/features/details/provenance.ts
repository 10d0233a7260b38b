import type { Entry, ForwardView } from "../../backend";
import { targetOf } from "../../state/forwards";

/** Where a value comes from. */
export type Origin = "repo" | "mine" | "here" | "default" | "own";

/** One field as it is in force, and why. */
export interface Field {
  name: keyof Entry;
  label: string;
  value: string;
  /** The team's value, where another is in force. */
  team?: string;
  origin: Origin;
}

const defaults: Partial<Record<keyof Entry, string>> = {
  local_address: "127.0.0.1",
  namespace: "default",
  context: "current",
  protocol: "tcp",
  local_port: "a free one",
};

const labels: Array<[name: keyof Entry, label: string]> = [
  ["service", "Target"],
  ["namespace", "Namespace"],
  ["remote_port", "Remote port"],
  ["local_port", "Local port"],
  ["context", "Context"],
  ["local_address", "Address"],
];

/** Where the value of one field comes from: the repository, an edit, this computer, or nobody. */
export function provenance(f: ForwardView, name: keyof Entry): Origin {
  const override = f.local.override as Record<string, unknown> | undefined;
  if (override?.[name]) return "here";
  const value = f.entry[name];
  if (value === undefined || value === null || value === "") return "default";
  if (f.source === "mine") return "own";
  return JSON.stringify(value) === JSON.stringify(f.team[name]) ? "repo" : "mine";
}

/** The fields that decide where a forward leads, in the order of the details. */
export function fields(f: ForwardView): Field[] {
  return labels.map(([name, label]) => {
    const field = name === "service" ? targetField(f.entry) : name;
    const origin = provenance(f, field);
    const override = f.local.override as Record<string, unknown> | undefined;
    const words = (entry: Entry, at: unknown) =>
      name === "service" ? `${targetOf({ entry }).kind}/${at ?? ""}` : String(at ?? defaults[field] ?? "");
    const value = words(f.entry, origin === "here" ? override?.[field] : f.entry[field]);
    const team = words(f.team, f.team[field]);
    const changed = (origin === "mine" || origin === "here") && team !== value;
    return { name: field, label, value, origin, ...(changed ? { team } : {}) };
  });
}

/** The field that names the target of an entry. */
export function targetField(entry: Entry): "service" | "pod_name" | "target" | "remote_address" {
  if (entry.workload_type === "pod") return entry.pod_name ? "pod_name" : "target";
  return entry.workload_type === "proxy" ? "remote_address" : "service";
}
