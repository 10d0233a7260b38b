import { Button } from "../../ui/button";
import { Trouble } from "../../ui/trouble";
import styles from "./changes.module.css";
import type { Asked } from "./use-answer";

/** What stands where an answer did not come, and the way to ask again. */
export function Failed({
  title,
  fault,
  again,
}: {
  title: string;
  fault: NonNullable<Asked<unknown>["fault"]>;
  again: () => void;
}) {
  return (
    <div className={styles.failed}>
      <Trouble fault={{ ...fault, message: `${title}: ${fault.message}` }}>
        <Button onClick={again}>Try again</Button>
      </Trouble>
    </div>
  );
}
