import { type RefObject, useCallback, useEffect, useRef } from "react";
import type { ForwardView } from "../../backend";
import { useApp } from "../../state/app";
import type { Line } from "../../state/forwards";
import type { Screen } from "../../state/screen";
import { type Acts, useActs } from "./acts";
import type { Listing } from "./use-lines";

/** What is read of a key, React's or the window's. */
type Press = Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey" | "preventDefault">;

/** The keys of the list, for when it has the focus; page is how many lines are in sight. */
export function useListKeys(listing: Listing, page: () => number) {
  const { screen } = useApp();
  const acts = useActs();
  const latest = useRef(listing);
  latest.current = listing;
  return useCallback(
    (event: Press) => {
      if (event.altKey) return;
      const { lines, shown } = latest.current;
      const now = screen.get();
      const at = lines.findIndex((line) => line.key === now.cursor);
      const move = movement(event.key, at, lines.length, page());
      const line = lines[at];
      if (move !== undefined) screen.set((s) => moved(s, lines, at, move, event.shiftKey));
      else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a")
        screen.set((s) => ({ ...s, selected: new Set(shown.map((f) => f.id)) }));
      else if (event.ctrlKey || event.metaKey || !line) return;
      else if (line.kind === "group") {
        if (!onGroup(event.key, line, (change) => screen.set((s) => ({ ...s, ...change(s) })))) return;
      } else if (event.key === "ArrowLeft") {
        const head = lines.slice(0, at).findLast((l) => l.kind === "group");
        if (head) screen.set((s) => ({ ...s, cursor: head.key }));
      } else if (!onForward(event.key, line.forward, picked(shown, now, line.forward), acts)) return;
      event.preventDefault();
    },
    [acts, screen, page],
  );
}

/** Lets the keys that move the cursor enter the list where nothing has the focus, as in a mail program. */
export function useEntry(list: RefObject<HTMLElement | null>, keys: (event: Press) => void) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.target !== document.body || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
      if (movement(event.key, 0, 1, 1) === undefined) return;
      if (document.querySelector('[role="dialog"], [role="menu"]')) return;
      keys(event);
      list.current?.focus({ preventScroll: true });
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [list, keys]);
}

/** Where a key moves the cursor to, or undefined for a key that does not. */
function movement(key: string, at: number, lines: number, page: number): number | undefined {
  const within = (n: number) => Math.max(0, Math.min(lines - 1, n));
  switch (key) {
    case "ArrowDown":
      return within(at + 1);
    case "ArrowUp":
      return within(at - 1);
    case "PageDown":
      return within(at + page);
    case "PageUp":
      return within(at - page);
    case "Home":
      return 0;
    case "End":
      return within(lines - 1);
  }
  return undefined;
}

/** The screen after a move; with extend, the forwards on the way are selected. */
function moved(s: Screen, lines: Line[], from: number, to: number, extend: boolean): Screen {
  const cursor = lines[to]?.key;
  if (!cursor) return s;
  const details = s.details && lines[to]?.kind === "forward" ? { details: cursor } : {};
  if (!extend) return { ...s, cursor, ...details };
  const selected = new Set(s.selected);
  for (const line of lines.slice(Math.min(from, to), Math.max(from, to) + 1))
    if (line.kind === "forward") selected.add(line.key);
  return { ...s, cursor, selected, ...details };
}

function onGroup(
  key: string,
  line: Line & { kind: "group" },
  set: (change: (s: Screen) => Partial<Screen>) => void,
): boolean {
  const fold =
    key === "ArrowLeft"
      ? true
      : key === "ArrowRight"
        ? false
        : key === "Enter" || key === " "
          ? !line.folded
          : undefined;
  if (fold === undefined) return false;
  set((s) => {
    const folded = new Set(s.folded);
    if (fold) folded.add(line.key);
    else folded.delete(line.key);
    return { folded };
  });
  return true;
}

/** What a key is about: the selection, if the cursor is in it, else the forward of the cursor. */
function picked(shown: ForwardView[], { selected }: Screen, f: ForwardView): ForwardView[] {
  return selected.has(f.id) ? shown.filter((one) => selected.has(one.id)) : [f];
}

function onForward(key: string, f: ForwardView, all: ForwardView[], acts: Acts): boolean {
  switch (key) {
    case " ":
      if (all.length === 1) acts.toggle(f);
      else acts.toggleAll(all);
      return true;
    case "Enter":
      acts.details(f.id);
      return true;
    case "c":
      void acts.copyAddresses(all);
      return true;
    case "o":
      acts.open(f);
      return true;
    case "e":
      acts.edit(f);
      return true;
    case "f":
      acts.favourite(all, !f.local.favourite);
      return true;
    case "Delete":
      acts.remove(f);
      return true;
  }
  return false;
}
