/** What surrounds the page: where it runs, and what that lends it. */
export interface Host {
  kind: "window" | "browser";
  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
  /** Opens an address of the web or of a forward, outside of this page. */
  open(url: string): void;
  /** The agent, as the window sees it. A page in a browser sees only whether somebody answers. */
  agent?: AgentHost;
  /** Calls show with each page that the window is asked to show: "settings", "source/NAME" or "forward/ID". */
  pages?(show: (page: string) => void, signal: AbortSignal): void;
}

/** How it is with the agent: app/desktop's AgentState. */
export interface AgentState {
  state: "running" | "starting" | "stopped" | "older" | "newer";
  /** Of the agent that answered last, or "". */
  version: string;
  /** Of this window. */
  own: string;
  /** A Fault as JSON: why there is none; "" where none is known. */
  fault: string;
}

/** The process behind the window. */
interface AgentHost {
  /** Tells how it is, now and at each change, until signal is aborted. */
  follow(tell: (state: AgentState) => void, signal: AbortSignal): void;
  /** Starts it, after the end of one that runs. Rejects with a FaultError. */
  restart(): Promise<void>;
}

/** A page in a browser. */
export const browserHost: Host = {
  kind: "browser",
  copy: (text) => navigator.clipboard.writeText(text),
  open: (url) => void window.open(url, "_blank", "noopener,noreferrer"),
};
