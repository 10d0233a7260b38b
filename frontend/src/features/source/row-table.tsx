import { useState } from "react";
import { fieldText } from "../../state/format";
import { Button } from "../../ui/button";
import { ChangeSign } from "../../ui/change-sign";
import { Glyph } from "../../ui/glyph";
import { BeforeAfter, Chip, type Hue, Mark } from "../../ui/parts";
import { actionWords, type RowGroup, type ShownRow } from "./rows";
import styles from "./rows.module.css";

/** Rows of one environment that are shown at first, and added at a press. */
const step = 100;

/** The rows of a plan, by environment. at first, few of each environment are shown. */
export function RowTable({
  groups,
  few,
  hueOf,
  guarded,
}: {
  groups: RowGroup[];
  /** Rows of an environment that are shown at first. */
  few: number;
  hueOf: (environment: string) => Hue;
  /** Whether an environment is protected. */
  guarded: (environment: string) => boolean;
}) {
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <colgroup>
          <col className={styles.colChange} />
          <col />
          <col className={styles.wide} />
          <col className={styles.colAddress} />
          <col className={styles.colNotice} />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">
              <span className={styles.change}>Change</span>
            </th>
            <th scope="col">Name</th>
            <th scope="col" className={styles.wide}>
              Target
            </th>
            <th scope="col" className={styles.colAddress}>
              Local address
            </th>
            <th scope="col">Notice</th>
          </tr>
        </thead>
        {groups.map((group) => (
          <Group
            key={group.environment}
            group={group}
            few={few}
            hue={hueOf(group.environment)}
            guarded={guarded(group.environment)}
          />
        ))}
      </table>
    </div>
  );
}

function Group({ group, few, hue, guarded }: { group: RowGroup; few: number; hue: Hue; guarded: boolean }) {
  const [most, setMost] = useState(few);
  // One row that is hidden would take as much room as the button for it.
  const visible = group.rows.length <= most + 1 ? group.rows : group.rows.slice(0, most);
  const left = group.rows.length - visible.length;
  return (
    <tbody>
      <tr className={styles.group}>
        <th colSpan={5} scope="rowgroup">
          <span>
            <Mark hue={hue} />
            <bdi>{group.environment}</bdi>
            <small>
              {group.counts}
              {group.contexts.length > 0 && ` · context ${group.contexts.slice(0, 3).join(", ")}`}
            </small>
            {guarded && <Chip tone="outline">protected</Chip>}
          </span>
        </th>
      </tr>
      {visible.map((row) => (
        <Line key={row.key} row={row} />
      ))}
      {left > 0 && (
        <tr className={styles.more}>
          <td />
          <td colSpan={4}>
            <Button variant="link" onClick={() => setMost(most + step)}>
              Show {Math.min(left, step).toLocaleString("en")} more
              {left > step && ` of ${left.toLocaleString("en")}`}
            </Button>
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Line({ row }: { row: ShownRow }) {
  const [notice, ...others] = row.notices;
  return (
    <>
      <tr className={row.fields.length ? styles.opens : undefined}>
        <td>
          <span className={styles.change}>
            <ChangeSign change={row.action} named /> {actionWords[row.action]}
          </span>
        </td>
        <td className={styles.name} title={row.name}>
          <bdi>{row.name}</bdi>
        </td>
        <td className={`${styles.wide} ${styles.target}`} title={row.target}>
          <bdi>{row.target}</bdi>
        </td>
        <td className={`${styles.colAddress} ${styles.address}`} title={row.address}>
          {row.address}
        </td>
        <td title={row.notices.map((n) => n.text).join("\n")}>
          {notice && (
            <span className={`${styles.notice} ${styles[notice.tone]}`}>
              <Glyph name={notice.tone === "bad" ? "stalled" : "waiting"} />
              <bdi>{notice.text}</bdi>
              {others.length > 0 && <small>+{others.length}</small>}
            </span>
          )}
        </td>
      </tr>
      {row.fields.length > 0 && (
        <tr className={styles.fields}>
          <td />
          <td colSpan={4}>
            <dl>
              {row.fields.map(({ name, before, after }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <BeforeAfter before={fieldText(before)} after={fieldText(after)} />
                  </dd>
                </div>
              ))}
            </dl>
          </td>
        </tr>
      )}
    </>
  );
}
