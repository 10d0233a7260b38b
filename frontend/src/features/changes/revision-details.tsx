import { useState } from "react";
import type { Revision, Row, SourceView } from "../../backend";
import { useApp, useLink, useView } from "../../state/app";
import { ago, exact, hintOf, problemText, sentence, shortSha } from "../../state/format";
import { places } from "../../state/forwards";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { ChangeSign } from "../../ui/change-sign";
import { Mark, Skeleton, Spoken } from "../../ui/parts";
import styles from "./changes.module.css";
import { Failed } from "./failed";
import { FieldLines } from "./field-lines";
import { Overruled } from "./overruled";
import { overruledBy, rowName, shownFields, summary } from "./revisions";
import { useAnswer } from "./use-answer";

/** Rows that are shown at first, and more at a press: a first sync may have thousands. */
const step = 100;

/** What one revision changed, row by row. */
export function RevisionDetails({ revision, source }: { revision: Revision; source: SourceView }) {
  const { backend } = useApp();
  const superseded = useView((view) => view.superseded);
  const lost = useLink() === "lost";
  const key = revision.known ? `${revision.source} ${revision.number}` : "";
  const rows = useAnswer(key, lost, () => backend.revisionRows(revision.source, revision.number));
  return (
    <>
      <Head revision={revision} />
      <div className={styles.rows}>
        {overruledBy(revision, superseded).map((edit) => (
          <Overruled key={edit.id} edit={edit} />
        ))}
        {rows.answer ? (
          <Rows rows={rows.answer} source={source} />
        ) : rows.fault ? (
          <Failed title="What changed cannot be read" fault={rows.fault} again={rows.again} />
        ) : (
          revision.known && <Loading />
        )}
      </div>
    </>
  );
}

function Head({ revision }: { revision: Revision }) {
  const now = useNow(10_000);
  const { commit, at } = revision;
  return (
    <header className={styles.head}>
      <h2 title={commit.message}>
        <bdi>{commit.message || "No message"}</bdi>
      </h2>
      <p className={styles.meta}>
        {commit.url ? (
          <a href={commit.url} target="_blank" rel="noreferrer">
            <code>{shortSha(commit.sha)}</code>
          </a>
        ) : (
          <code>{shortSha(commit.sha)}</code>
        )}
        {commit.author && (
          <>
            {" · "}
            <bdi>{commit.author}</bdi>
          </>
        )}
        {" · "}
        <time dateTime={at} title={`In force here since ${exact(at)}`}>
          {ago(at, now)}
        </time>
      </p>
      <p className={styles.summary}>{summary(revision)}</p>
    </header>
  );
}

function Rows({ rows, source }: { rows: Row[]; source: SourceView }) {
  const [most, setMost] = useState(step);
  // One row that is hidden would take as much room as the button for it.
  const visible = rows.length <= most + 1 ? rows : rows.slice(0, most);
  const left = rows.length - visible.length;
  return (
    <>
      <ol>
        {visible.map((row) => (
          <RowLines
            key={`${row.environment} ${row.file} ${row.key} ${row.action}`}
            row={row}
            source={source}
          />
        ))}
      </ol>
      {left > 0 && (
        <div className={styles.more}>
          <Button variant="link" onClick={() => setMost(most + step)}>
            Show {Math.min(left, step)} more{left > step && ` of ${left.toLocaleString("en")}`}
          </Button>
        </div>
      )}
    </>
  );
}

function RowLines({ row, source }: { row: Row; source: SourceView }) {
  const place = places([source]).find((p) => p.environment.name === row.environment);
  const name = rowName(row);
  return (
    <li className={styles.row}>
      <h3 className={styles.rowName}>
        <ChangeSign change={row.action} />
        <Mark hue={place?.hue ?? "slate"} />
        <bdi title={name}>{name}</bdi>
        <bdi className={styles.where} title={`${row.environment}, in ${row.file}`}>
          {row.environment}
        </bdi>
      </h3>
      {row.action === "invalid" && (
        <p className={styles.reason}>Not applied: what this file held before stays in force.</p>
      )}
      {row.reason && !row.problems?.length && <p className={styles.reason}>{row.reason}</p>}
      {row.problems?.map((problem) => (
        <p key={`${problem.pointer} ${problem.code}`} className={styles.reason}>
          <bdi>{sentence(problemText(problem))}</bdi> <bdi>{hintOf(problem)}</bdi>
        </p>
      ))}
      <FieldLines fields={shownFields(row.action, row.fields)} />
    </li>
  );
}

function Loading() {
  return (
    <div aria-busy="true">
      <Spoken>Reading what changed</Spoken>
      {Array.from({ length: 3 }, (_, i) => (
        <p key={i} className={styles.row}>
          <Skeleton width={`${24 + ((i * 29) % 20)}%`} />
        </p>
      ))}
    </div>
  );
}
