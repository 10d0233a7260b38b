import { IconCheck } from "../../ui/icons";
import styles from "./list.module.css";

/** The look of a check box; what it stands in says whether it is checked. */
export function CheckBox({ on }: { on: "all" | "some" | "none" }) {
  return (
    <span className={`${styles.check} ${styles[on]}`} aria-hidden="true">
      {on === "all" && <IconCheck />}
    </span>
  );
}
