import type { ForwardView } from "../../backend";
import { useApp, useScreen } from "../../state/app";
import { CheckBox } from "./check-box";
import styles from "./list.module.css";

/** The names of the columns, for the eye; each cell says what it is. */
export function Head({ shown }: { shown: ForwardView[] }) {
  const { screen } = useApp();
  const selected = useScreen((s) => s.selected.size);
  const all = selected > 0 && selected >= shown.length;
  return (
    <div className={styles.head}>
      {selected > 0 ? (
        <button
          type="button"
          className={styles.checkAll}
          aria-label={all ? "Select none" : "Select all"}
          onClick={() => screen.set((s) => ({ ...s, selected: new Set(all ? [] : shown.map((f) => f.id)) }))}
        >
          <CheckBox on={all ? "all" : "some"} />
        </button>
      ) : (
        <span />
      )}
      <span />
      <span>Name</span>
      <span className={styles.target}>Target</span>
      <span>Local address</span>
      <div className={styles.tail}>
        <span className={styles.tags}>Tags</span>
        <span>Traffic</span>
        <span className={styles.right}>Rate</span>
        <span className={styles.right}>Conns</span>
      </div>
      <span />
    </div>
  );
}
