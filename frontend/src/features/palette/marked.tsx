import { Fragment } from "react";
import styles from "./palette.module.css";

/** Text with what was searched for marked. */
export function Marked({ text, query }: { text: string; query: string }) {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return text;
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text
    .split(new RegExp(`(${escaped.join("|")})`, "i"))
    .map((part, i) => (
      <Fragment key={i}>{i % 2 ? <mark className={styles.mark}>{part}</mark> : part}</Fragment>
    ));
}
