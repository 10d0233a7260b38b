import { useEffect, useState } from "react";
import type { ForwardView } from "../../backend";
import { useApp } from "../../state/app";
import { addressOf } from "../../state/forwards";
import { IconCheck, IconCopy } from "../../ui/icons";
import styles from "./list.module.css";

/** A local address that copies itself: the icon becomes a check for a moment. */
export function CopyAddress({ f }: { f: ForwardView }) {
  const { host } = useApp();
  const [copied, setCopied] = useState(false);
  const { host: at, port } = addressOf(f);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const text = `${at}:${port}`;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles.copy}
      title={copied ? "Copied" : `Copy ${text} (C)`}
      aria-label={`Copy ${text}`}
      onClick={() => void host.copy(text).then(() => setCopied(true))}
    >
      <span className={styles.ellipsis}>{at}</span>
      <b>:{port}</b>
      {copied ? <IconCheck /> : <IconCopy />}
    </button>
  );
}
