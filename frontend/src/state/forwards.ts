import type { EnvironmentView, ForwardView, Phase, SourceView } from "../backend";
import type { GlyphName } from "../ui/glyph";
import type { Hue } from "../ui/parts";
import type { Filter, Grouping } from "./screen";

/** How a phase is shown, and as what it counts. */
interface PhaseLook {
  glyph: GlyphName;
  counts: Exclude<Filter, "all">;
  word: string;
}

const looks: Record<Phase, PhaseLook> = {
  off: { glyph: "off", counts: "off", word: "Off" },
  listening: { glyph: "listening", counts: "up", word: "Listening" },
  connecting: { glyph: "connecting", counts: "up", word: "Connecting" },
  ready: { glyph: "ready", counts: "up", word: "Ready" },
  waiting: { glyph: "waiting", counts: "waiting", word: "Waiting for a pod" },
  unreachable: { glyph: "unreachable", counts: "waiting", word: "Waiting for the cluster" },
  "sign-in-needed": { glyph: "sign-in", counts: "needs", word: "Sign-in needed" },
  denied: { glyph: "denied", counts: "needs", word: "Not permitted" },
  "port-busy": { glyph: "busy", counts: "needs", word: "Port taken" },
  "changed-confirm": { glyph: "stalled", counts: "needs", word: "Waits for your yes" },
  unsupported: { glyph: "off", counts: "off", word: "Not supported yet" },
  stalled: { glyph: "stalled", counts: "needs", word: "Stalled" },
};

/** How a forward's state is shown. */
export function look(f: ForwardView): PhaseLook {
  return looks[f.status.phase];
}

/** The state in words, with the reason: what the glyph says aloud. */
export function stateWords(f: ForwardView): string {
  const { word } = look(f);
  return f.status.fault ? `${word}: ${f.status.fault.message}` : word;
}

/** Reports whether a person has started it: Stop is offered, whatever its state. */
export function wanted(f: ForwardView): boolean {
  return f.local.wanted === true || look(f).counts === "up";
}

function startable(f: ForwardView): boolean {
  return !wanted(f) && f.status.phase !== "unsupported";
}

/**
 * What of a list can be started and stopped as one. Beside others, protected forwards are not started; where nothing
 * else is off, they are what is meant, and starting them asks.
 */
export function switches(forwards: readonly ForwardView[]) {
  const off = forwards.filter(startable);
  const free = off.filter((f) => !f.protected);
  return { off: free.length ? free : off, on: forwards.filter(wanted) };
}

/** The favourites in the order that the person gave them, and then the others as they come. */
export function favourites(forwards: readonly ForwardView[]): ForwardView[] {
  const rank = (f: ForwardView) => f.local.rank || Number.POSITIVE_INFINITY;
  return forwards.filter((f) => f.local.favourite).sort((a, b) => rank(a) - rank(b) || 0);
}

/** The name of a forward. */
export function nameOf(f: Pick<ForwardView, "entry" | "key">): string {
  return f.entry.alias || f.entry.service || f.entry.pod_name || f.entry.target || f.key;
}

const kinds: Record<string, string> = {
  service: "svc",
  pod: "pod",
  deployment: "deploy",
  statefulset: "sts",
  daemonset: "ds",
  replicaset: "rs",
  job: "job",
};

/** Where a forward leads, as kubectl names it: svc, checkout-api, http. */
export function targetOf({ entry }: Pick<ForwardView, "entry">) {
  const kind = entry.workload_type ?? "service";
  const name = entry.service || entry.pod_name || entry.target || entry.remote_address || "";
  return { kind: kinds[kind] ?? kind, name, port: String(entry.remote_port ?? "") };
}

/** The local address: what listens now, or what would; an IPv6 one is in brackets, as before a port. */
export function addressOf(f: ForwardView): { host: string; port: string } {
  const actual = f.status.addresses?.[0];
  const at = actual?.lastIndexOf(":") ?? -1;
  if (actual && at > 0) return { host: actual.slice(0, at), port: actual.slice(at + 1) };
  const port = f.local.override?.local_port ?? f.entry.local_port ?? f.local.port;
  const host = f.local.override?.local_address || f.entry.local_address || f.local.loopback || "127.0.0.1";
  return { host: host.includes(":") ? `[${host}]` : host, port: port ? String(port) : "auto" };
}

/**
 * What "open in browser" opens, or undefined for a forward that does not listen. It leads to the forward's own
 * address and nowhere else, whatever the entry says.
 */
