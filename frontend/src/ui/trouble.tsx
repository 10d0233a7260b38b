import type { ReactNode } from "react";
import type { Fault } from "../backend";
import { hintOf, sentence } from "../state/format";
import { Glyph } from "./glyph";
import styles from "./trouble.module.css";

/** What did not work, in place: what happened, what to do, and perhaps a way out. */
export function Trouble({
  fault,
  children,
}: {
  fault: Pick<Fault, "message" | "hint"> & Partial<Pick<Fault, "kind">>;
  children?: ReactNode;
}) {
  return (
    <div className={styles.trouble} role="alert">
      <Glyph name={fault.kind === "later" ? "waiting" : "stalled"} />
      <p className={styles.said} title={`${fault.message}\n${fault.hint ?? ""}`}>
        <b>{sentence(fault.message)}</b> {hintOf(fault)}
      </p>
      {children}
    </div>
  );
}
