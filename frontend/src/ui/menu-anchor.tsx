import type { ComponentProps } from "react";
import styles from "./menu-anchor.module.css";

interface Props extends ComponentProps<"button"> {
  /** Whose menu it is: the menu is called so. */
  label: string;
  x: number;
  y: number;
}

/** The place of a menu that opens where the pointer is, and not under a button. Nobody sees it. */
export function MenuAnchor({ label, x, y, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={styles.anchor}
      style={{ left: x, top: y }}
      tabIndex={-1}
      aria-label={label}
    />
  );
}
