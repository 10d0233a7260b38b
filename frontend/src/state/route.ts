import { type Cell, cell } from "./cell";

/** Which page is open. An address is the page's own: #/environment/port-forwards/development. */
export type Route =
  | { page: "all" }
  | { page: "mine" }
  | { page: "environment"; source: string; environment: string }
  | { page: "changes"; source?: string; revision?: number }
  | { page: "settings"; section: string }
  | { page: "source"; source: string }
  | { page: "add"; repository?: string };

/** Reads an address; what leads nowhere is the page of all forwards. */
export function parseRoute(hash: string): Route {
  const [page, ...rest] = hash.replace(/^#\//, "").split("/").map(decode);
  const [first = "", second = ""] = rest;
  switch (page) {
    case "mine":
      return { page };
    case "add":
      return { page, ...(first ? { repository: first } : {}) };
    case "environment":
      return second ? { page, source: first, environment: second } : { page: "all" };
    case "changes":
      return { page, ...(first ? { source: first } : {}), ...(second ? { revision: Number(second) } : {}) };
    case "settings":
      return { page, section: first || "general" };
    case "source":
      return first ? { page, source: first } : { page: "all" };
    default:
      return { page: "all" };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

/** Writes an address that {@link parseRoute} reads. */
export function formatRoute(route: Route): string {
  const parts: Array<string | number> = [route.page];
  if (route.page === "environment") parts.push(route.source, route.environment);
  if (route.page === "changes" && route.source) parts.push(route.source, route.revision ?? "");
  if (route.page === "settings") parts.push(route.section);
  if (route.page === "source") parts.push(route.source);
  if (route.page === "add" && route.repository) parts.push(route.repository);
  return `#/${parts.map(encodeURIComponent).join("/").replace(/\/$/, "")}`;
}

/** Makes the cell of the page that is open; it follows the address, Back included, until signal is aborted. */
export function makeRoute(signal: AbortSignal): Cell<Route> {
  const route = cell(parseRoute(location.hash));
  window.addEventListener("hashchange", () => route.set(parseRoute(location.hash)), { signal });
  return route;
}

/** Opens a page. */
export function go(route: Route) {
  location.hash = formatRoute(route);
}
