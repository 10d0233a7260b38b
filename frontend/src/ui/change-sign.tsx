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

/** What became of something, as a sign; those who hear the page hear the word, unless it stands beside the sign. */
export function ChangeSign({
  change,
  small = false,
  named = false,
}: {
  change: Change;
  small?: boolean;
  named?: boolean;
}) {
  return (
    <span className={`${styles.sign} ${styles[change] ?? ""} ${small ? styles.small : ""}`} title={change}>
      <span aria-hidden="true">{signs[change]}</span>
      {!named && <Spoken>{change} </Spoken>}
    </span>
  );
}

/** How many of a change there are. */
export function ChangeCount({ change, n }: { change: Change; n: number }) {
  return (
    <span className={styles.count}>
      <ChangeSign change={change} small />
      {n.toLocaleString("en")}
    </span>
  );
}
