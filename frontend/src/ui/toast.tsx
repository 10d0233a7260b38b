import { Button } from "./button";
import styles from "./parts.module.css";

/** The inside of a notification: a sentence, what to do, and perhaps a way back. */
export function Toast({ text, hint, undo }: { text: string; hint?: string; undo?: () => void }) {
  return (
    <div className={styles.toast}>
      <span>
        {text}
        {hint && <span className={styles.toastHint}> {hint}</span>}
      </span>
      {undo && (
        <Button variant="link" onClick={undo}>
          Undo
        </Button>
      )}
    </div>
  );
}
