import { Fragment } from "react";
import type { ForwardView } from "../../backend";
import { useView } from "../../state/app";
import { shortSha } from "../../state/format";
import styles from "./details.module.css";
import { OriginChip } from "./origin-chip";
import { fields } from "./provenance";

/** Each field that decides where it leads, with where its value comes from. */
export function FieldList({ f }: { f: ForwardView }) {
  const source = useView((view) => view.sources.find((s) => s.name === f.source));
  return (
    <section className={styles.section}>
      <h3>
        Fields
        {source && (
          <span className={styles.aside}>
            repo = {source.repo.owner}/{source.repo.name} @ <code>{shortSha(source.commit.sha)}</code>
          </span>
        )}
      </h3>
      <dl className={styles.fields}>
        {fields(f).map(({ name, label, value, team, origin }) => (
          <Fragment key={name}>
            <dt>{label}</dt>
            <dd title={value}>
              {team !== undefined && <del>{team}</del>}
              {team === undefined ? value : <b>{value}</b>}
            </dd>
            <dd>
              <OriginChip origin={origin} />
            </dd>
          </Fragment>
        ))}
      </dl>
      {f.entry.tags && f.entry.tags.length > 0 && <p className={styles.tags}>{f.entry.tags.join(" · ")}</p>}
    </section>
  );
}
