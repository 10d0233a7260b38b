import type { ReactNode } from "react";
import styles from "./page.module.css";

/** The bar at the top of a page: title at the left, actions at the right. */
export function PageBar({ children }: { children: ReactNode }) {
  return (
    <header className={styles.bar} data-part>
      {children}
    </header>
  );
}

/** The room of a page, which scrolls by itself. */
export function PageBody({ children }: { children: ReactNode }) {
  return (
    <div className={styles.body} data-part>
      {children}
    </div>
  );
}
