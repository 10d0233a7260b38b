const units: Array<[names: RegExp, go: string, ms: number]> = [
  [/^(h|hours?|hrs?)$/, "h", 3_600_000],
  [/^(m|mins?|minutes?)$/, "m", 60_000],
  [/^(|s|secs?|seconds?)$/, "s", 1000],
  [/^(ms|milliseconds?)$/, "ms", 1],
];

/**
 * Reads a time as a person types it, such as "45", "2 min" or "1m30s", and gives what the engine takes: "45s". A
 * number alone is seconds. What is no time gives undefined.
 */
export function readDuration(text: string): string | undefined {
  const rest = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?\s*[a-z]*\s*)+$/.test(rest)) return undefined;
  let written = "";
  for (const [, number, name = ""] of rest.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)) {
    const unit = units.find(([names]) => names.test(name));
    if (!unit) return undefined;
    written += number + unit[1];
  }
  return written;
}

/** Writes a Go duration as a person reads it: "1m30s" is "1 min 30 s". What is no duration stays as it is. */
export function durationText(value: string): string {
  if (!isDuration(value)) return value;
  const words: Record<string, string> = { h: "h", m: "min", s: "s", ms: "ms", us: "µs", µs: "µs", ns: "ns" };
  const parts = [...value.matchAll(/([\d.]+)(h|ms|m|us|µs|ns|s)/g)];
  const shown = parts.filter(([, number]) => Number(number) !== 0);
  return (shown.length ? shown : parts.slice(-1))
    .map(([, number, unit = ""]) => `${number} ${words[unit]}`)
    .join(" ");
}

/** Reports whether the engine wrote this as a time. */
export function isDuration(value: string): boolean {
  return /^([\d.]+(h|ms|m|us|µs|ns|s))+$/.test(value);
}
