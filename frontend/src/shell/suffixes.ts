const usual: Record<string, string> = {
  dev: "dev",
  develop: "dev",
  development: "dev",
  stg: "stg",
  stage: "stg",
  staging: "stg",
  prod: "prod",
  production: "prod",
  test: "test",
  testing: "test",
};

/** Short names of environments: the usual ones as everybody writes them, else four letters, more until unique. */
export function suffixes(names: readonly string[]): Map<string, string> {
  const short = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of new Set(names)) {
    let length = 4;
    let suffix = usual[name.toLowerCase()] ?? name.slice(0, length);
    while (taken.has(suffix) && length < name.length) suffix = name.slice(0, ++length);
    taken.add(suffix);
    short.set(name, suffix);
  }
  return short;
}
