import type { Action } from "../../backend";
import { actionWords } from "./rows";
import styles from "./rows.module.css";

const signs: Record<Action, string> = {
  added: "+",
  updated: "~",
  renamed: "→",
  deleted: "−",
  superseded: "!",
  kept: "=",
  invalid: "×",
  unchanged: "·",
};

/** What a sync does to an entry: a sign and its word. */
export function ChangeMark({ action }: { action: Action }) {
  return (
    <span className={styles.change}>
      <span className={`${styles.sign} ${styles[action] ?? ""}`} aria-hidden="true">
        {signs[action]}
      </span>
      {actionWords[action]}
    </span>
  );
}
