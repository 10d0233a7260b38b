import { asFault, type Backend, type Fault, sessionEnded, type View } from "../backend";
import { apply, nothing } from "./apply";
import { type Cell, cell } from "./cell";

/**
 * How things stand with the agent: "opening" until its first word, "live" while it answers, "lost" while it does
 * not and is tried again, "ended" where trying again is no use.
 */
type Link = "opening" | "live" | "lost" | "ended";

/** What the pages draw. */
export interface State {
  view: View;
  link: Link;
  /** Why the link is lost or ended. */
  fault?: Fault;
  /** When the link was lost: what is shown is of then. */
  lost?: number | undefined;
}

/** Codes after which this page cannot go on by itself. */
const final = new Set([sessionEnded]);

/** The longest pause before a lost agent is tried again. */
const patience = 2000;

/** Makes the cell that {@link follow} keeps up to date. */
export function makeStore(): Cell<State> {
  return cell<State>({ view: nothing, link: "opening" });
}

/**
 * Follows the engine's view by long poll until signal is aborted. Nothing is missed: each answer holds all that
 * became of the view since the revision that is held, and a new engine sends everything. A change of agent ends
 * the pause before a lost one is tried again.
 */
export async function follow(
  store: Cell<State>,
  backend: Pick<Backend, "changes">,
  signal: AbortSignal,
  agent?: Pick<Cell<unknown>, "subscribe">,
) {
  let pause = 125;
  while (!signal.aborted) {
    try {
      const { view, link } = store.get();
      // A lost engine may have been replaced by one that happens to be at the same revision.
      const changes = await backend.changes(link === "live" ? view.revision : 0, signal);
      pause = 125;
      store.set({ view: apply(view, changes), link: "live" });
    } catch (thrown) {
      if (signal.aborted) return;
      const fault = asFault(thrown);
      const over = final.has(fault.code);
      store.set(({ view, link, lost }) => ({
        view,
        link: over ? "ended" : "lost",
        fault,
        lost: link === "live" ? Date.now() : lost,
      }));
      if (over) return;
      pause = Math.min(2 * pause, patience);
      await sleep(pause, signal, agent);
    }
  }
}

function sleep(ms: number, signal: AbortSignal, agent?: Pick<Cell<unknown>, "subscribe">): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      deaf?.();
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    const deaf = agent?.subscribe(over);
    signal.addEventListener("abort", over);
  });
}
