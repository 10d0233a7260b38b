import type { Revision } from "../../backend";
import { useApp, useView } from "../../state/app";
import { useAnswer } from "../../state/asked";
import { shortSha } from "../../state/format";
import { Button } from "../../ui/button";
import { DialogFoot } from "../../ui/dialog";
import { Gap } from "../../ui/page";
import { useActs } from "../forwards/acts";
import { Plan, PlanHead } from "./plan";
import { planWords } from "./rows";
import { useSourceActs } from "./source-acts";

/** Asks whether to bring a revision back; newest is the number of the one that is in force. */
export function RestoreDialog({ revision, newest }: { revision: Revision; newest: number }) {
  const { backend } = useApp();
  const { closeDialog } = useActs();
  const { restore } = useSourceActs();
  const source = useView((view) => view.sources.find((s) => s.name === revision.source));
  const { number, commit } = revision;
  const { answer, fault } = useAnswer(`${revision.source} ${number}`, newest, () =>
    backend.diff({ source: revision.source, from: newest, to: number }),
  );
  if (!source) return null;
  return (
    <>
      <PlanHead
        title={`Go back to ${shortSha(commit.sha)}? ${answer ? planWords(answer) : ""}`.trim()}
        source={source}
        commits={[source.commit.sha, commit.sha]}
      />
      <Plan
        source={source}
        rows={answer}
        fault={fault}
        empty="No forward differs; the source only stays there."
      />
      <DialogFoot>
        <Gap>Then the source is held there: new commits wait until you resume it.</Gap>
        <Button size="md" data-autofocus onClick={closeDialog}>
          Cancel
        </Button>
        <Button
          size="md"
          disabled={fault && "It cannot be read"}
          onClick={() => {
            closeDialog();
            restore(source, revision);
          }}
        >
          Restore {shortSha(commit.sha)}
        </Button>
      </DialogFoot>
    </>
  );
}
