import { Select } from "@mantine/core";
import type { Revision, SourceView } from "../../backend";
import { useApp, useLink, useView } from "../../state/app";
import { type Asked, useAnswer } from "../../state/asked";
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

/** As many revisions as the engine keeps of a source. */
const kept = 200;

/** The name of the history of what a person changes here. */
const mine = "mine";

/** The revisions of a source, or of the forwards of one's own, with superseded edits; revision is the one that is open, else the newest. */
export function Changes({ source: asked, revision }: { source?: string; revision?: number }) {
  const sources = useView((view) => view.sources);
  const undo = useView((view) => view.undo?.id);
  const known = useView((view) => view.revision > 0);
  const source = asked === mine ? undefined : (sources.find((s) => s.name === asked) ?? sources[0]);
  const name = source?.name ?? (known ? mine : "");
  const { backend } = useApp();
  const lost = useLink() === "lost";
  // A revision comes with a commit, or with other settings of the source, which change what it holds.
  const { commit, forwards, held } = source ?? {};
  const turn = [commit?.sha, forwards, held?.at, source ? "" : undo, lost].join(" ");
  const history = useAnswer(name, turn, () => backend.history(name, kept));
  return (
    <>
      <PageBar>
        <h1>Changes</h1>
        {name && <Picker name={name} sources={sources} />}
        <Gap />
        {name && <Note>{`The last ${kept} revisions are kept`}</Note>}
      </PageBar>
      {name ? (
        <History name={name} source={source} history={history} {...(revision ? { number: revision } : {})} />
      ) : (
        <Loading />
      )}
    </>
  );
}

function Picker({ name, sources }: { name: string; sources: SourceView[] }) {
  return (
    <Select
      className={styles.picker ?? ""}
      aria-label="Source"
      data={[
        ...sources.map((s) => ({ value: s.name, label: `${s.repo.owner}/${s.repo.name}` })),
        { value: mine, label: "On this computer" },
      ]}
      value={name}
      onChange={(name) => name && go({ page: "changes", source: name })}
    />
  );
}

function History({
  name,
  source,
  history,
  number,
}: {
  name: string;
  /** Undefined for the forwards of one's own. */
  source: SourceView | undefined;
  history: Omit<Asked<Revision[]>, "put">;
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
  const edits = superseded.filter((s) => s.source === name);
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
          <RevisionDetails key={shown.number} revision={shown} revisions={revisions} source={source} />
        ) : (
          revisions.length > 0 && (
            <Empty
              title={`Revision ${number} is not kept any more.`}
              actions={<Button onClick={() => go({ page: "changes", source: name })}>Show the newest</Button>}
            />
          )
        )}
      </section>
    </div>
  );
}

function NoChanges({ source }: { source: SourceView | undefined }) {
  const acts = useActs();
  const followed = useView((view) => view.sources.length > 0);
  const busy = usePending("sync") || source?.status.phase === "syncing";
  if (!source && followed)
    return <Empty title="No changes yet. What you change on this computer appears here." />;
  return (
    <Empty
      title="No changes yet. The first sync appears here."
      actions={
        source ? (
          <Button busy={busy} onClick={() => void acts.sync([source.name])}>
            Sync now
          </Button>
        ) : (
          <Button onClick={() => go({ page: "add" })}>Add a source</Button>
        )
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
