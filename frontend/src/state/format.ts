import type { Problem } from "../backend";

/** Bytes as 48.2 kB: powers of ten, three digits at most. */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  const digits = unit === 0 || n >= 99.95 ? 0 : 1;
  return `${n.toFixed(digits)} ${units[unit]}`;
}

/** A time that has passed: "12 min ago", "now" within the last seconds. */
export function ago(at: string | undefined, now: number): string {
  if (!at) return "never";
  const seconds = (now - Date.parse(at)) / 1000;
  return seconds < 10 ? "now" : `${span(seconds)} ago`;
}

/** A length of time in one unit: 43 min, 3 h, 2 d. */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Time left as a clock has it: 0:38; 0:00 when it is over. */
export function countdown(until: string | undefined, now: number): string {
  const seconds = until ? Math.max(0, Math.ceil((Date.parse(until) - now) / 1000)) : 0;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** A point in time for a tooltip, in the person's own way of writing. */
export function exact(at: string | undefined): string {
  return at ? new Date(at).toLocaleString() : "";
}

/** The time of day: 09:41:12. */
export function clock(at: string | number): string {
  return new Date(at).toLocaleTimeString([], { hour12: false });
}

/** A count with its thousands apart: 10,000. */
export function amount(n: number): string {
  return n.toLocaleString("en");
}

/** A count where there is little room: 999, 6k. */
export function roughly(n: number): string {
  return n < 1000 ? String(n) : `${Math.round(n / 1000)}k`;
}

/** "1 forward", "2 forwards". */
export function plural(n: number, noun: string): string {
  return `${amount(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** The first letters of a commit, as git shows it. */
export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}

/** Seconds of a Go duration such as "1m30s"; 0 for none. */
export function seconds(duration: string | undefined): number {
  const unit: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, µs: 1e-6, ns: 1e-9 };
  let sum = 0;
  for (const [, n, u] of (duration ?? "").matchAll(/([\d.]+)(h|ms|m|us|µs|ns|s)/g))
    sum += Number(n) * (unit[u ?? ""] ?? 0);
  return sum;
}

/** A value of an entry's field, as a person reads it. */
export function fieldText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A finding in a file: where, and what. */
export function problemText({ position, message }: Problem): string {
  return position.line ? `Line ${position.line}: ${message}` : message;
}

/** Words that begin as a sentence does. The name of a host or a repository stays as it is. */
export function capital(text: string): string {
  return /^\S+[./]\w/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** A fault's words as a sentence: they come in lower case and without a stop. */
export function sentence(text: string): string {
  const upper = capital(text);
  return /[.?!:]$/.test(upper) ? upper : `${upper}.`;
}

/** A fault's hint as a sentence, without the commands that it names for a terminal: here are buttons. */
export function hintOf(fault: { hint?: string } | undefined): string {
  const text = (fault?.hint ?? "").replace(/ ?\(portolan [^)]*\)|(?:,? with)?: portolan [^;]*/g, "").trim();
  return text && sentence(text);
}
