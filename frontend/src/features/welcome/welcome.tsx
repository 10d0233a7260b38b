import { Text, Title } from "@mantine/core";
import { CommandLine } from "../../ui/command-line";
import mark from "../../ui/mark.svg";
import styles from "./welcome.module.css";

/** What a person sees before any repository is followed: what Portolan is, and how to begin. */
export function Welcome() {
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <img className={styles.mark} src={mark} alt="" width={56} height={56} />
        <Title order={1}>Follow your team’s port-forwards</Title>
        <Text c="dimmed">
          A team keeps its Kubernetes port-forwards as JSON files in a GitHub repository. Each file is one
          environment. Portolan follows the repository and runs the forwards on this computer.
        </Text>
      </header>

      <section className={styles.step}>
        <Title order={2}>1. Start Portolan</Title>
        <CommandLine command="portolan serve" />
      </section>
      <section className={styles.step}>
        <Title order={2}>2. Follow a repository, in a second terminal</Title>
        <CommandLine command="portolan source add OWNER/NAME" />
        <Text size="sm" c="dimmed">
          Also understood: a link to a branch, folder or file, <code>git@host:owner/name</code>, GitHub
          Enterprise.
        </Text>
      </section>
      <section className={styles.step}>
        <Title order={2}>Or try it without a repository or a cluster</Title>
        <CommandLine command="portolan demo" />
        <Text size="sm" c="dimmed">
          A pretend team and cluster on this computer. Nothing leaves it.
        </Text>
      </section>

      <footer className={styles.foot}>
        <Text size="sm">
          For now the terminal steers Portolan; this page only explains how to begin. A shared file never
          starts anything by itself, runs a command, or opens a port beyond this computer.
        </Text>
      </footer>
    </main>
  );
}
