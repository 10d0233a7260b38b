import type { ContextUse } from "../../backend";
import { Glyph } from "../../ui/glyph";
import { IconArrowRight } from "../../ui/icons";
import type { Hue } from "../../ui/parts";
import { Mark, Skeleton } from "../../ui/parts";
import { ContextSelect } from "../settings/context-select";
import styles from "./add-source.module.css";
import { type Choice, keyOf, standsFor } from "./choice";
import { useContextNames } from "./use-readiness";

/** Which contexts of this computer stand for those that the files name and that are missing here. */
export function TeamContexts({
  uses,
  hueOf,
  choice,
  setChoice,
}: {
  uses: readonly ContextUse[];
  hueOf: (environment: string) => Hue;
  choice: Choice;
  setChoice: (choice: Choice) => void;
}) {
  const names = useContextNames();
  return (
    <section className={styles.contexts} aria-labelledby="team-contexts">
      <h2 id="team-contexts">Contexts on this computer</h2>
      <p className={styles.lead}>
        The files name contexts as the team calls them. Say once what they are called here; this stays on this
        computer.
      </p>
      {names?.length === 0 ? (
        <p className={styles.box}>
          <Glyph name="waiting" /> No kubeconfig with a context was found here. Once there is one, Settings
          has this choice.
        </p>
      ) : (
        <ul className={styles.card} aria-busy={!names}>
          {uses.map((use) => (
            <li key={keyOf(use)}>
              <span className={styles.cut} title={use.environment}>
                <Mark hue={hueOf(use.environment)} /> <bdi>{use.environment}</bdi>
              </span>
              <code className={styles.cut} title={use.team}>
                <bdi>{use.team || "the current one"}</bdi>
              </code>
              <IconArrowRight size={14} aria-hidden="true" />
              {names ? (
                <ContextSelect
                  use={use}
                  contexts={names}
                  value={standsFor(use, choice) || undefined}
                  none="Not mapped"
                  onChange={(name) =>
                    setChoice({ ...choice, contexts: { ...choice.contexts, [keyOf(use)]: name } })
                  }
                />
              ) : (
                <Skeleton width="60%" />
              )}
              <Standing use={use} choice={choice} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Why a context was proposed, or what waits for one. */
function Standing({ use, choice }: { use: ContextUse; choice: Choice }) {
  const mine = standsFor(use, choice);
  if (mine)
    return <span className={styles.quiet}>{mine === use.proposal && "Proposed: its cluster fits"}</span>;
  const waits = `${use.forwards.toLocaleString("en")} can’t start yet`;
  return (
    <span data-tone="wait" role="status">
      <Glyph name="waiting" /> {use.proposal ? waits : `No match: ${waits}`}
    </span>
  );
}
