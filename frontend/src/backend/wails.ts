import { type Answer, type Call, readFault } from "./call";
import type { AgentState, Host } from "./host";

/** What the window lends to its page: the methods of app/desktop's App. */
interface Window {
  go: {
    desktop: {
      App: {
        Call(path: string, body: string): Promise<string>;
        OpenURL(address: string): Promise<void>;
        CopyText(text: string): Promise<void>;
        Agent(): Promise<AgentState>;
        RestartAgent(): Promise<void>;
        Page(): Promise<string>;
      };
    };
  };
  runtime: {
    /** Returns what ends the listening. */
    EventsOn(name: string, heard: (...data: never[]) => void): () => void;
  };
}

/** Reports whether this page is in a window of ours. */
export function inWails(): boolean {
  return "go" in window;
}

const wails = () => window as unknown as Window;

/**
 * Calls the engine through the window's process. A call that is aborted goes on there and is not heard: Wails
 * has no way to end one.
 */
export const callWails: Call = async (method, body, signal) => {
  try {
    const answer = await wails().go.desktop.App.Call(method, JSON.stringify(body));
    signal?.throwIfAborted();
    return JSON.parse(answer) as Answer<typeof method>;
  } catch (thrown) {
    signal?.throwIfAborted();
    throw refused(thrown);
  }
};

/** The fault of a rejected call: Wails passes on the text of an error alone. */
function refused(thrown: unknown) {
  return readFault(thrown instanceof Error ? thrown.message : String(thrown));
}

/** Hears an event of the window until signal is aborted. */
function hear(name: string, heard: (...data: never[]) => void, signal: AbortSignal) {
  const end = wails().runtime.EventsOn(name, heard);
  signal.addEventListener("abort", end);
}

/** The clipboard and the browser, by way of the window's process: WebKitGTK gives a page neither. */
export const wailsHost: Host = {
  kind: "window",
  copy: (text) => wails().go.desktop.App.CopyText(text),
  open(url) {
    void wails().go.desktop.App.OpenURL(url);
  },
  agent: {
    follow(tell, signal) {
      let told = false; // an event is newer than the answer
      hear(
        "agent",
        (state: AgentState) => {
          told = true;
          tell(state);
        },
        signal,
      );
      void wails()
        .go.desktop.App.Agent()
        .then((state) => told || signal.aborted || tell(state));
    },
    async restart() {
      try {
        await wails().go.desktop.App.RestartAgent();
      } catch (thrown) {
        throw refused(thrown);
      }
    },
  },
  pages(show, signal) {
    const ask = async () => {
      const page = await wails().go.desktop.App.Page();
      if (page && !signal.aborted) show(page);
    };
    hear("page", () => void ask(), signal);
    void ask();
  },
};
