import { AddSource } from "../features/add-source/add-source";
import { FirstRun } from "../features/add-source/first-run";
import { Changes } from "../features/changes/changes";
import { Forwards } from "../features/forwards/forwards";
import { Palette } from "../features/palette/palette";
import { Settings } from "../features/settings/settings";
import { Source } from "../features/source/source";
import { useLink, useRoute, useView } from "../state/app";
import { Dialogs } from "./dialogs";
import { Ended } from "./ended";
import { useKeys } from "./keys";
import { LinkBanner } from "./link-banner";
import styles from "./shell.module.css";
import { Sidebar } from "./sidebar";
import { SyncBar } from "./sync-bar";

/** The whole window: sidebar, page, sync bar where the page has none of its own, and what lies over them. */
export function Shell() {
  useKeys();
  const first = useFirstRun();
  const { page } = useRoute();
  if (useLink() === "ended") return <Ended />;
  return (
    <div className={styles.app} data-first={first || undefined}>
      {!first && <Sidebar />}
      <main className={styles.main}>
        <LinkBanner />
        <Page />
        {page !== "add" && page !== "source" && <SyncBar />}
      </main>
      <Dialogs />
      <Palette />
    </div>
  );
}

/** Reports whether this is the first run: nothing is followed, nothing is there, and the list was asked for. */
function useFirstRun(): boolean {
  const { page } = useRoute();
  const opening = useLink() === "opening";
  const nothing = useView((view) => view.revision > 0 && !view.sources.length && !view.forwards.length);
  return nothing && !opening && (page === "all" || page === "environment");
}

/** The page of the route. The first run is in place of the list. */
function Page() {
  const route = useRoute();
  const first = useFirstRun();
  switch (route.page) {
    case "changes":
      return <Changes {...route} />;
    case "settings":
      return <Settings section={route.section} />;
    case "source":
      return <Source name={route.source} key={route.source} />;
    case "add":
      return <AddSource {...(route.repository ? { repository: route.repository } : {})} />;
    default:
      return first ? <FirstRun /> : <Forwards route={route} />;
  }
}
