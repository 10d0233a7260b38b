import { useSyncExternalStore } from "react";

/** A value that components follow. */
export interface Cell<T> {
  get(): T;
  set(value: T | ((before: T) => T)): void;
  subscribe(listener: () => void): () => void;
}

/** Makes a cell that holds value. */
export function cell<T>(value: T): Cell<T> {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const after = typeof next === "function" ? (next as (before: T) => T)(value) : next;
      if (Object.is(after, value)) return;
      value = after;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Draws again when what select picks from the cell becomes another value. */
export function useCell<T, S>(from: Cell<T>, select: (value: T) => S): S {
  return useSyncExternalStore(from.subscribe, () => select(from.get()));
}
