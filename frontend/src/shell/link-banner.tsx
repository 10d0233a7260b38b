import { useApp } from "../state/app";
import { useCell } from "../state/cell";
import { hintOf, sentence } from "../state/format";
import { Glyph } from "../ui/glyph";
import styles from "./shell.module.css";

/** What is said while the agent does not answer, or asks for something outside of this window. */
export function LinkBanner() {
  const { store } = useApp();
  const { link, fault, view } = useCell(store, (state) => state);
  if (link === "lost") {
    const gone = !fault || ["connection-lost", "not-running"].includes(fault.code);
    return (
      <div className={styles.banner} role="status">
        <Glyph name="waiting" />
        {gone
          ? "The agent stopped — starting it again… What you see is as it was."
          : `${sentence(fault.message)} ${hintOf(fault)}`}
      </div>
    );
  }
  if (view.asking) {
    return (
      <div className={styles.banner} role="status">
        <Glyph name="sign-in" />
        {sentence(view.asking)}
      </div>
    );
  }
  return null;
}
