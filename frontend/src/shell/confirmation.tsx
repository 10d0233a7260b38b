import { Modal } from "@mantine/core";
import { useActs } from "../features/forwards/acts";
import type { Question } from "../state/screen";
import { Button } from "../ui/button";
import { IconPlayerStop, IconRoute, IconShield, IconTrash, IconWorld } from "../ui/icons";
import styles from "./confirmation.module.css";

const icons = {
  shield: IconShield,
  route: IconRoute,
  globe: IconWorld,
  trash: IconTrash,
  stop: IconPlayerStop,
};

/** A question that names what a yes touches. The safe answer has the focus, so Enter never does the dangerous thing. */
export function Confirmation({ question }: { question: Question }) {
  const { closeDialog } = useActs();
  const Icon = icons[question.icon];
  return (
    <section className={styles.card}>
      <span className={`${styles.icon} ${styles[question.tone]}`} aria-hidden="true">
        <Icon size={16} />
      </span>
      <div className={styles.body}>
        <header>
          <Modal.Title>{question.title}</Modal.Title>
          {question.note && <span className={styles.note}>{question.note}</span>}
        </header>
        <p>{question.text}</p>
        <dl>
          {question.facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <footer>
          <Button size="md" data-autofocus onClick={closeDialog}>
            {question.no ?? "Cancel"}
          </Button>
          <Button
            size="md"
            variant={question.tone === "bad" ? "danger" : "default"}
            onClick={() => {
              closeDialog();
              question.act();
            }}
          >
            {question.yes}
          </Button>
        </footer>
      </div>
    </section>
  );
}
