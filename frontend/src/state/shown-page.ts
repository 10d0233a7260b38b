import type { App } from "./app";
import { go } from "./route";

/** Shows a page that the window was asked for, as internal/api's Raise names it; a forward once it is known. */
export function showPage(app: Pick<App, "store" | "screen">, page: string) {
  const { store, screen } = app;
  const at = page.indexOf("/");
  const name = page.slice(at + 1);
  if (page === "settings") go({ page: "settings", section: "accounts" });
  else if (page.startsWith("source/")) go({ page: "source", source: name });
  else if (page.startsWith("forward/")) {
    const show = () => {
      const { view } = store.get();
      if (!view.revision) return false;
      const forward = view.forwards.find((f) => f.id === name);
      if (!forward) return true; // a sync has removed it meanwhile
      const { source, environment } = forward;
      go(source === "mine" ? { page: "mine" } : { page: "environment", source, environment });
      screen.set((s) => ({ ...s, search: "", filter: "all", cursor: name, details: name }));
      return true;
    };
    if (show()) return;
    const deaf = store.subscribe(() => show() && deaf());
  }
}
