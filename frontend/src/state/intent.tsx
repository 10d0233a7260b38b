import { notifications } from "@mantine/notifications";
import { useCallback } from "react";
import { asFault, type Fault } from "../backend";
import { Toast } from "../ui/toast";
import { useApp } from "./app";
import { useCell } from "./cell";
import { hintOf, sentence } from "./format";

/** Something that a person asked the engine for. */
export interface Intent<T> {
  /** Names it while it is under way, such as "start:ID"; see {@link usePending}. */
  key: string;
  run: () => Promise<T>;
  /** Said when it is done; nothing is said where the view shows it anyway. */
  done?: string | ((answer: T) => string | undefined);
  /** Whether the word offers Undo: for what the engine can take back. */
  undo?: boolean;
  /** What did not happen, for the word about a fault: "checkout-api was not removed". */
  failed: string;
}

/**
 * Carries out intents: notes them as pending, says what was done, and shows a fault until it is dismissed. The
 * returned function resolves to the answer, or to undefined after a fault; it never rejects.
 */
export function useIntent() {
  const { backend, store, pending } = useApp();
  return useCallback(
    async <T,>(intent: Intent<T>): Promise<T | undefined> => {
      if (pending.get().has(intent.key)) return undefined;
      pending.set((keys) => new Set([...keys, intent.key]));
      try {
        const answer = await intent.run();
        const said = typeof intent.done === "function" ? intent.done(answer) : intent.done;
        if (said) say(said, intent.undo ? () => takeBack(backend, store.get().view.undo?.id) : undefined);
        return answer;
      } catch (thrown) {
        sayFault(intent.failed, asFault(thrown));
        return undefined;
      } finally {
        pending.set((keys) => new Set([...keys].filter((key) => key !== intent.key)));
      }
    },
    [backend, store, pending],
  );
}

/** Reports whether the intent of that key is under way. */
export function usePending(key: string): boolean {
  return useCell(useApp().pending, (keys) => keys.has(key));
}

async function takeBack(backend: ReturnType<typeof useApp>["backend"], id: string | undefined) {
  try {
    if (id) await backend.undo(id);
  } catch (thrown) {
    sayFault("Nothing was undone", asFault(thrown));
  }
}

/** Confirms what a person just did: for six seconds, or longer under the pointer. */
export function say(text: string, undo?: () => void) {
  const id = notifications.show({
    message: (
      <Toast
        text={text}
        {...(undo
          ? {
              undo: () => {
                notifications.hide(id);
                undo();
              },
            }
          : {})}
      />
    ),
    autoClose: 6000,
    withBorder: false,
  });
}

/** Shows what did not work and what to do, until it is dismissed. */
export function sayFault(title: string, fault: Fault) {
  notifications.show({
    id: `${title}:${fault.code}`,
    title,
    message: <Toast text={sentence(fault.message)} hint={hintOf(fault)} />,
    color: "red",
    autoClose: false,
  });
}
