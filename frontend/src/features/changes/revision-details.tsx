import { Select } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Revision, Row, SourceView } from "../../backend";
import { useApp, useLink, useView } from "../../state/app";
import { useAnswer } from "../../state/asked";
import { ago, exact, hintOf, plural, problemText, sentence, shortSha } from "../../state/format";
import { places } from "../../state/forwards";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { ChangeSign } from "../../ui/change-sign";
import { IconHistory } from "../../ui/icons";
import { Mark, Skeleton, Spoken } from "../../ui/parts";
import { useSourceActs } from "../source/source-acts";
import styles from "./changes.module.css";
import { Failed } from "./failed";
import { FieldLines } from "./field-lines";
import { Overruled } from "./overruled";
import { overruledBy, rowName, shownFields, summary, titleOf } from "./revisions";

/** Rows that are shown at first, and more at a press: a first sync may have thousands. */
const step = 100;

/** With what a revision is compared as long as nobody chooses: the one before it. */
const before = "";

/** What one revision changed, row by row, or how it differs from another. */
export function RevisionDetails({
  revision,
  revisions,
  source,
}: {
  revision: Revision;
  /** Newest first. */
  revisions: Revision[];
  source: SourceView | undefined;
}) {
  const { backend } = useApp();
  const superseded = useView((view) => view.superseded);
  const lost = useLink() === "lost";
  const [chosen, setChosen] = useState(before);
  const other = revisions.find((r) => String(r.number) === chosen);
  const key = revision.known ? `${revision.source} ${revision.number} ${chosen}` : "";
  const rows = useAnswer(key, lost, () => {
    if (!other) return backend.revisionRows(revision.source, revision.number);
    const [from = 0, to = 0] = [revision.number, other.number].sort((a, b) => a - b);
    return backend.diff({ source: revision.source, from, to });
  });
  return (
    <>
      <Head revision={revision} newest={revisions[0]?.number ?? 0} source={source}>
        {source && revision.known && revisions.length > 1 && (
          <Compare
            revision={revision}
            revisions={revisions}
            other={other}
            onChange={setChosen}
            differ={rows.answer?.length}
          />
        )}
      </Head>
      <div className={styles.rows}>
        {!other && overruledBy(revision, superseded).map((edit) => <Overruled key={edit.id} edit={edit} />)}
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

/** Chooses what a revision is compared with, and says from which to which that is. */
function Compare({
  revision,
  revisions,
  other,
  onChange,
  differ,
}: {
  revision: Revision;
  revisions: Revision[];
  other: Revision | undefined;
  onChange: (number: string) => void;
  /** How many rows differ, once that is known. */
  differ: number | undefined;
}) {
  const others = revisions.filter((r) => r.known && r !== revision);
  const [from, to] = [revision, other ?? revision].sort((a, b) => a.number - b.number);
  return (
    <div className={styles.compare}>
      <Select
        aria-label="Compare with"
        data={[
          { value: before, label: "Compare with the one before" },
          ...others.map((r) => ({
            value: String(r.number),
            label: `${shortSha(r.commit.sha)} ${titleOf(r)}`,
          })),
        ]}
        value={other ? String(other.number) : before}
        onChange={(number) => onChange(number ?? before)}
      />
      {other && from && to && (
        <span role="status">
          {differ !== undefined && `${plural(differ, "row")} ${differ === 1 ? "differs" : "differ"} `}from{" "}
          <code>{shortSha(from.commit.sha)}</code> to <code>{shortSha(to.commit.sha)}</code>
        </span>
      )}
    </div>
  );
}

function Head({
  revision,
  newest,
  source,
  children,
}: {
  revision: Revision;
  /** The number of the one in force. */
  newest: number;
  source: SourceView | undefined;
  children: ReactNode;
}) {
  const now = useNow(10_000);
  const { askRestore } = useSourceActs();
  const { commit, at, known, number } = revision;
  const title = titleOf(revision);
  return (
    <header className={styles.head}>
      <div className={styles.titles}>
        <div>
          <h2 title={title}>
            <bdi>{title}</bdi>
          </h2>
          <p className={styles.meta}>
            {commit.sha && <Sha commit={commit} />}
            {commit.author && (
              <>
                <bdi>{commit.author}</bdi>
                {" · "}
              </>
            )}
            <time dateTime={at} title={`In force here since ${exact(at)}`}>
              {ago(at, now)}
            </time>
          </p>
        </div>
        {source && known && number !== newest && (
          <Button icon={<IconHistory />} onClick={() => askRestore(revision, newest)}>
            Restore {shortSha(commit.sha)}
          </Button>
        )}
      </div>
      <p className={styles.summary}>{summary(revision)}</p>
      {children}
    </header>
  );
}

function Sha({ commit: { sha, url } }: { commit: Revision["commit"] }) {
  const code = <code>{shortSha(sha)}</code>;
  return (
    <>
      {url ? (
        <a href={url} target="_blank" rel="noreferrer">
          {code}
        </a>
      ) : (
        code
      )}
      {" · "}
    </>
  );
}

function Rows({ rows, source }: { rows: Row[]; source: SourceView | undefined }) {
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

function RowLines({ row, source }: { row: Row; source: SourceView | undefined }) {
  const place = places(source ? [source] : []).find((p) => p.environment.name === row.environment);
  const name = rowName(row);
  return (
    <li className={styles.row}>
      <h3 className={styles.rowName}>
        <ChangeSign change={row.action} />
        <Mark hue={place?.hue ?? "slate"} />
        <bdi title={name}>{name}</bdi>
        <bdi
          className={styles.where}
          title={row.file ? `${row.environment}, in ${row.file}` : row.environment}
        >
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
