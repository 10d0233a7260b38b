import type { ReactNode } from "react";
import type { Fault } from "../../backend";
import { hintOf, sentence } from "../../state/format";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { Skeleton, Spoken } from "../../ui/parts";
import { type SectionId, sections } from "./sections";
import styles from "./settings.module.css";

/** A part of the settings: its heading, what is said beside it, and what can be done with all of it. */
export function Section({
  id,
  note,
  actions,
  children,
}: {
  id: SectionId;
  note?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const title = sections.find((s) => s.id === id)?.title;
  return (
    <section id={`settings-${id}`} className={styles.section} aria-labelledby={`settings-${id}-title`}>
      <header className={styles.heading}>
        <h2 id={`settings-${id}-title`} tabIndex={-1}>
          {title}
        </h2>
        {note && <span className={styles.note}>{note}</span>}
        <span className={styles.grow} />
        {actions}
      </header>
      {children}
    </section>
  );
}

/** What did not work, in place: what happened, what to do, and perhaps a way out. */
export function Trouble({ fault, children }: { fault: Fault; children?: ReactNode }) {
  return (
    <div className={styles.trouble} role="alert">
      <Glyph name="stalled" />
      <p className={styles.said} title={`${fault.message}\n${fault.hint ?? ""}`}>
        <b>{sentence(fault.message)}</b> {hintOf(fault)}
      </p>
      {children}
    </div>
  );
}

/** What stands in a card while, or in case, the engine has no answer. */
export function Missing({
  fault,
  again,
  what,
  rows = 2,
}: {
  fault: Fault | undefined;
  again: () => void;
  what: string;
  rows?: number;
}) {
  if (fault) {
    return (
      <div className={styles.card}>
        <Trouble fault={fault}>
          <Button onClick={again}>Try again</Button>
        </Trouble>
      </div>
    );
  }
  return (
    <div className={styles.card} aria-busy="true">
      <Spoken>Reading {what}</Spoken>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={styles.row}>
          <div className={styles.about}>
            <Skeleton width={`${34 + ((i * 17) % 30)}%`} />
          </div>
          <Skeleton width={96} />
        </div>
      ))}
    </div>
  );
}
