import { useState } from "react";
import type { SourceView } from "../../backend";
import { plural } from "../../state/format";
import { usePending } from "../../state/intent";
import { Button } from "../../ui/button";
import { changedIn, configWith, type Draft, draftOf, problemsOf } from "./config";
import { ProtectedRow, RefRow, RuleRows, TimeRows, WhereRows } from "./fields";
import styles from "./source.module.css";
import { useSourceActs } from "./source-acts";

/** The settings of a source. What is typed stays until it is saved or discarded, whatever a sync brings meanwhile. */
export function SettingsForm({ source }: { source: SourceView }) {
  const { save } = useSourceActs();
  const busy = usePending(`source:${source.name}`);
  const [typed, setTyped] = useState<Partial<Draft>>({});
  const before = draftOf(source);
  const draft = { ...before, ...typed };
  const problems = problemsOf(draft);
  const changed = changedIn(before, draft);
  const wrong = Object.keys(problems).length > 0;
  const fields = { draft, problems, set: (change: Partial<Draft>) => setTyped((t) => ({ ...t, ...change })) };
  const submit = async () => {
    if (!wrong && changed.length && (await save(configWith(source, draft)))) setTyped({});
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <section className={styles.section}>
        <h2>What is followed</h2>
        <div className={styles.card}>
          <RefRow {...fields} />
          <WhereRows {...fields} />
          <TimeRows {...fields} />
        </div>
      </section>
      <section className={styles.section}>
        <h2>What a sync may do here</h2>
        <div className={styles.card}>
          <RuleRows {...fields} />
          <ProtectedRow {...fields} />
        </div>
        <p className={styles.note}>
          Protected: starting asks, no sync deletes, “Start all” skips them. The repository can protect an
          environment too.
        </p>
      </section>
      {changed.length > 0 && (
        <footer className={styles.save}>
          <span role="status">{plural(changed.length, "setting")} not saved yet</span>
          <Button size="md" onClick={() => setTyped({})}>
            Discard
          </Button>
          <Button
            size="md"
            variant="primary"
            type="submit"
            busy={busy}
            disabled={wrong && "A value cannot be used yet"}
          >
            Save
          </Button>
        </footer>
      )}
    </form>
  );
}
