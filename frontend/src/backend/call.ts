import type { Fault, Methods } from "./types";

/** A method of the engine, by its path. */
export type Method = keyof Methods;

/** What a method takes. */
export type Body<M extends Method> = Methods[M]["body"];

/** What a method gives. */
export type Answer<M extends Method> = Methods[M]["answer"];

/** The wire: one call of one method. It rejects with a {@link FaultError}, or, once signal is aborted, at all. */
export type Call = <M extends Method>(method: M, body: Body<M>, signal?: AbortSignal) => Promise<Answer<M>>;

/** A fault of the engine, as an error. */
export class FaultError extends Error {
  override name = "FaultError";
  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

/** Whatever was thrown, as a fault that can be shown. */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: "failed", code: "internal", message };
}

/** Nobody answered at the other end. */
export function connectionLost(): FaultError {
  return new FaultError({
    kind: "unavailable",
    code: "connection-lost",
    message: "Portolan does not answer",
    hint: "If it was stopped, start it again in a terminal, and open the new link.",
  });
}

/** Reads a fault as it travels, or makes one of what is no fault. */
export function readFault(text: string): FaultError {
  try {
    const fault = JSON.parse(text) as Partial<Fault>;
    if (typeof fault.code === "string" && typeof fault.message === "string" && typeof fault.kind === "string")
      return new FaultError(fault as Fault);
  } catch {
    // It is no JSON: what it says is the message.
  }
  return new FaultError({
    kind: "failed",
    code: "answer-unreadable",
    message: text || "The answer was empty",
  });
}
