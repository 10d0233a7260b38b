import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ForwardView } from "../backend";
import { eachPhase, team } from "../backend/fake-data";
import { nothing } from "./apply";
import { noteArrivals } from "./arrivals";
import { cell } from "./cell";
import { screen } from "./screen";
import { makeStore } from "./store";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const [old, ...others] = eachPhase(team().forwards) as [ForwardView, ...ForwardView[]];
const fresh = others.map((f) => ({ ...f, local: { ...f.local, new: true } }));

test("what a sync brings has arrived for two seconds, and what was there has not", () => {
  const store = makeStore();
  const shown = cell(screen);
  const running = new AbortController();
  noteArrivals(store, shown, running.signal);
  let revision = 0;
  const publish = (forwards: ForwardView[]) =>
    store.set({ view: { ...nothing, revision: ++revision, forwards }, link: "live" });
  const arrived = () => [...shown.get().arrived];
  const [first, second, third] = fresh as [ForwardView, ForwardView, ForwardView];

  publish([old, first]); // the first word
  expect(arrived()).toEqual([]);
  publish([old, first, second]);
  expect(arrived()).toEqual([second.id]);
  vi.advanceTimersByTime(1000);
  publish([{ ...old }, first, { ...second }, third]);
  expect(arrived()).toEqual([second.id, third.id]);
  vi.advanceTimersByTime(1000);
  expect(arrived()).toEqual([third.id]);
  vi.advanceTimersByTime(1000);
  expect(arrived()).toEqual([]);
  publish([old, first, second, third, others[3] as ForwardView]); // a person's own
  expect(arrived()).toEqual([]);
});
