import { Select, Textarea } from "@mantine/core";
import { useRef, useState } from "react";
import { asFault, type Fault } from "../../backend";
import { useApp, useView } from "../../state/app";
import { plural } from "../../state/format";
import { places } from "../../state/forwards";
import { say } from "../../state/intent";
import { Button } from "../../ui/button";
import { DialogFoot, DialogHead } from "../../ui/dialog";
import { IconFolder } from "../../ui/icons";
import { Trouble } from "../../ui/trouble";
import { asEnvironmentFile } from "../add-source/kubectl-lines";
import { useActs } from "../forwards/acts";
import styles from "./edit.module.css";

/** Adds the forwards of an environment file to the person's own: chosen, dropped or pasted. */
export function ImportDialog() {
  const { backend } = useApp();
  const { closeDialog } = useActs();
  const sources = useView((view) => view.sources);
  const names = [...new Set([...places(sources).map((p) => p.environment.name), "local"])];
  const [environment, setEnvironment] = useState(names[0] ?? "local");
  const [text, setText] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState<Fault>();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const rows = await backend.importFile(environment, asEnvironmentFile(text));
      closeDialog();
      say(`Added ${plural(rows.filter((r) => r.action === "added").length, "forward")} to My forwards`);
    } catch (thrown) {
      setFault(asFault(thrown));
      setBusy(false);
    }
  };
  const read = async (file: File | undefined) => file && setText(await file.text());
  return (
    <>
      <DialogHead
        title="Import forwards"
        under="They become your own, and stay on this computer"
        onClose={closeDialog}
      />
      <div className={`${styles.body} ${styles.own}`}>
        <div className={styles.line}>
          <label htmlFor="import-environment">Environment</label>
          <Select
            id="import-environment"
            data={names}
            value={environment}
            onChange={(name) => name && setEnvironment(name)}
          />
        </div>
        <Textarea
          label="An environment file, as kftray exports it or a repository has it, or kubectl port-forward lines"
          placeholder="Paste JSON or kubectl lines here, or drop a file"
          rows={10}
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.currentTarget.value)}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            void read(event.dataTransfer.files[0]);
          }}
        />
        <input
          ref={file}
          className={styles.file}
          type="file"
          accept="application/json,.json,text/plain,.txt,.sh"
          aria-label="A file"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
        {fault && <Trouble fault={fault} />}
      </div>
      <DialogFoot>
        <Button size="md" icon={<IconFolder />} onClick={() => file.current?.click()}>
          Choose a file…
        </Button>
        <span className={styles.short} />
        <Button size="md" onClick={closeDialog}>
          Cancel
        </Button>
        <Button
          size="md"
          variant="primary"
          busy={busy}
          disabled={text.trim() ? undefined : "There is nothing to import yet"}
          onClick={() => void save()}
        >
          Import
        </Button>
      </DialogFoot>
    </>
  );
}
