import { useEffect } from "react";
import { useApp, useLink, useScreen, useStale, useView } from "../../state/app";
import type { Route } from "../../state/route";
import { Details } from "../details/details";
import { BulkBar } from "./bulk-bar";
import { FilterBar } from "./filter-bar";
import styles from "./forwards.module.css";
import { List } from "./list";
import { ListEmpty } from "./list-empty";
import { Loading } from "./loading";
import { Toolbar } from "./toolbar";
import { useListing } from "./use-lines";

/** The list of forwards: all, the person's own, or an environment's. */
export function Forwards({ route }: { route: Route }) {
  const { screen } = useApp();
  const listing = useListing(route);
  const details = useScreen((s) => s.details);
  const unknown = useView((view) => view.revision === 0);
  const link = useLink();
  const stale = useStale();
  // A selection is of a page: what is not seen any more must not be stopped by the bulk bar. So is what just came.
  useEffect(
    () =>
      screen.set((s) => ({
        ...s,
        selected: new Set(),
        arrived: new Set(),
        filter: "all",
        everywhere: false,
      })),
    [screen, route],
  );
  return (
    <>
      <Toolbar route={route} listing={listing} />
      <div className={styles.row} data-stale={stale}>
        <div className={styles.left}>
          <FilterBar counts={listing.counts} />
          {unknown ? (
            link === "opening" && <Loading />
          ) : listing.lines.length ? (
            <List listing={listing} />
          ) : (
            <ListEmpty route={route} listing={listing} />
          )}
          <BulkBar shown={listing.shown} />
        </div>
        {details && <Details id={details} key={details} />}
      </div>
    </>
  );
}
