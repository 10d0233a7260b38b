import type { Changes, View } from "../backend";

/** The view before the engine has said anything. */
export const nothing: View = {
  revision: 0,
  sources: [],
  forwards: [],
  superseded: [],
  notices: [],
  accounts: [],
  paused: false,
};

/**
 * The view with changes that were asked for with its revision, or with one before it: what
 * portolan.View.Apply does, without touching what was held. What did not change stays the same object.
 */
export function apply(view: View, c: Changes): View {
  const { revision, notices, accounts, asking, paused, undo } = c;
  const fresh = {
    revision,
    notices,
    accounts,
    paused,
    ...(asking ? { asking } : {}),
    ...(undo ? { undo } : {}),
  };
  if (c.whole) return { ...fresh, sources: c.sources, forwards: c.forwards, superseded: c.superseded };
  const { removed = {}, order = {} } = c;
  return {
    ...fresh,
    sources: applied(view.sources, (s) => s.name, c.sources, removed.sources, order.sources),
    forwards: applied(view.forwards, (f) => f.id, c.forwards, removed.forwards, order.forwards),
    superseded: applied(view.superseded, (s) => s.id, c.superseded, removed.superseded, order.superseded),
  };
}

/** One list of a view with its changes. */
function applied<T>(
  held: T[],
  key: (t: T) => string,
  changed: T[] | null,
  removed: string[] = [],
  order: string[] = [],
): T[] {
  // Go writes a list that was never filled as null.
  if (!changed?.length && !removed.length && !order.length) return held;
  const fresh = new Map((changed ?? []).map((t) => [key(t), t]));
  if (order.length) {
    const known = new Map([...held.map((t) => [key(t), t] as const), ...fresh]);
    return order.flatMap((k) => known.get(k) ?? []);
  }
  const gone = new Set(removed);
  return held.filter((t) => !gone.has(key(t))).map((t) => fresh.get(key(t)) ?? t);
}
