import type { ReactNode } from "react";
import type { Fault, Row, SourceView } from "../../backend";
import { useView } from "../../state/app";
import { shortSha } from "../../state/format";
import { places } from "../../state/forwards";
import { DialogHead } from "../../ui/dialog";
import { Empty, Skeleton } from "../../ui/parts";
import { Trouble } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import { RowTable } from "./row-table";
import { groupRows } from "./rows";
import styles from "./source.module.css";

/** The head of a dialog about a plan: what it does, where, and from which commit to which. */
export function PlanHead({
  title,
  source,
  commits = [],
  more,
}: {
  title: string;
  source: SourceView | undefined;
  /** SHAs, in the order of time. */
  commits?: string[];
  more?: ReactNode;
}) {
  const { closeDialog } = useActs();
  return (
    <DialogHead
      title={title}
      under={
        <>
          <bdi>
            {source?.repo.owner}/{source?.repo.name}
          </bdi>
          {commits.length > 0 && <code>{commits.map(shortSha).join(" → ")}</code>}
          {more}
        </>
      }
      onClose={closeDialog}
    />
  );
}

/** The rows of a plan in a dialog, or why they cannot be shown, or that there is nothing to show. */
export function Plan({
  source,
  rows,
  fault,
  empty,
  children,
}: {
  source: SourceView | undefined;
  /** Undefined as long as they are asked for. */
  rows: Row[] | undefined;
  fault?: Fault | undefined;
  /** What is said where there is no row. */
  empty: string;
  /** Above the rows. */
  children?: ReactNode;
}) {
  const forwards = useView((view) => view.forwards);
  const known = new Map(places(source ? [source] : []).map((p) => [p.environment.name, p]));
  const groups = groupRows(rows ?? [], { forwards });
  return (
    <div className={styles.preview} aria-busy={!rows && !fault}>
      {children}
      {fault && <Trouble fault={fault} />}
      {!fault && !rows && (
        <div className={styles.waiting}>
          <Skeleton width="40%" />
          <Skeleton width="80%" />
          <Skeleton width="70%" />
        </div>
      )}
      {rows && !groups.length && !fault && <Empty title={empty} />}
      {groups.length > 0 && (
        <RowTable
          groups={groups}
          few={50}
          hueOf={(environment) => known.get(environment)?.hue ?? "slate"}
          guarded={(environment) => known.get(environment)?.environment.protected ?? false}
        />
      )}
    </div>
  );
}
