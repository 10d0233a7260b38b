import { AddSource } from "../features/add-source/add-source";
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

/** The whole window: sidebar, page, sync bar, and what lies over them. */
export function Shell() {
  useKeys();
  if (useLink() === "ended") return <Ended />;
  return (
    <div className={styles.app}>
      <Sidebar />
      <main className={styles.main}>
        <LinkBanner />
        <Page />
        <SyncBar />
      </main>
      <Dialogs />
      <Palette />
    </div>
  );
}

/** The page of the route. Who follows nothing and has nothing sees the first run in place of the list. */
function Page() {
  const route = useRoute();
  const opening = useLink() === "opening";
  const first = useView((view) => view.revision > 0 && !view.sources.length && !view.forwards.length);
  switch (route.page) {
    case "changes":
      return <Changes {...route} />;
    case "settings":
      return <Settings section={route.section} />;
    case "source":
      return <Source name={route.source} key={route.source} />;
    case "add":
      return <AddSource first={false} />;
    default:
      return first && !opening && route.page !== "mine" ? <AddSource first /> : <Forwards route={route} />;
  }
}
