import { type Answer, type Call, readFault } from "./call";
import type { Host } from "./host";

/** What the window lends to its page: the methods of app/desktop's App. */
interface Window {
  go: {
    desktop: {
      App: {
        Call(path: string, body: string): Promise<string>;
        OpenURL(address: string): Promise<void>;
        CopyText(text: string): Promise<void>;
      };
    };
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
    throw readFault(thrown instanceof Error ? thrown.message : String(thrown)); // Wails makes an Error of the text
  }
};

/** The clipboard and the browser, by way of the window's process: WebKitGTK gives a page neither. */
export const wailsHost: Host = {
  kind: "window",
  copy: (text) => wails().go.desktop.App.CopyText(text),
  open(url) {
    void wails().go.desktop.App.OpenURL(url);
  },
};
