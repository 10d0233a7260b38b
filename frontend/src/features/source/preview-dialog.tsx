import { useEffect, useState } from "react";
import { asFault, type Fault, type SyncResult } from "../../backend";
import { useApp, useView } from "../../state/app";
import { shortSha } from "../../state/format";
import { places } from "../../state/forwards";
import { Button } from "../../ui/button";
import { DialogFoot, DialogHead } from "../../ui/dialog";
import { Gap } from "../../ui/page";
import { Empty, Skeleton } from "../../ui/parts";
import { Trouble } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import { RowTable } from "./row-table";
import { groupRows, planWords } from "./rows";
import styles from "./source.module.css";

/** What a sync of a source would do now, and the way to do it. */
export function PreviewDialog({ name }: { name: string }) {
  const { backend } = useApp();
  const { closeDialog, sync } = useActs();
  const source = useView((view) => view.sources.find((s) => s.name === name));
  const forwards = useView((view) => view.forwards);
  const [result, setResult] = useState<SyncResult>();
  const [fault, setFault] = useState<Fault>();
  useEffect(() => {
    let here = true;
    backend.preview([name]).then(
      ([first]) => {
        if (!here || !first) return;
        if (first.fault) setFault(first.fault);
        else setResult(first);
      },
      (thrown) => here && setFault(asFault(thrown)),
    );
    return () => {
      here = false;
    };
  }, [backend, name]);
  const known = new Map(
    places(source ? [source] : []).map((p) => [
      p.environment.name,
      { hue: p.hue, guarded: p.environment.protected },
    ]),
  );
  const groups = result ? groupRows(result.rows, { forwards }) : [];
  return (
    <>
      <DialogHead
        title={result ? planWords(result.rows) : "What a sync would do"}
        under={
          <>
            <bdi>
              {source?.repo.owner}/{source?.repo.name}
            </bdi>
            {result && (
              <>
                at <code>{shortSha(result.commit.sha)}</code>
              </>
            )}
          </>
        }
        onClose={closeDialog}
      />
      <div className={styles.preview} aria-busy={!result && !fault}>
        {fault && <Trouble fault={fault} />}
        {!fault && !result && (
          <div className={styles.waiting}>
            <Skeleton width="40%" />
            <Skeleton width="80%" />
            <Skeleton width="70%" />
          </div>
        )}
        {result && !groups.length && <Empty title="This computer has what the repository says." />}
        {groups.length > 0 && (
          <RowTable
            groups={groups}
            few={50}
            hueOf={(environment) => known.get(environment)?.hue ?? "slate"}
            guarded={(environment) => known.get(environment)?.guarded ?? false}
          />
        )}
      </div>
      <DialogFoot>
        <Gap>Nothing starts by itself; your own forwards stay as they are.</Gap>
        <Button size="md" data-autofocus onClick={closeDialog}>
          Close
        </Button>
        {groups.length > 0 && (
          <Button
            size="md"
            variant="primary"
            onClick={() => {
              closeDialog();
              void sync([name]);
            }}
          >
            Sync now
          </Button>
        )}
      </DialogFoot>
    </>
  );
}
