import { Select } from "@mantine/core";
import type { Revision, SourceView } from "../../backend";
import { useApp, useLink, useView } from "../../state/app";
import { usePending } from "../../state/intent";
import { go } from "../../state/route";
import { Button } from "../../ui/button";
import { Gap, Note, PageBar, PageBody } from "../../ui/page";
import { Empty, Skeleton, Spoken } from "../../ui/parts";
import { useActs } from "../forwards/acts";
import styles from "./changes.module.css";
import { Failed } from "./failed";
import { Overruled } from "./overruled";
import { RevisionDetails } from "./revision-details";
import { overruledBy } from "./revisions";
import { Timeline } from "./timeline";
import { type Asked, useAnswer } from "./use-answer";

/** As many revisions as the engine keeps of a source. */
const kept = 200;

/** The revisions of a source, with superseded edits; revision is the one that is open, else the newest. */
export function Changes({ source: name, revision }: { source?: string; revision?: number }) {
  const sources = useView((view) => view.sources);
  const source = sources.find((s) => s.name === name) ?? sources[0];
  const { backend } = useApp();
  const lost = useLink() === "lost";
  // A revision comes with a commit, or with other settings of the source, which change what it holds.
  const turn = `${source?.commit.sha} ${source?.forwards} ${lost}`;
  const history = useAnswer(source?.name ?? "", turn, () => backend.history(source?.name ?? "", kept));
  return (
    <>
      <PageBar>
        <h1>Changes</h1>
        {source && <Picker source={source} sources={sources} />}
        <Gap />
        {source && <Note>{`The last ${kept} revisions are kept`}</Note>}
      </PageBar>
      {source ? (
        <History source={source} history={history} {...(revision ? { number: revision } : {})} />
      ) : (
        <NoSource />
      )}
    </>
  );
}

function Picker({ source, sources }: { source: SourceView; sources: SourceView[] }) {
  return (
    <Select
      className={styles.picker ?? ""}
      aria-label="Source"
      data={sources.map((s) => ({ value: s.name, label: `${s.repo.owner}/${s.repo.name}` }))}
      value={source.name}
      onChange={(name) => name && go({ page: "changes", source: name })}
    />
  );
}

function NoSource() {
  const opening = useLink() === "opening";
  if (opening) return <Loading />;
  return (
    <PageBody>
      <Empty
        title="No changes yet. The first sync appears here."
        actions={<Button onClick={() => go({ page: "add" })}>Add a source</Button>}
      />
    </PageBody>
  );
}

function History({
  source,
  history,
  number,
}: {
  source: SourceView;
  history: Asked<Revision[]>;
  number?: number;
}) {
  const superseded = useView((view) => view.superseded);
  const { answer: revisions, fault, again } = history;
  if (!revisions) {
    if (!fault) return <Loading />;
    return (
      <PageBody>
        <Failed title="The history cannot be read" {...{ fault, again }} />
      </PageBody>
    );
  }
  const edits = superseded.filter((s) => s.source === source.name);
  const stray = edits.filter((s) => !revisions.some((r) => overruledBy(r, [s]).length));
  const shown = revisions.find((r) => r.number === number) ?? (number ? undefined : revisions[0]);
  if (!revisions.length && !stray.length) {
    return (
      <PageBody>
        <NoChanges source={source} />
      </PageBody>
    );
  }
  return (
    <div className={styles.sides}>
      <Timeline revisions={revisions} source={source} shown={shown} superseded={edits} />
      <section className={styles.side} aria-label="What changed" data-part>
        {stray.map((edit) => (
          <Overruled key={edit.id} edit={edit} />
        ))}
        {shown ? (
          <RevisionDetails key={shown.number} revision={shown} source={source} />
        ) : (
          revisions.length > 0 && (
            <Empty
              title={`Revision ${number} is not kept any more.`}
              actions={
                <Button onClick={() => go({ page: "changes", source: source.name })}>Show the newest</Button>
              }
            />
          )
        )}
      </section>
    </div>
  );
}

function NoChanges({ source }: { source: SourceView }) {
  const acts = useActs();
  const busy = usePending("sync") || source.status.phase === "syncing";
  return (
    <Empty
      title="No changes yet. The first sync appears here."
      actions={
        <Button busy={busy} onClick={() => void acts.sync([source.name])}>
          Sync now
        </Button>
      }
    />
  );
}

function Loading() {
  return (
    <div className={styles.sides} aria-busy="true">
      <Spoken>Reading the history</Spoken>
      <div className={styles.timeline}>
        {Array.from({ length: 8 }, (_, i) => (
          <p key={i} className={styles.loading}>
            <Skeleton width={`${56 + ((i * 29) % 40)}%`} />
            <Skeleton width={`${28 + ((i * 17) % 26)}%`} />
          </p>
        ))}
      </div>
    </div>
  );
}
