import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import type { AgentState, Backend, Door, Host } from "../backend";
import { noteArrivals } from "./arrivals";
import { type Cell, cell, useCell } from "./cell";
import { CounterPoll, type Traffic } from "./counters";
import { clock } from "./format";
import { makeRoute, type Route } from "./route";
import { type Screen, screen } from "./screen";
import { showPage } from "./shown-page";
import { follow, makeStore, type State } from "./store";

/** Everything that a page works with. It is made once, and never changes. */
export interface App {
  backend: Backend;
  host: Host;
  store: Cell<State>;
  counters: CounterPoll;
  route: Cell<Route>;
  screen: Cell<Screen>;
  /** How it is with the agent; undefined in a browser, and before the window has said. */
  agent: Cell<AgentState | undefined>;
  /** Keys of intents that are under way; see useIntent. */
  pending: Cell<ReadonlySet<string>>;
}

const Context = createContext<App | undefined>(undefined);

/** Runs the store and the counters for what is inside. */
export function AppProvider({ door, children }: { door: Door; children: ReactNode }) {
  const { app, running } = useMemo(() => {
    const running = new AbortController();
    const app: App = {
      ...door,
      store: makeStore(),
      counters: new CounterPoll(door.backend),
      route: makeRoute(running.signal),
      screen: cell(screen),
      agent: cell<AgentState | undefined>(undefined),
      pending: cell<ReadonlySet<string>>(new Set()),
    };
    return { app, running };
  }, [door]);
  useEffect(() => {
    void follow(app.store, app.backend, running.signal, app.agent);
    app.host.agent?.follow(app.agent.set, running.signal);
    app.host.pages?.((page) => showPage(app, page), running.signal);
    app.counters.run(running.signal);
    noteArrivals(app.store, app.screen, running.signal);
    return () => running.abort();
  }, [app, running]);
  return <Context value={app}>{children}</Context>;
}

/** The page's surroundings. */
export function useApp(): App {
  const app = useContext(Context);
  if (!app) throw new Error("this is outside of AppProvider");
  return app;
}

/** A part of the view; what select returns must be part of it, or a plain value. */
export function useView<S>(select: (view: State["view"]) => S): S {
  return useCell(useApp().store, (state) => select(state.view));
}

/** How things stand with the agent. */
export function useLink(): State["link"] {
  return useCell(useApp().store, (state) => state.link);
}

/** The time of day of what is shown, while the agent is not heard; undefined while it is. */
export function useStale(): string | undefined {
  const lost = useCell(useApp().store, (state) => state.lost);
  return lost ? clock(lost) : undefined;
}

/** The page that is open. */
export function useRoute(): Route {
  return useCell(useApp().route, (route) => route);
}

/** Part of what is on the screen and in no view: selection, search, open dialogs. */
export function useScreen<S>(select: (screen: Screen) => S): S {
  return useCell(useApp().screen, select);
}

/** The traffic of a forward that is on the screen; asks for it as long as the caller is drawn and on is true. */
export function useTraffic(id: string, on: boolean): Traffic | undefined {
  const { counters } = useApp();
  useEffect(() => (on ? counters.watch(id) : undefined), [counters, id, on]);
  return useCell(counters.of(id), (traffic) => traffic);
}
