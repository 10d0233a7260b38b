import { useEffect, useRef, useState } from "react";
import type { SourceView } from "../../backend";
import { useApp, useView } from "../../state/app";
import { useAttempt } from "../../state/asked";
import { hintOf, plural, sentence } from "../../state/format";
import { say } from "../../state/intent";
import { Button } from "../../ui/button";
import { Trouble } from "../../ui/trouble";
import { changedIn, configWith, type Draft, draftOf, problemsOf, settingOf } from "./config";
import { Fields } from "./fields";
import styles from "./source.module.css";

/** The settings as the page of a source has them. */
const sections: Array<{ title: string; names: Array<keyof Draft>; note?: string }> = [
  {
    title: "What is followed",
    names: ["ref", "path", "include", "exclude", "layout", "rename", "enabled", "interval", "timeout"],
  },
  {
    title: "What a sync may do here",
    names: ["apply", "on_missing", "on_invalid", "on_edit", "protected"],
    note: "Protected: starting asks, no sync deletes, “Start all” skips them. The repository can protect an environment too.",
  },
  {
    title: "Whom to trust",
    names: ["require_verified", "signers"],
    note: "Verified is what the host says of a signature; commits made on github.com are signed by noreply@github.com.",
  },
  { title: "How it is reached", names: ["account", "api_url"] },
];

/** The settings of a source. What is typed stays until it is saved or discarded, whatever a sync brings meanwhile. */
export function SettingsForm({ source }: { source: SourceView }) {
  const { backend } = useApp();
  const accounts = useView((view) => view.accounts);
  const { busy, fault, attempt, forget } = useAttempt();
  const [typed, setTyped] = useState<Partial<Draft>>({});
  const before = draftOf(source);
  const draft = { ...before, ...typed };
  const problems = problemsOf(draft);
  const changed = changedIn(before, draft);
  const wrong = Object.keys(problems).length > 0;
  const refused = fault && settingOf(fault);
  const fields = {
    draft,
    problems: refused ? { ...problems, [refused]: `${sentence(fault.message)} ${hintOf(fault)}` } : problems,
    set: (change: Partial<Draft>) => {
      forget();
      setTyped((t) => ({ ...t, ...change }));
    },
    picks: { account: accounts.filter((a) => a.host === source.repo.host).map((a) => a.login) },
    environments: [...source.environments.map((e) => e.name), ...(source.hidden ?? [])],
  };
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (fault) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [fault]);
  const discard = () => {
    forget();
    setTyped({});
  };
  const submit = async () => {
    if (wrong || busy || !changed.length) return;
    if (!(await attempt(() => backend.setSource(configWith(source, draft))))) return;
    // What was typed while it was under way stays.
    const still = ([name, value]: [string, unknown]) => value !== typed[name as keyof Draft];
    setTyped((now) => Object.fromEntries(Object.entries(now).filter(still)));
    say(source.held ? "Saved" : "Saved; it syncs now");
  };
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {sections.map(({ title, names, note }) => (
        <section key={title} className={styles.section}>
          <h2>{title}</h2>
          <div className={styles.card}>
            <Fields names={names} {...fields} />
          </div>
          {note && <p className={styles.note}>{note}</p>}
        </section>
      ))}
      {changed.length > 0 && (
        <footer className={styles.save}>
          {fault && !refused && <Trouble fault={fault} />}
          <span role="status">{plural(changed.length, "setting")} not saved yet</span>
          <Button size="md" onClick={discard}>
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
