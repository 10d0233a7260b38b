import { Select } from "@mantine/core";
import { useState } from "react";
import { asFault, type Entry, type Fault, type ForwardView } from "../../backend";
import { useApp, useView } from "../../state/app";
import { fieldText, plural, shortSha } from "../../state/format";
import { look, nameOf, places } from "../../state/forwards";
import { say } from "../../state/intent";
import { Button } from "../../ui/button";
import { DialogFoot, DialogHead } from "../../ui/dialog";
import { Glyph } from "../../ui/glyph";
import { BeforeAfter, Mark } from "../../ui/parts";
import { Trouble } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import { Choices } from "./choices";
import {
  type Choice,
  changesOf,
  type Draft,
  draftOf,
  entryOf,
  inForce,
  notForHere,
  problemsOf,
} from "./draft";
import styles from "./edit.module.css";
import { EntryForm } from "./entry-form";

interface Props {
  id?: string;
  /** The field that has the focus. */
  field?: string;
  /** A forward to copy. */
  like?: ForwardView;
  environment?: string;
}

/** Edits a forward, with the choice how the change lives; or makes a new one of the person's own. */
export function EditDialog({ id, field, like, environment }: Props) {
  const forward = useView((view) => (id ? view.forwards.find((f) => f.id === id) : undefined));
  if (id && !forward) return <Gone />;
  return <Editor f={forward} like={like} environment={environment ?? forward?.environment} field={field} />;
}

function Gone() {
  const { closeDialog } = useActs();
  return <DialogHead title="The forward is no longer here" onClose={closeDialog} />;
}

const saveWords: Record<Choice, string> = {
  here: "Save on this computer",
  copy: "Save as my own",
  edit: "Save until the next sync",
};

interface EditorProps {
  f: ForwardView | undefined;
  like: ForwardView | undefined;
  environment: string | undefined;
  field: string | undefined;
}

function Editor({ f, like, environment, field }: EditorProps) {
  const { backend, store } = useApp();
  const { closeDialog } = useActs();
  // As it was when the dialog opened: a sync meanwhile leaves what was typed.
  const [before] = useState<Entry>(() => (f ? inForce(f) : like ? inForce(like) : {}));
  const [draft, setDraft] = useState<Draft>(() => draftOf(before));
  const [where, setWhere] = useState(
    () => environment ?? places(store.get().view.sources)[0]?.environment.name ?? "local",
  );
  const [chosen, setChosen] = useState<Choice>();
  const [fault, setFault] = useState<Fault>();
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);

  const synced = f !== undefined && f.source !== "mine";
  const changes = changesOf(draft, before);
  const names = Object.keys(changes);
  const barred = notForHere(changes);
  const choice: Choice = chosen === "here" && barred ? "copy" : (chosen ?? (barred ? "copy" : "here"));
  const problems = problemsOf(draft);
  const wrong = Object.values(problems)[0];

  const send = () => {
    if (!f) return backend.add(where, entryOf(draft, before));
    if (!synced) return backend.edit(f.id, changes, false);
    return choice === "copy"
      ? backend.add(where, entryOf(draft, before))
      : backend.edit(f.id, changes, choice === "here");
  };
  const save = async () => {
    setTried(true);
    if (wrong || (f && !names.length) || busy) return;
    setBusy(true);
    try {
      await send();
      closeDialog();
      say(
        f && !(synced && choice === "copy") ? `Saved ${draft.alias}` : `${draft.alias} is one of My forwards`,
      );
    } catch (thrown) {
      setFault(asFault(thrown));
      setBusy(false);
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {f ? <EditHead f={f} /> : <NewHead like={like} />}
      <div className={`${styles.body} ${f ? "" : styles.own}`}>
        {!f && <EnvironmentField value={where} onChange={setWhere} />}
        <EntryForm
          f={f}
          before={before}
          draft={draft}
          onChange={(change) => setDraft((d) => ({ ...d, ...change }))}
          problems={tried ? problems : {}}
          choice={synced ? choice : undefined}
          focus={field}
        />
        {synced && <Choices f={f} choice={choice} barred={barred} onChoose={setChosen} />}
        {fault && <Trouble fault={fault} />}
      </div>
      <DialogFoot>
        {f ? (
          <Summary names={names} before={before} changes={changes} />
        ) : (
          <span className={styles.short}>It stays on this computer.</span>
        )}
        <Button size="md" onClick={closeDialog}>
          Cancel
        </Button>
        <Button
          size="md"
          variant="primary"
          type="submit"
          busy={busy}
          disabled={f && !names.length ? "Nothing is changed yet" : tried && wrong}
        >
          {f ? (synced ? saveWords[choice] : "Save") : "Add forward"}
        </Button>
      </DialogFoot>
    </form>
  );
}

function EditHead({ f }: { f: ForwardView }) {
  const { closeDialog } = useActs();
  const sources = useView((view) => view.sources);
  const place = places(sources).find(
    (p) => p.source.name === f.source && p.environment.name === f.environment,
  );
  const { source } = place ?? {};
  return (
    <DialogHead
      glyph={<Glyph name={look(f).glyph} label={look(f).word} />}
      title={`Edit ${nameOf(f)}`}
      under={
        <>
          <Mark hue={place?.hue ?? "slate"} />
          {f.environment}
          {source
            ? ` · ${source.repo.owner}/${source.repo.name} @ ${shortSha(source.commit.sha)}`
            : " · My forwards"}
        </>
      }
      onClose={closeDialog}
    />
  );
}

function NewHead({ like }: { like: ForwardView | undefined }) {
  const { closeDialog } = useActs();
  return (
    <DialogHead
      title={like ? `Copy ${nameOf(like)} to My forwards` : "New forward"}
      under="One of your own: no sync touches it"
      onClose={closeDialog}
    />
  );
}

function EnvironmentField({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const sources = useView((view) => view.sources);
  const names = [
    ...new Set([...places(sources).map((p) => p.environment.name), ...(value ? [value] : []), "local"]),
  ];
  return (
    <div className={styles.line}>
      <label htmlFor="entry-environment">Environment</label>
      <Select id="entry-environment" data={names} value={value} onChange={(name) => name && onChange(name)} />
    </div>
  );
}

function Summary({
  names,
  before,
  changes,
}: {
  names: string[];
  before: Entry;
  changes: Record<string, unknown>;
}) {
  const [first] = names;
  return (
    <span className={styles.short}>
      {names.length ? plural(names.length, "change") : "No change"}
      {first && (
        <>
          <code>{first}</code>
          <BeforeAfter before={fieldText(before[first as keyof Entry])} after={fieldText(changes[first])} />
        </>
      )}
    </span>
  );
}
