import { IconGitCommit, IconPencil } from "../../ui/icons";
import { Chip } from "../../ui/parts";
import styles from "./details.module.css";
import type { Origin } from "./provenance";

/** Where a value comes from, as a chip. */
export function OriginChip({ origin }: { origin: Origin }) {
  switch (origin) {
    case "repo":
      return (
        <Chip icon={<IconGitCommit className={styles.lying} />} title="As the repository has it">
          repo
        </Chip>
      );
    case "mine":
      return (
        <Chip tone="accent" icon={<IconPencil />} title="Your edit; it ends with the next sync">
          mine
        </Chip>
      );
    case "here":
      return (
        <Chip tone="outline" title="Set for this computer only; syncs leave it alone">
          this computer
        </Chip>
      );
    case "own":
      return <span className={styles.default}>yours</span>;
    case "default":
      return <span className={styles.default}>default</span>;
  }
}
