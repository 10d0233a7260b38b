/** What surrounds the page: where it runs, and what that lends it. */
export interface Host {
  kind: "window" | "browser";
  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
  /** Opens an address of the web or of a forward, outside of this page. */
  open(url: string): void;
}

/** A page in a browser. */
export const browserHost: Host = {
  kind: "browser",
  copy: (text) => navigator.clipboard.writeText(text),
  open: (url) => void window.open(url, "_blank", "noopener,noreferrer"),
};
