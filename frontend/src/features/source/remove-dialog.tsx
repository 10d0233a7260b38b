import { Radio } from "@mantine/core";
import { useState } from "react";
import { useView } from "../../state/app";
import { plural } from "../../state/format";
import { nameOf, wanted } from "../../state/forwards";
import { Button } from "../../ui/button";
import { DialogFoot, DialogHead } from "../../ui/dialog";
import { Gap } from "../../ui/page";
import { useActs } from "../forwards/acts";
import styles from "./source.module.css";
import { names, useSourceActs } from "./source-acts";

/** Asks how to stop following a source: what runs is named, the safe answer has the focus. */
export function RemoveDialog({ name }: { name: string }) {
  const { closeDialog } = useActs();
  const { removeNow } = useSourceActs();
  const source = useView((view) => view.sources.find((s) => s.name === name));
  const all = useView((view) => view.forwards);
  const [keep, setKeep] = useState(true);
  if (!source) return null;
  const forwards = all.filter((f) => f.source === name);
  const running = forwards.filter(wanted);
  return (
    <>
      <DialogHead
        title={`Stop following ${source.repo.owner}/${source.repo.name}?`}
        under="Nothing changes in the repository, or for anybody else"
        onClose={closeDialog}
      />
      <div className={styles.remove}>
        {forwards.length ? (
          <>
            <Radio.Group
              aria-label="What becomes of its forwards"
              value={keep ? "keep" : "remove"}
              onChange={(value) => setKeep(value === "keep")}
            >
              <Radio
                value="keep"
                label={`Keep ${plural(forwards.length, "forward")} as my own`}
                description="They go on as they are, and no sync changes them any more."
              />
              <Radio
                value="remove"
                label={`Remove ${plural(forwards.length, "forward")}`}
                description="Connections that are open go on for a short time."
              />
            </Radio.Group>
            <p role="status">
              {running.length ? (
                <>
                  {keep ? "Goes on" : "Stops"}: <b>{names(running.map(nameOf))}</b>
                </>
              ) : (
                "None of them is started."
              )}
            </p>
          </>
        ) : (
          "It has no forwards on this computer."
        )}
      </div>
      <DialogFoot>
        <Gap />
        <Button size="md" data-autofocus onClick={closeDialog}>
          Cancel
        </Button>
        <Button
          size="md"
          variant={keep ? "default" : "danger"}
          onClick={() => {
            closeDialog();
            void removeNow(source, keep);
          }}
        >
          {keep ? "Stop following" : `Remove ${forwards.length}`}
        </Button>
      </DialogFoot>
    </>
  );
}
