import type { ReactNode } from "react";
import type { Fault } from "../backend";
import { hintOf, sentence } from "../state/format";
import { Glyph, type GlyphName } from "./glyph";
import styles from "./trouble.module.css";

type Said = Pick<Fault, "message" | "hint"> & Partial<Pick<Fault, "kind">>;

const waits = ({ kind }: Said) => kind === "later" || kind === "unavailable";

/** The shape of a fault. Waiting is not failing, and what a sign-in mends is a key. */
export function glyphOf(fault: Said): GlyphName {
  if (waits(fault)) return "waiting";
  return fault.kind === "sign-in" ? "sign-in" : "stalled";
}

/** What did not work, in place: what happened, what to do, and perhaps a way out. */
export function Trouble({ fault, children }: { fault: Said; children?: ReactNode }) {
  return (
    <div className={`${styles.trouble} ${waits(fault) ? styles.waits : ""}`} role="alert">
      <Glyph name={glyphOf(fault)} />
      <p className={styles.said} title={`${fault.message}\n${fault.hint ?? ""}`}>
        <b>{sentence(fault.message)}</b> {hintOf(fault)}
      </p>
      {children}
    </div>
  );
}
