import styles from "./change-sign.module.css";
import { Spoken } from "./parts";

/** What can become of a forward or a file. */
export type Change =
  | "added"
  | "updated"
  | "renamed"
  | "deleted"
  | "superseded"
  | "kept"
  | "invalid"
  | "unchanged";

const signs: Record<Change, string> = {
  added: "+",
  updated: "~",
  renamed: "→",
  deleted: "−",
  superseded: "!",
  kept: "=",
  invalid: "×",
  unchanged: "·",
};

/** What became of something, as a sign; those who hear the page hear the word. */
export function ChangeSign({ change, small = false }: { change: Change; small?: boolean }) {
  return (
    <span className={`${styles.sign} ${styles[change] ?? ""} ${small ? styles.small : ""}`} title={change}>
      <span aria-hidden="true">{signs[change]}</span>
      <Spoken>{change} </Spoken>
    </span>
  );
}
