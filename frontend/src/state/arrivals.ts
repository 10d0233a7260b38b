import type { Cell } from "./cell";
import type { Screen } from "./screen";
import type { State } from "./store";

/** How long a row shows that it has just come, in milliseconds; its wash in list.module.css fades as long. */
const shown = 2000;

/**
 * Notes in Screen.arrived which forwards a sync brings while somebody looks, and forgets them when they have been
 * shown. What was there at the first word of the engine has not come.
 */
export function noteArrivals(store: Cell<State>, screen: Cell<Screen>, signal: AbortSignal) {
  let { view } = store.get();
  const change = (to: (arrived: Screen["arrived"]) => Screen["arrived"]) =>
    screen.set((s) => ({ ...s, arrived: to(s.arrived) }));
  const deaf = store.subscribe(() => {
    const before = view;
    view = store.get().view;
    if (!before.revision || before.forwards === view.forwards) return;
    const fresh = view.forwards.filter((f) => f.local.new);
    const had = new Set(fresh.length ? before.forwards.map((f) => f.id) : []);
    const came = fresh.map((f) => f.id).filter((id) => !had.has(id));
    if (!came.length) return;
    change((arrived) => new Set([...arrived, ...came]));
    setTimeout(() => change((arrived) => new Set([...arrived].filter((id) => !came.includes(id)))), shown);
  });
  signal.addEventListener("abort", deaf);
}
