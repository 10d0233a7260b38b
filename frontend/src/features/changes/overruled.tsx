import type { Answer, Superseded } from "../../backend";
import { useApp, useView } from "../../state/app";
import { exact, fieldText } from "../../state/format";
import { places } from "../../state/forwards";
import { useIntent, usePending } from "../../state/intent";
import { Button } from "../../ui/button";
import { ChangeSign } from "../../ui/change-sign";
import { Mark } from "../../ui/parts";
import styles from "./changes.module.css";
import { FieldLines } from "./field-lines";

/** An edit that a sync has overruled: what was mine, what the repository has, and the two answers. */
export function Overruled({ edit }: { edit: Superseded }) {
  const { backend } = useApp();
  const intent = useIntent();
  const sources = useView((view) => view.sources);
  const place = places(sources).find(
    (p) => p.source.name === edit.source && p.environment.name === edit.environment,
  );
  const key = `answer:${edit.id}`;
  const busy = usePending(key);
  const answer = (answer: Answer, done: string, failed: string) =>
    void intent({ key, run: () => backend.answer(edit.id, answer), done, undo: true, failed });
  return (
    <section className={styles.row} aria-label={`Your edit of ${edit.alias}`}>
      <h3 className={styles.rowName}>
        <ChangeSign change="superseded" />
        <Mark hue={place?.hue ?? "slate"} />
        <span
          className={styles.overruled}
          title={`Edited ${exact(edit.edited_at)}, overruled ${exact(edit.at)}`}
        >
          Your edit of <bdi title={edit.alias}>{edit.alias}</bdi> was superseded
        </span>
      </h3>
      <FieldLines
        fields={edit.fields.map(({ name, before, after }) => ({
          name,
          before: `${fieldText(after) || "–"} yours`,
          after: `${fieldText(before) || "–"} repository`,
        }))}
      />
      <div className={styles.answers}>
        <Button
          size="xs"
          busy={busy}
          onClick={() =>
            answer(
              "keep",
              `${edit.alias} is one of My forwards now`,
              `The edit of ${edit.alias} was not kept`,
            )
          }
        >
          Keep as my own
        </Button>
        <Button
          size="xs"
          variant="ghost"
          busy={busy}
          onClick={() =>
            answer(
              "dismiss",
              `Dismissed your edit of ${edit.alias}`,
              `The edit of ${edit.alias} was not dismissed`,
            )
          }
        >
          Dismiss
        </Button>
      </div>
    </section>
  );
}
