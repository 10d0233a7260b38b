import { useCallback, useEffect, useState } from "react";
import { asFault, type Fault } from "../backend";

/** What the engine was asked for and does not publish in its view. */
export interface Asked<T> {
  answer?: T;
  fault?: Fault;
  /** Asks once more. */
  again: () => void;
  /** Takes what an act of this page made of it, until it is asked for again. */
  put: (change: (answer: T) => T) => void;
}

/** Asks when it is first drawn, when ask is another function, and when the window has the focus again: another face may have changed it. */
export function useAsked<T>(ask: () => Promise<T>): Asked<T> {
  const [asked, setAsked] = useState<Omit<Asked<T>, "again" | "put">>({});
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((turn) => turn + 1), []);
  useEffect(() => {
    let current = true;
    void turn;
    ask().then(
      (answer) => current && setAsked({ answer }),
      (thrown) =>
        current && setAsked(({ answer }) => ({ ...(answer ? { answer } : {}), fault: asFault(thrown) })),
    );
    window.addEventListener("focus", again);
    return () => {
      current = false;
      window.removeEventListener("focus", again);
    };
  }, [ask, turn, again]);
  const put = useCallback(
    (change: (answer: T) => T) =>
      setAsked(({ answer }) => (answer === undefined ? {} : { answer: change(answer) })),
    [],
  );
  return { ...asked, again, put };
}

/**
 * Asks the engine, again whenever turn is another value, and drops the answer when key is another one: what is
 * shown is never the answer to another question. Nothing is asked where key is "".
 */
export function useAnswer<T>(key: string, turn: unknown, ask: () => Promise<T>): Omit<Asked<T>, "put"> {
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

/** Something that is tried here, whose fault is shown here. */
export function useAttempt() {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const attempt = useCallback(async <T>(run: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setFault(undefined);
    try {
      return await run();
    } catch (thrown) {
      setFault(asFault(thrown));
      return undefined;
    } finally {
      setBusy(false);
    }
  }, []);
  const forget = useCallback(() => setFault(undefined), []);
  return { busy, fault, attempt, forget };
}