export function urlOf(f: ForwardView): string | undefined {
  const actual = f.status.addresses?.[0];
  const { scheme = "http", url_path: path = "/" } = f.entry;
  if (!actual || !["http", "https"].includes(scheme) || !/^\/(?![/\\])/.test(path)) return undefined;
  try {
    const base = new URL(`${scheme}://${actual}`);
    const url = new URL(path, base);
    return url.origin === base.origin ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** The environments of a view in its order, each with its source. */
export interface Place {
  source: SourceView;
  environment: EnvironmentView;
  hue: Hue;
}

/** Lists the environments in the order of the sidebar. */
export function places(sources: SourceView[]): Place[] {
  return sources.flatMap((source) =>
    source.environments.map((environment, i) => ({ source, environment, hue: hueOf(environment, i) })),
  );
}

const hues: Hue[] = ["teal", "violet", "orange", "ochre", "slate"];
const centres: Array<[Hue, number]> = [
  ["teal", 177],
  ["violet", 257],
  ["orange", 17],
  ["ochre", 46],
];

/** The nearest of the five hues to the one that a repository names; without one, by its place. */
export function hueOf({ color = "", protected: guarded }: EnvironmentView, place: number): Hue {
  if ((hues as string[]).includes(color)) return color as Hue;
  const named: Record<string, Hue> = {
    green: "teal",
    blue: "violet",
    purple: "violet",
    red: "orange",
    yellow: "ochre",
  };
  if (named[color]) return named[color];
  const hex = /^#(?:([\da-f])([\da-f])([\da-f])|([\da-f]{2})([\da-f]{2})([\da-f]{2}))$/i.exec(color);
  if (!hex) return guarded ? "orange" : (hues[place % 5] ?? "slate");
  const [r = 0, g = 0, b = 0] = hex
    .slice(1)
    .flatMap((part) => (part ? [Number.parseInt(part.padEnd(2, part), 16)] : []));
  const [low, high] = [Math.min(r, g, b), Math.max(r, g, b)];
  if (high - low < 32) return "slate";
  const span = high - low;
  const sixth = high === r ? (g - b) / span : high === g ? 2 + (b - r) / span : 4 + (r - g) / span;
  const angle = (60 * sixth + 360) % 360;
  const away = (centre: number) => Math.min(Math.abs(angle - centre), 360 - Math.abs(angle - centre));
  return centres.reduce((best, next) => (away(next[1]) < away(best[1]) ? next : best))[0];
}

/** Counts of a list of forwards. */
export interface Counts {
  all: number;
  up: number;
  needs: number;
  waiting: number;
  off: number;
}

/** Counts forwards by what they need. */
export function count(forwards: readonly ForwardView[]): Counts {
  const counts: Counts = { all: forwards.length, up: 0, needs: 0, waiting: 0, off: 0 };
  for (const f of forwards) counts[look(f).counts]++;
  return counts;
}

/** The key of an environment among all sources. */
export const placeKey = (source: string, environment: string) => `${source}/${environment}`;

/** The forwards by environment key, and under "mine" the person's own. */
export function byPlace(forwards: readonly ForwardView[]): Map<string, ForwardView[]> {
  const places = new Map<string, ForwardView[]>();
  for (const f of forwards) {
    const key = f.source === "mine" ? "mine" : placeKey(f.source, f.environment);
    const place = places.get(key);
    if (place) place.push(f);
    else places.set(key, [f]);
  }
  return places;
}

const words = new WeakMap<ForwardView, string>();

/** All that search looks at, in lower case; made once per forward. */
function haystack(f: ForwardView): string {
  let text = words.get(f);
  if (text === undefined) {
    const { kind, name, port } = targetOf(f);
    const { host, port: local } = addressOf(f);
    const { namespace, context, tags = [], description } = f.entry;
    text = [
      nameOf(f),
      `${kind}/${name}:${port}`,
      `${host}:${local}`,
      namespace,
      context,
      f.environment,
      description,
      ...tags,
    ]
      .join("\n")
      .toLowerCase();
    words.set(f, text);
  }
  return text;
}

/** Reads forwards for the search, so that the first key of it is as quick as the others. */
export function prepareSearch(forwards: readonly ForwardView[]) {
  for (const f of forwards) haystack(f);
}

/** The forwards in which every word of the search is found. */
export function search(forwards: readonly ForwardView[], text: string): readonly ForwardView[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return forwards;
  return forwards.filter((f) => {
    const text = haystack(f);
    return wanted.every((word) => text.includes(word));
  });
}

/** The name of the group that a forward is listed in. */
function groupOf(f: ForwardView, by: Grouping): string {
  switch (by) {
    case "environment":
      return f.source === "mine" ? `${f.environment} (mine)` : f.environment;
    case "namespace":
      return f.entry.namespace || "default namespace";
    case "context":
      return f.local.override?.context || f.entry.context || "current context";
    case "tag":
      return f.entry.tags?.[0] ?? "no tag";
    case "none":
      return "";
  }
}

/** A line of the list: a group's head, or a forward. */
export type Line =
  | { kind: "group"; key: string; name: string; forwards: ForwardView[]; folded: boolean }
  | { kind: "forward"; key: string; forward: ForwardView };

/** Lays forwards out in lines, groups in the order in which their first forward comes. */
export function layOut(forwards: readonly ForwardView[], by: Grouping, folded: ReadonlySet<string>): Line[] {
  if (by === "none") return forwards.map((forward) => ({ kind: "forward", key: forward.id, forward }));
  const groups = new Map<string, ForwardView[]>();
  for (const f of forwards) {
    const name = groupOf(f, by);
    const group = groups.get(name);
    if (group) group.push(f);
    else groups.set(name, [f]);
  }
  const lines: Line[] = [];
  for (const [name, members] of groups) {
    const key = `group:${by}:${name}`;
    const shut = folded.has(key);
    lines.push({ kind: "group", key, name, forwards: members, folded: shut });
    if (!shut) for (const forward of members) lines.push({ kind: "forward", key: forward.id, forward });
  }
  return lines;
}
