import { useEffect, useState } from "react";
import { asFault, type Fault, type Revision, type SourceView } from "../../backend";
import { useApp } from "../../state/app";
import { ago, exact, sentence, shortSha } from "../../state/format";
import { useNow } from "../../state/now";
import { formatRoute } from "../../state/route";
import { ChangeCount } from "../../ui/change-sign";
import { Skeleton } from "../../ui/parts";
import { counts } from "../changes/revisions";
import styles from "./source.module.css";

/** The last commits that came into force; a new one is asked for when the source has it. */
export function LastSyncs({ source }: { source: SourceView }) {
  const { backend } = useApp();
  const now = useNow(30_000);
  const [revisions, setRevisions] = useState<Revision[]>();
  const [fault, setFault] = useState<Fault>();
  const { name } = source;
  const { sha } = source.commit;
  useEffect(() => {
    let here = true;
    backend.history(name, 5).then(
      (list) => {
        if (!here) return;
        setRevisions(list);
        setFault(undefined);
      },
      (thrown) => here && setFault(asFault(thrown)),
    );
    return () => {
      here = false;
    };
  }, [backend, name, sha]); // another commit makes another history
  return (
    <section className={styles.section}>
      <h2>
        Last changes <a href={formatRoute({ page: "changes", source: name })}>All in Changes</a>
      </h2>
      <ul className={styles.card}>
        {fault && <li className={styles.none}>{sentence(fault.message)}</li>}
        {!fault &&
          !revisions &&
          [1, 2, 3].map((n) => (
            <li key={n} className={styles.revision}>
              <Skeleton width={48} />
              <Skeleton width="70%" />
            </li>
          ))}
        {revisions?.map((r) => (
          <li key={r.number} className={styles.revision}>
            <time dateTime={r.at} title={exact(r.at)}>
              {ago(r.at, now)}
            </time>
            <a
              href={formatRoute({ page: "changes", source: name, revision: r.number })}
              title={r.commit.message}
            >
              <code>{shortSha(r.commit.sha)}</code> <bdi>{r.commit.message}</bdi>
            </a>
            <span className={styles.counts}>
              {counts(r, 0).map(([change, n]) => (
                <ChangeCount key={change} change={change} n={n} />
              ))}
            </span>
          </li>
        ))}
        {revisions && !revisions.length && <li className={styles.none}>No changes yet.</li>}
      </ul>
    </section>
  );
}
