import type { ReactNode } from "react";
import type { Fault } from "../../backend";
import { Button } from "../../ui/button";
import { Gap, Note } from "../../ui/page";
import { Skeleton, Spoken } from "../../ui/parts";
import { Trouble } from "../../ui/trouble";
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
        {note && <Note>{note}</Note>}
        <Gap />
        {actions}
      </header>
      {children}
    </section>
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
      <div className={styles.apart}>
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
