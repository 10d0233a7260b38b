import type { Backend, Counters } from "../backend";
import { type Cell, cell } from "./cell";

/** How one forward's traffic is drawn. */
export interface Traffic {
  /** Bytes a second, both ways, over the last second. */
  rate: number;
  /** Connections that are open. */
  live: number;
  /** Mean rates of the last two minutes, oldest first; at most {@link points}. */
  series: readonly number[];
  counters: Counters;
}

/** Points of a series. */
export const points = 25;

/** Polls that make one point: 25 points of 5 s are about two minutes. */
const perPoint = 5;

interface Held {
  at: number;
  counters: Counters;
  pending: number[];
  cell: Cell<Traffic | undefined>;
}

/**
 * Asks once a second for the counters of the forwards that are on the screen, and makes rates of them. What
 * is off the screen is neither asked for nor drawn.
 */
export class CounterPoll {
  private readonly held = new Map<string, Held>();
  private readonly seen = new Map<string, number>();
  private asking = false;

  constructor(
    private readonly backend: Pick<Backend, "counters">,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The traffic of one forward, undefined until it was asked for twice. */
  of(id: string): Cell<Traffic | undefined> {
    return this.hold(id).cell;
  }

  /** Says that a forward is on the screen, until the returned function is called. */
  watch(id: string): () => void {
    this.seen.set(id, (this.seen.get(id) ?? 0) + 1);
    return () => {
      const left = (this.seen.get(id) ?? 1) - 1;
      if (left) this.seen.set(id, left);
      else this.seen.delete(id);
    };
  }

  /** Polls until signal is aborted; not while the page is hidden. */
  run(signal: AbortSignal) {
    const timer = setInterval(() => {
      if (!document.hidden) void this.poll();
    }, 1000);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** Asks once, unless the last question is still open. An agent that is gone is the store's to tell. */
  async poll() {
    const ids = [...this.seen.keys()];
    if (!ids.length || this.asking) return;
    this.asking = true;
    try {
      for (const counters of await this.backend.counters(ids)) this.take(counters);
    } catch {
      // The next second asks again.
    } finally {
      this.asking = false;
    }
  }

  private hold(id: string): Held {
    let held = this.held.get(id);
    if (!held) {
      const counters = { id, live: 0, total: 0, sent: 0, received: 0, first_byte_ms: 0 };
      held = { at: 0, counters, pending: [], cell: cell<Traffic | undefined>(undefined) };
      this.held.set(id, held);
    }
    return held;
  }

  private take(counters: Counters) {
    const held = this.hold(counters.id);
    const at = this.now();
    const bytes = counters.sent + counters.received - held.counters.sent - held.counters.received;
    const seconds = (at - held.at) / 1000;
    // The first answer has no rate, nor has one after a pause or of a new engine, whose counters begin at zero.
    const known = seconds > 0.2 && seconds < 10 && bytes >= 0 && held.at > 0;
    const rate = known ? bytes / seconds : 0;
    let series = held.cell.get()?.series ?? [];
    if (known) {
      // The newest point is the mean so far, and stands when it has all its polls.
      if (held.pending.length === perPoint) held.pending = [];
      const earlier = held.pending.length ? series.slice(0, -1) : series;
      held.pending.push(rate);
      series = [...earlier, held.pending.reduce((a, b) => a + b, 0) / held.pending.length].slice(-points);
    }
    Object.assign(held, { at, counters });
    held.cell.set({ rate, live: counters.live, series, counters });
  }
}
