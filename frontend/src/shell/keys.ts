import { spotlight } from "@mantine/spotlight";
import { useEffect } from "react";
import { useActs } from "../features/forwards/acts";
import { type App, useApp } from "../state/app";
import { places } from "../state/forwards";
import { go } from "../state/route";

/** Cmd on macOS, Ctrl elsewhere. */
export const mod = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘" : "Ctrl";

/** All keys, as the dialog behind ? lists them. The list's own are in features/forwards/list-keys.ts. */
export const keyMap: Array<{ keys: string; does: string }> = [
  { keys: "↑ ↓", does: "Move; Home, End, Page Up and Page Down too" },
  { keys: "Space", does: "Start or stop" },
  { keys: "Enter", does: "Details" },
  { keys: "Shift ↑↓", does: "Select" },
  { keys: `${mod} A`, does: "Select all" },
  { keys: "← →", does: "Fold and unfold a group" },
  { keys: "C", does: "Copy the address" },
  { keys: "O", does: "Open in the browser" },
  { keys: "E", does: "Edit" },
  { keys: "F", does: "Favourite" },
  { keys: "Del", does: "Remove one of your own" },
  { keys: "Alt ↑↓", does: "Move a favourite in the sidebar" },
  { keys: `${mod} K`, does: "Everything: the palette" },
  { keys: "/", does: "Search" },
  { keys: "Esc", does: "Empty the search, close what is open" },
  { keys: `${mod} R`, does: "Sync now" },
  { keys: `${mod} 1–9`, does: "The nth environment" },
  { keys: `${mod} N`, does: "New forward" },
  { keys: `${mod} ,`, does: "Settings" },
  { keys: `${mod} Z`, does: "Undo" },
  { keys: "F6", does: "Next part of the window" },
  { keys: "?", does: "All keys" },
];

/** The id of the search field, which / focuses. */
export const searchId = "search";

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** The keys that work wherever the focus is. The list, dialogs and menus have theirs themselves. */
export function useKeys() {
  const app = useApp();
  const acts = useActs();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      const chord = event.ctrlKey || event.metaKey;
      const act = chord ? chords(event.key, event, app, acts) : plain(event.key, event, app, acts);
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [app, acts]);
}

type Act = (() => unknown) | undefined;

function chords(
  key: string,
  event: KeyboardEvent,
  { store, screen, route }: App,
  acts: ReturnType<typeof useActs>,
): Act {
  if (screen.get().dialog || event.shiftKey) return undefined;
  const { view } = store.get();
  switch (key.toLowerCase()) {
    case "k":
      return spotlight.toggle;
    case "r":
      return () => acts.sync([]);
    case "n": {
      const at = route.get();
      return () => acts.create(at.page === "environment" ? at.environment : undefined);
    }
    case ",":
      return () => go({ page: "settings", section: "general" });
    case "z":
      return typing(event.target) ? undefined : () => acts.undo(view.undo);
  }
  const nth = /^[1-9]$/.test(key) && places(view.sources)[Number(key) - 1];
  if (!nth) return undefined;
  return () => go({ page: "environment", source: nth.source.name, environment: nth.environment.name });
}

function plain(key: string, event: KeyboardEvent, { screen }: App, acts: ReturnType<typeof useActs>): Act {
  const { dialog, card, details } = screen.get();
  if (key === "F6") return () => nextPart(event.shiftKey ? -1 : 1);
  if (dialog || typing(event.target)) return undefined;
  switch (key) {
    case "/":
      return () => document.getElementById(searchId)?.focus();
    case "?":
      return acts.keys;
    case "Escape":
      if (card) return acts.closeCard;
      if (screen.get().selected.size) return () => screen.set((s) => ({ ...s, selected: new Set() }));
      return details ? acts.closeDetails : undefined;
  }
  return undefined;
}

/** Focuses the next part of the window: the elements that say data-part, in their order. */
function nextPart(step: 1 | -1) {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-part]")].filter(
    (part) => part.offsetParent,
  );
  const at = parts.findIndex((part) => part.contains(document.activeElement));
  const next = parts[(at + step + parts.length) % parts.length];
  const first = next?.querySelector<HTMLElement>('[tabindex="0"], a[href], button, input');
  (first ?? next)?.focus();
}
