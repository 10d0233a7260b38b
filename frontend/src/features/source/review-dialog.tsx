import { useState } from "react";
import { useApp, useView } from "../../state/app";
import { useAnswer, useAttempt } from "../../state/asked";
import { ago, exact, plural, shortSha } from "../../state/format";
import { say } from "../../state/intent";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { DialogFoot } from "../../ui/dialog";
import { IconPlayerPause } from "../../ui/icons";
import { Gap } from "../../ui/page";
import { Trouble } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import { Plan, PlanHead } from "./plan";
import { planWords } from "./rows";
import { useSourceActs } from "./source-acts";

/** The commit that waits for a yes, or for a held source to go on: what it changes, and the answers to it. */
export function ReviewDialog({ name }: { name: string }) {
  const { backend } = useApp();
  const { closeDialog } = useActs();
  const own = useSourceActs();
  const now = useNow(10_000);
  const source = useView((view) => view.sources.find((s) => s.name === name));
  const { answer, fault, again } = useAnswer(name, 0, () => backend.review(name));
  const { busy, fault: refused, attempt, forget } = useAttempt();
  const [taken, setTaken] = useState(false);
  const held = source?.held;
  const commit = answer?.commit.sha ? answer.commit : undefined;
  const rows = answer?.rows;
  // A person says yes to what they have seen: what comes meanwhile is shown when they ask for it.
  const waits = held ? held.newer?.sha : source?.review?.commit.sha;
  const moved = refused?.code === "review-moved" || (!taken && !!commit && !!waits && waits !== commit.sha);
  const mine = rows?.filter((r) => r.action === "superseded").length ?? 0;
  const anew = () => {
    forget();
    again();
  };
  const take = async () => {
    if (!commit) return;
    setTaken(true);
    const result = await attempt(() => backend.approve(name, commit.sha));
    setTaken(false);
    if (!result) return;
    closeDialog();
    say(`Took ${shortSha(commit.sha)}: ${plural(result.rows.length, "change")}`);
  };
  return (
    <>
      <PlanHead
        title={commit && rows ? planWords(rows) : "What waits"}
        source={source}
        commits={commit ? [source?.commit.sha ?? "", commit.sha].filter(Boolean) : []}
        more={
          commit && (
            <span title={exact(commit.time)}>
              “<bdi>{commit.message}</bdi>” · <bdi>{commit.author}</bdi> · {ago(commit.time, now)}
            </span>
          )
        }
      />
      <Plan
        source={source}
        rows={rows}
        fault={fault}
        empty={
          commit ? "It changes no forward." : "Nothing waits: this computer has what the repository says."
        }
      >
        {moved ? (
          <Trouble
            fault={{
              kind: "later",
              message: "Another commit waits now",
              hint: "what is below was not taken; look at it anew",
            }}
          >
            <Button onClick={anew}>Show it</Button>
          </Trouble>
        ) : (
          refused && <Trouble fault={refused} />
        )}
      </Plan>
      <DialogFoot>
        <Gap status>
          {mine > 0
            ? `${plural(mine, "edit")} of yours would be overruled, and kept in Changes.`
            : "It changes this computer only, and starts nothing."}
        </Gap>
        <Button size="md" variant="ghost" data-autofocus onClick={closeDialog}>
          {commit ? "Not now" : "Close"}
        </Button>
        {source && held && (
          <Button
            size="md"
            variant="primary"
            onClick={() => {
              closeDialog();
              own.resume(source);
            }}
          >
            Resume
          </Button>
        )}
        {source && !held && commit && (
          <>
            <Button
              size="md"
              icon={<IconPlayerPause />}
              onClick={() => {
                closeDialog();
                own.hold(source);
              }}
            >
              Hold at {shortSha(source.commit.sha)}
            </Button>
            <Button
              size="md"
              variant="primary"
              busy={busy}
              disabled={moved && "Another commit waits now"}
              onClick={() => void take()}
            >
              Take these changes
            </Button>
          </>
        )}
      </DialogFoot>
    </>
  );
}
