import { CopyButton, UnstyledButton } from "@mantine/core";
import styles from "./command-line.module.css";

type CommandLineProps = {
  readonly command: string;
};

/** One shell command in a line of its own; a click anywhere on it copies it. */
export function CommandLine({ command }: CommandLineProps) {
  return (
    <CopyButton value={command} timeout={1500}>
      {({ copied, copy }) => (
        <UnstyledButton className={styles.line} onClick={copy} aria-label={`Copy: ${command}`}>
          <span className={styles.prompt} aria-hidden>
            $
          </span>
          <code className={styles.command}>{command}</code>
          <span className={styles.state} role="status">
            {copied ? "Copied" : "Copy"}
          </span>
        </UnstyledButton>
      )}
    </CopyButton>
  );
}
