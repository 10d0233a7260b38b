import type { Entry, WorkloadType } from "../../backend";

const kinds: Array<[WorkloadType, string[]]> = [
  ["pod", ["pod", "pods", "po"]],
  ["service", ["service", "services", "svc"]],
  ["deployment", ["deployment", "deployments", "deploy"]],
  ["statefulset", ["statefulset", "statefulsets", "sts"]],
  ["daemonset", ["daemonset", "daemonsets", "ds"]],
  ["replicaset", ["replicaset", "replicasets", "rs"]],
  ["job", ["job", "jobs"]],
];

/** A line that is no kubectl port-forward command; its words are for a person. */
export class LineError extends Error {}

/**
 * Text for the engine's import: lines of `kubectl port-forward` become an environment file, anything else stays
 * what it is, for the engine to judge. Throws a {@link LineError} where one of the lines cannot be understood.
 */
export function asEnvironmentFile(text: string): string {
  const lines = text
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^\$\s+/, ""));
  if (!lines.some((line) => /^(?:\S*\/)?kubectl(?:\.exe)?\s/.test(line))) return text;
  const entries = lines.flatMap((line, i) => {
    if (!line || line.startsWith("#")) return [];
    try {
      return entriesOf(words(line));
    } catch (thrown) {
      if (thrown instanceof LineError) throw new LineError(`Line ${i + 1}: ${thrown.message}`);
      throw thrown;
    }
  });
  return JSON.stringify(entries, undefined, 2);
}

/** The words of a line as a shell has them; no variables, no substitution. */
function words(line: string): string[] {
  const found = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return found
    .map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ""))
    .filter((word, i, all) => !(i === all.length - 1 && word === "&"));
}

interface Flags {
  namespace?: string;
  context?: string;
  address?: string;
}

const named: Record<string, keyof Flags> = {
  "-n": "namespace",
  "--namespace": "namespace",
  "--context": "context",
  "--address": "address",
};

/** Flags with a value that says nothing about the forward. */
const passed = new Set(["--pod-running-timeout", "--kubeconfig", "--request-timeout", "-v", "--v"]);

function entriesOf([program = "", ...rest]: string[]): Entry[] {
  if (!/(?:^|\/)kubectl(?:\.exe)?$/.test(program)) throw new LineError("it does not begin with kubectl");
  const flags: Flags = {};
  const plain: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    if (!word.startsWith("-")) {
      plain.push(word);
      continue;
    }
    const [, flag = word, joined] = /^(--[^=]+|-n)=?(.+)?$/.exec(word) ?? [];
    const name = named[flag];
    if (!name && !passed.has(flag)) throw new LineError(`${word} is not understood`);
    const value = joined ?? rest[++i];
    if (!value) throw new LineError(`${flag} needs a value`);
    if (name) flags[name] = value;
  }
  const [verb, target, ...ports] = plain;
  if (verb !== "port-forward") throw new LineError("it is not kubectl port-forward");
  if (!target || !ports.length) throw new LineError("it names no target and port");
  return ports.map((port) => entry(target, port, flags, ports.length > 1));
}

function entry(target: string, port: string, flags: Flags, several: boolean): Entry {
  const [resource = "", name = ""] = target.includes("/") ? target.split("/") : ["pod", target];
  const kind = kinds.find(([, names]) =>
    names.includes((resource.toLowerCase().split(".")[0] ?? "").trim()),
  )?.[0];
  if (!kind || !name) throw new LineError(`${target} is not TYPE/NAME`);
  const [, given, remote] = /^(?:(\d*):)?([A-Za-z0-9-]+)$/.exec(port) ?? [];
  if (!remote) throw new LineError(`${port} is not [LOCAL:]REMOTE`);
  const remotePort = /^\d+$/.test(remote) ? Number(remote) : remote;
  // kubectl takes the remote port where no local one is given, and any free one for ":REMOTE".
  const local = given === undefined && typeof remotePort === "number" ? remotePort : Number(given) || 0;
  const { address } = flags;
  if (address?.includes(",")) throw new LineError("--address names several; an entry has one");
  return {
    alias: several ? `${name}-${remote}` : name,
    workload_type: kind,
    ...(kind === "pod" ? { pod_name: name } : { service: name }),
    ...(flags.namespace ? { namespace: flags.namespace } : {}),
    ...(flags.context ? { context: flags.context } : {}),
    remote_port: remotePort,
    local_port: local,
    ...(address && address !== "localhost" ? { local_address: address } : {}),
  };
}
