import { useView } from "../../state/app";
import { formatRoute } from "../../state/route";
import { PageBar, PageBody } from "../../ui/page";
import { Empty } from "../../ui/parts";
import { SourceBanner } from "./banner";
import { Environments, InvalidFiles } from "./contents";
import { LastSyncs } from "./last-syncs";
import { SettingsForm } from "./settings-form";
import styles from "./source.module.css";
import { SourceBar } from "./source-bar";
import { SourceState } from "./source-state";

/** The page of one source: how things stand, its settings, environments and last syncs. */
export function Source({ name }: { name: string }) {
  const source = useView((view) => view.sources.find((s) => s.name === name));
  const known = useView((view) => view.revision > 0);
  if (!source)
    return (
      <>
        <PageBar>
          <h1>
            <bdi>{name}</bdi>
          </h1>
        </PageBar>
        <PageBody>
          {known && (
            <Empty
              title={`There is no source ${name} on this computer.`}
              actions={<a href={formatRoute({ page: "add" })}>Add a source</a>}
            />
          )}
        </PageBody>
      </>
    );
  return (
    <>
      <SourceBar source={source} />
      <PageBody>
        <div className={styles.page}>
          <SourceBanner source={source} />
          <SourceState source={source} />
          <InvalidFiles source={source} />
          <div className={styles.columns}>
            <SettingsForm source={source} />
            <div>
              <Environments source={source} />
              <LastSyncs source={source} />
            </div>
          </div>
        </div>
      </PageBody>
    </>
  );
}
