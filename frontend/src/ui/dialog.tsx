import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { IconButton } from "./button";
import styles from "./dialog.module.css";
import { IconX } from "./icons";

/** The head of a dialog: what it is about, which is also its name to those who hear it, and the way out. */
export function DialogHead({
  glyph,
  title,
  under,
  onClose,
}: {
  glyph?: ReactNode;
  title: string;
  under?: ReactNode;
  onClose: () => void;
}) {
  return (
    <header className={styles.head}>
      {glyph}
      <div className={styles.titles}>
        <Modal.Title title={title}>{title}</Modal.Title>
        {under && <div className={styles.under}>{under}</div>}
      </div>
      <IconButton label="Close" shortcut="Esc" size="sm" onClick={onClose}>
        <IconX />
      </IconButton>
    </header>
  );
}

/** The foot of a dialog: the change in short at the left, Cancel and the primary button at the right. */
export function DialogFoot({ children }: { children: ReactNode }) {
  return <footer className={styles.foot}>{children}</footer>;
}
