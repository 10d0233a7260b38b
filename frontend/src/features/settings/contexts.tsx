import { useCallback, useState } from "react";
import type { Contexts as Answer, ContextUse, Fault } from "../../backend";
import { asFault } from "../../backend";
import { useApp, useView } from "../../state/app";
import { useAsked, useAttempt } from "../../state/asked";
import { type Place, places } from "../../state/forwards";
import { say, sayFault } from "../../state/intent";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconShield } from "../../ui/icons";
import { Chip, Mark, Spoken } from "../../ui/parts";
import { Trouble } from "../../ui/trouble";
import { ContextSelect } from "./context-select";
import { Missing, Section } from "./section";
import styles from "./settings.module.css";

/** Which context of this computer stands for each that the team's files name. */
export function Contexts() {
  const { backend } = useApp();
  const sources = useView((view) => view.sources);
  // What the environments name comes with a sync.
  const commits = sources.map((s) => s.commit.sha).join();
  const { answer, fault, again } = useAsked(
    useCallback(async () => {
      void commits;
      const { contexts, uses } = await backend.contexts();
      // Go writes a list that was never filled as null.
      return { contexts: contexts ?? [], uses: uses ?? [] };
    }, [backend, commits]),
  );
  return (
    <Section id="contexts" note="Team’s name to yours. Stays on this computer.">
      {!answer && <Missing fault={fault} again={again} what="the contexts" rows={3} />}
      {answer && (
        <div className={styles.card}>
          {answer.contexts.length === 0 && (
            <p className={styles.empty}>
              No kubeconfig with a context was found on this computer. Checkup says where it was looked for.
            </p>
          )}
          {answer.uses.length === 0 ? (
            <p className={styles.empty}>No environment names a context yet.</p>
          ) : (
            <Table answer={answer} places={places(sources)} changed={again} />
          )}
        </div>
      )}
    </Section>
  );
}

function Table({ answer, places, changed }: { answer: Answer; places: Place[]; changed: () => void }) {
  const [fault, setFault] = useState<Fault>();
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>Environment</th>
            <th>Team’s context</th>
            <th>On this computer</th>
            <th>Cluster</th>
          </tr>
        </thead>
        <tbody>
          {answer.uses.map((use) => (
            <Use
              key={`${use.environment}\n${use.team}`}
              use={use}
              answer={answer}
              place={places.find((p) => p.environment.name === use.environment)}
              changed={changed}
              failed={setFault}
            />
          ))}
        </tbody>
      </table>
      {fault && <Trouble fault={fault} />}
    </>
  );
}

function Use({
  use,
  answer: { contexts },
  place,
  changed,
  failed,
}: {
  use: ContextUse;
  answer: Answer;
  place: Place | undefined;
  changed: () => void;
  failed: (fault: Fault | undefined) => void;
}) {
  const { backend } = useApp();
  const { busy, attempt } = useAttempt();
  const { environment, team, mine = "", missing, proposal, forwards } = use;
  const current = contexts.find((c) => c.current)?.name;
  const as = team || (current ? `current context (${current})` : "current context");
  const put = async (name: string) => {
    if (name === mine || busy) return;
    await attempt(async () => {
      try {
        await backend.mapContext(environment, team, name);
      } catch (thrown) {
        failed(asFault(thrown));
        return;
      }
      failed(undefined);
      changed();
      say(
        name
          ? `${team || "No context"} in ${environment} is ${name} here`
          : `${team || "No context"} in ${environment} is no longer mapped`,
        async () => {
          try {
            await backend.mapContext(environment, team, mine);
          } catch (thrown) {
            sayFault("Nothing was undone", asFault(thrown));
          }
          changed();
        },
      );
    });
  };
  const inForce = contexts.find((c) => c.name === (mine || team || current));
  return (
    <tr>
      <td>
        <span className={styles.place}>
          <Mark hue={place?.hue ?? "slate"} />
          <bdi className={styles.cut} title={environment}>
            {environment}
          </bdi>
          {place?.environment.protected && (
            <span className={styles.protected}>
              <Chip tone="outline" icon={<IconShield />}>
                protected
              </Chip>
            </span>
          )}
        </span>
      </td>
      <td>
        {team ? (
          <bdi className={`${styles.cut} ${styles.mono}`} title={team}>
            {team}
          </bdi>
        ) : (
          <span className={`${styles.cut} ${styles.faint}`} title="None: the current one">
            none: the current one
          </span>
        )}
      </td>
      <td>
        <span className={styles.names}>
          <ContextSelect
            use={use}
            contexts={contexts.map((c) => c.name)}
            value={mine || (missing ? undefined : "")}
            none={mine ? "Not mapped" : missing ? undefined : as}
            onChange={(name) => void put(name)}
          />
          {missing && proposal && (
            <Button
              size="xs"
              className={styles.proposal}
              busy={busy}
              title={`${proposal} leads to the same cluster`}
              onClick={() => void put(proposal)}
            >
              <bdi className={styles.cut}>Use {proposal}</bdi>
            </Button>
          )}
        </span>
      </td>
      <td>
        {missing ? (
          <span className={`${styles.names} ${styles.warning}`}>
            <Glyph name="waiting" />
            {forwards} can’t start
          </span>
        ) : (
          <bdi className={`${styles.cut} ${styles.faint}`} title={inForce?.server}>
            {inForce?.server?.replace(/^https:\/\//, "") ?? <Spoken>unknown</Spoken>}
          </bdi>
        )}
      </td>
    </tr>
  );
}
