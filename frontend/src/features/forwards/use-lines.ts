import { useMemo } from "react";
import type { ForwardView } from "../../backend";
import { useScreen, useView } from "../../state/app";
import { type Counts, count, type Line, layOut, look, search } from "../../state/forwards";
import type { Route } from "../../state/route";

/** What the list of a page shows. */
export interface Listing {
  /** Of the page, whatever is searched. */
  here: readonly ForwardView[];
  /** Found by the search, before the filter. */
  found: readonly ForwardView[];
  counts: Counts;
  lines: Line[];
  /** The forwards of the lines, folded groups left out. */
  shown: ForwardView[];
}

/** The forwards of a page. */
function belongs(route: Route): (f: ForwardView) => boolean {
  switch (route.page) {
    case "environment":
      return (f) => f.source === route.source && f.environment === route.environment;
    case "mine":
      return (f) => f.source === "mine";
    default:
      return () => true;
  }
}

/** Lays out the forwards of a page by search, filter and grouping. */
export function useListing(route: Route): Listing {
  const forwards = useView((view) => view.forwards);
  const text = useScreen((s) => s.search);
  const everywhere = useScreen((s) => s.everywhere);
  const filter = useScreen((s) => s.filter);
  const grouping = useScreen((s) => s.grouping);
  const folded = useScreen((s) => s.folded);
  const here = useMemo(() => forwards.filter(belongs(route)), [forwards, route]);
  const searched = everywhere && text ? forwards : here;
  const found = useMemo(() => search(searched, text), [searched, text]);
  const counts = useMemo(() => count(found), [found]);
  const lines = useMemo(() => {
    const kept = filter === "all" ? found : found.filter((f) => look(f).counts === filter);
    return layOut(kept, grouping, folded);
  }, [found, filter, grouping, folded]);
  const shown = useMemo(
    () => lines.flatMap((line) => (line.kind === "forward" ? line.forward : [])),
    [lines],
  );
  return { here, found, counts, lines, shown };
}
