import type { Consent } from "../../backend";
import { useApp } from "../../state/app";
import { ago, exact, shortSha } from "../../state/format";
import { say } from "../../state/intent";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { IconShield } from "../../ui/icons";
import { Missing, Section, Trouble } from "./section";
import styles from "./settings.module.css";
import { useAsked, useAttempt } from "./use-asked";

/** What a consent allows, after the name of its source. */
function allows({ effect, value }: Consent): string {
  switch (effect) {
    case "bind-address":
      return `may listen on ${value}`;
    case "empty-source":
      return `may have no environment file, at ${shortSha(value)}`;
    default:
      return `${effect}: ${value}`;
  }
}

/** The effects that a person said yes to, which a shared file may not have by itself. */
export function Consents() {
  const { backend } = useApp();
  const { answer, fault, again } = useAsked(backend.consents);
  return (
    <Section id="consents" note="What you allowed a shared file, on this computer.">
      {!answer && <Missing fault={fault} again={again} what="the consents" />}
      {answer && (
        <div className={styles.card}>
          {answer.length === 0 && <p className={styles.empty}>No shared file has needed your yes.</p>}
          {answer.map((c) => (
            <Row key={`${c.source}\n${c.effect}\n${c.value}`} consent={c} changed={again} />
          ))}
        </div>
      )}
    </Section>
  );
}

function Row({ consent, changed }: { consent: Consent; changed: () => void }) {
  const { backend } = useApp();
  const { busy, fault, attempt } = useAttempt();
  const now = useNow(60_000);
  const { source, effect, value, at } = consent;
  const revoke = async () => {
    if (!(await attempt(() => backend.revoke(source, effect, value)))) return;
    changed();
    say(`Revoked: ${source} ${allows(consent)}`);
  };
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <IconShield className={styles.icon} aria-hidden="true" />
        <div className={styles.about}>
          <div className={styles.long} title={value}>
            <b>
              <bdi>{source}</bdi>
            </b>{" "}
            <bdi>{allows(consent)}</bdi>
          </div>
          <div className={styles.under}>
            <code>{effect}</code>
            <time dateTime={at} title={exact(at)}>
              you said yes {ago(at, now)}
            </time>
          </div>
        </div>
        <Button busy={busy} aria-label={`Revoke: ${source} ${allows(consent)}`} onClick={() => void revoke()}>
          Revoke
        </Button>
      </div>
      {fault && <Trouble fault={fault} />}
    </div>
  );
}
