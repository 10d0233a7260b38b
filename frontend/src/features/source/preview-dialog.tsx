import { useApp, useView } from "../../state/app";
import { useAnswer } from "../../state/asked";
import { Button } from "../../ui/button";
import { DialogFoot } from "../../ui/dialog";
import { Gap } from "../../ui/page";
import { useActs } from "../forwards/acts";
import { Plan, PlanHead } from "./plan";
import { planWords } from "./rows";

/** What a sync of a source would do now, and the way to do it. */
export function PreviewDialog({ name }: { name: string }) {
  const { backend } = useApp();
  const { closeDialog, sync } = useActs();
  const source = useView((view) => view.sources.find((s) => s.name === name));
  const asked = useAnswer(name, 0, () => backend.preview([name]));
  const result = asked.answer?.[0];
  const fault = asked.fault ?? result?.fault;
  const rows = result?.rows;
  return (
    <>
      <PlanHead
        title={rows && !fault ? planWords(rows) : "What a sync would do"}
        source={source}
        commits={result && !fault ? [result.commit.sha] : []}
      />
      <Plan source={source} rows={rows} fault={fault} empty="This computer has what the repository says." />
      <DialogFoot>
        <Gap>Nothing starts by itself; your own forwards stay as they are.</Gap>
        <Button size="md" data-autofocus onClick={closeDialog}>
          Close
        </Button>
        {rows && rows.length > 0 && !source?.held && !fault && (
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
