/**
 * The only door to the engine. Nothing outside of this folder knows how a call travels: through the window's
 * process, over HTTP, or to the invented team of fake.ts.
 */
import { type Backend, connect } from "./backend";
import { browserHost, type Host } from "./host";
import { httpCall } from "./http";
import { callWails, inWails, wailsHost } from "./wails";

export type { Backend } from "./backend";
export { asFault, FaultError, readFault } from "./call";
export type { AgentState, Host } from "./host";
export { sessionEnded } from "./http";
export type * from "./types";

/** What the pages run on. */
export interface Door {
  backend: Backend;
  host: Host;
}

/**
 * Picks the door by where the page runs. The fake one is loaded only when the address asks for it with ?fake
 * (?fake=10000 for that many forwards, ?fake=empty for none), or from Vite's own server.
 */
export async function openDoor(): Promise<Door> {
  if (inWails()) return { backend: connect(callWails), host: wailsHost };
  const asked = new URLSearchParams(location.search).get("fake");
  if (import.meta.env.DEV || asked !== null) {
    const { fakeCall } = await import("./fake");
    return { backend: connect(fakeCall(asked ?? "")), host: browserHost };
  }
  return { backend: connect(httpCall()), host: browserHost };
}
