import type { Entry, ForwardView } from "../../backend";
import { useApp, useView } from "../../state/app";
import { ago, countdown, fieldText, shortSha } from "../../state/format";
import { nameOf } from "../../state/forwards";
import { useIntent } from "../../state/intent";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { BeforeAfter } from "../../ui/parts";
import { useActs } from "../forwards/acts";
import styles from "./details.module.css";

const words: Partial<Record<keyof Entry, string>> = {
  local_port: "local port",
  remote_port: "remote port",
  local_address: "address",
  alias: "name",
  workload_type: "kind",
};

/** The fields that an edit changed. */
function changed(f: ForwardView): Array<keyof Entry> {
  const names = new Set([...Object.keys(f.entry), ...Object.keys(f.team)] as Array<keyof Entry>);
  return [...names].filter((name) => JSON.stringify(f.entry[name]) !== JSON.stringify(f.team[name]));
}

/** Says when an edit ends, what the repository has, and how to keep it. */
export function EditEnds({ f }: { f: ForwardView }) {
  const { backend } = useApp();
  const source = useView((view) => view.sources.find((s) => s.name === f.source));
  const intent = useIntent();
  const acts = useActs();
  const now = useNow();
  if (!f.edited || !source) return null;
  const names = changed(f);
  const [first] = names;
  const what = names.length === 1 && first ? (words[first] ?? first) : `${names.length} changes`;
  const { next } = source.status;
  const keeps = source.on_edit === "keep-until-changed";
  const takeBack = () =>
    intent({
      key: `edit:${f.id}`,
      run: () =>
        backend.edit(f.id, Object.fromEntries(names.map((name) => [name, f.team[name] ?? null])), false),
      failed: `The edit of ${nameOf(f)} stays`,
    });
  return (
    <div className={styles.note}>
      <b>
        {keeps
          ? `Your ${what} ${names.length === 1 ? "ends" : "end"} when the repository changes it.`
          : `Your ${what} ${names.length === 1 ? "ends" : "end"} with the next sync${next ? `, in ${countdown(next, now)}` : ""}.`}
      </b>{" "}
      {first && names.length === 1
        ? `The repository says ${fieldText(f.team[first]) || "nothing"}; it wins over local edits.`
        : "The repository wins over local edits."}
      <div className={styles.noteActs}>
        <Button size="xs" onClick={() => acts.copyAsMine(f)}>
          Keep as my own
        </Button>
        <Button size="xs" variant="ghost" onClick={() => void takeBack()}>
          Undo
        </Button>
      </div>
    </div>
  );
}

/** Edits of this forward that a sync has overruled, with their two answers. */
export function Overruled({ f }: { f: ForwardView }) {
  const { backend } = useApp();
  const superseded = useView((view) => view.superseded);
  const intent = useIntent();
  const now = useNow();
  return superseded
    .filter((s) => s.forward === f.id)
    .map((s) => (
      <div key={s.id} className={`${styles.note} ${styles.wait}`}>
        <b>The repository won over your edit.</b> Commit <code>{shortSha(s.commit.sha)}</code>,{" "}
        {ago(s.at, now)}.
        {s.fields.map((field) => (
          <p key={field.name} className={styles.change}>
            <code>{field.name}</code>
            <BeforeAfter before={fieldText(field.after)} after={fieldText(field.before)} />
          </p>
        ))}
        <div className={styles.noteActs}>
          <Button
            size="xs"
            onClick={() =>
              void intent({
                key: `answer:${s.id}`,
                run: () => backend.answer(s.id, "keep"),
                done: `${s.alias} is one of My forwards now`,
                failed: "The edit was not kept",
              })
            }
          >
            Keep as my own
          </Button>
          <Button
            size="xs"
            variant="ghost"
            onClick={() =>
              void intent({
                key: `answer:${s.id}`,
                run: () => backend.answer(s.id, "dismiss"),
                failed: "The edit was not dismissed",
              })
            }
          >
            Dismiss
          </Button>
        </div>
      </div>
    ));
}
