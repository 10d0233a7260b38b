import { useEffect, useState } from "react";
import type { ForwardView } from "../../backend";
import { useApp } from "../../state/app";
import { IconButton } from "../../ui/button";
import { IconCopy } from "../../ui/icons";
import { useActs } from "../forwards/acts";
import styles from "./details.module.css";

/** The command that does the same, to copy. */
export function Kubectl({ f }: { f: ForwardView }) {
  const { backend } = useApp();
  const acts = useActs();
  const [command, setCommand] = useState("");
  useEffect(() => {
    let over = false;
    backend.kubectl(f.id).then(
      (line) => !over && setCommand(line),
      () => !over && setCommand(""), // What kubectl cannot do has no command.
    );
    return () => {
      over = true;
    };
  }, [backend, f]);
  if (!command) return null;
  return (
    <footer className={styles.foot}>
      <code title={command}>{command}</code>
      <IconButton label="Copy as kubectl" onClick={() => void acts.copy(command, "the kubectl command")}>
        <IconCopy />
      </IconButton>
    </footer>
  );
}
