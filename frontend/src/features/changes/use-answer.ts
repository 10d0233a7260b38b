import { useEffect, useState } from "react";
import { asFault, type Fault } from "../../backend";

/** An answer of the engine that is no part of the view. */
export interface Asked<T> {
  /** Undefined as long as there is none. */
  answer?: T;
  /** Why there is none, or no newer one. */
  fault?: Fault;
  /** Asks again after a fault. */
  again: () => void;
}

/**
 * Asks the engine, again whenever turn is another value, and drops the answer when key is another one: what is
 * shown is never the answer to another question. Nothing is asked where key is "".
 */
export function useAnswer<T>(key: string, turn: unknown, ask: () => Promise<T>): Asked<T> {
  const [held, setHeld] = useState<{ key: string; answer?: T; fault?: Fault }>({ key });
  const [tries, setTries] = useState(0);
  // ask is another function each time; key and turn say when it is another question.
  useEffect(() => {
    let over = false;
    if (!key) return;
    ask().then(
      (answer) => !over && setHeld({ key, answer }),
      (thrown) =>
        !over &&
        setHeld((before) => ({ ...(before.key === key ? before : {}), key, fault: asFault(thrown) })),
    );
    return () => {
      over = true;
    };
  }, [key, turn, tries]);
  const { key: _, ...rest } = held.key === key ? held : { key };
  return { ...rest, again: () => setTries(tries + 1) };
}
