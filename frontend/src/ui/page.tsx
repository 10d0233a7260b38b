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

/** The foot of a page that is left by a yes or a no: back at the left, the primary button at the right. */
export function PageFoot({ children }: { children: ReactNode }) {
  return (
    <footer className={styles.foot} data-part>
      {children}
    </footer>
  );
}

/** What is said beside a title; in the bar of a page it is the first to go where there is no room. */
export function Note({ children }: { children: string }) {
  return (
    <span className={styles.note} title={children}>
      {children}
    </span>
  );
}

/** The room between what is at the left and what is at the right, perhaps with a sentence in it. */
export function Gap({ status = false, children }: { status?: boolean; children?: ReactNode }) {
  return (
    <span className={styles.gap} {...(status ? { role: "status" } : {})}>
      {children}
    </span>
  );
}
