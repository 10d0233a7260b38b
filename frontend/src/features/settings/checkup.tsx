import { useState } from "react";
import type { Check, Outcome } from "../../backend";
import { useApp } from "../../state/app";
import { useAttempt } from "../../state/asked";
import { clock, hintOf, plural } from "../../state/format";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconCheck, IconCopy, IconRefresh } from "../../ui/icons";
import { Trouble } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import { Missing, Section } from "./section";
import styles from "./settings.module.css";

const areas: Record<string, string> = {
  paths: "Files",
  desktop: "Desktop",
  engine: "Agent",
  keychain: "Keychain",
  kubeconfig: "Kubeconfig",
  plugins: "Sign-in programs",
  github: "GitHub",
  rights: "Rights in clusters",
};

const order: Outcome[] = ["failed", "warning", "ok"];

/** Sums up a checkup: "2 of 9 need a look". */
function summary(checks: Check[]): string {
  const open = checks.filter((c) => c.outcome !== "ok").length;
  if (!open) return `All ${checks.length} checks are fine`;
  return `${open} of ${plural(checks.length, "check")} ${open === 1 ? "needs" : "need"} a look`;
}

/** A checkup as text, for whoever is asked for help. */
function report(checks: Check[]): string {
  return checks
    .map(({ outcome, area, name, message, hint }) =>
      [`${outcome}: ${area}, ${name}: ${message}`, ...(hint ? [`  ${hint}`] : [])].join("\n"),
    )
    .join("\n");
}

/** Looks at what Portolan needs of this computer; the same as "portolan doctor". */
export function Checkup() {
  const { backend } = useApp();
  const { copy } = useActs();
  const { busy, fault, attempt } = useAttempt();
  const [found, setFound] = useState<{ checks: Check[]; at: string }>();
  const run = async () => {
    const checks = await attempt(() => backend.checkup());
    if (checks !== undefined) setFound({ checks: checks ?? [], at: new Date().toISOString() });
  };
  const sorted = [...(found?.checks ?? [])].sort(
    (a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome),
  );
  return (
    <Section
      id="checkup"
      note="Looks at files, keychain, clusters, hosts and rights. It changes nothing."
      actions={
        <>
          {found && (
            <Button
              icon={<IconCopy />}
              onClick={() => void copy(report(found.checks), "the checkup as text")}
            >
              Copy all
            </Button>
          )}
          <Button icon={<IconRefresh />} busy={busy} onClick={() => void run()}>
            {found ? "Run again" : "Run checkup"}
          </Button>
        </>
      }
    >
      {fault && (
        <div className={styles.apart}>
          <Trouble fault={fault} />
        </div>
      )}
      {busy && !found ? (
        <Missing
          fault={undefined}
          again={() => {}}
          what="this computer; it takes about ten seconds at most"
          rows={4}
        />
      ) : (
        <div className={styles.card} aria-busy={busy}>
          <p className={styles.empty} role="status">
            {found
              ? `${summary(found.checks)}, at ${clock(found.at)}.`
              : "Not run yet. It takes about ten seconds at most."}
          </p>
          {sorted.map((c) => (
            <Line key={`${c.area}\n${c.name}\n${c.message}`} check={c} />
          ))}
        </div>
      )}
    </Section>
  );
}

function Line({ check }: { check: Check }) {
  const { copy } = useActs();
  const { area, name, outcome, message, hint, role } = check;
  return (
    <div className={`${styles.item} ${styles.check}`}>
      <div className={styles.row}>
        <OutcomeMark outcome={outcome} />
        <div className={styles.about}>
          <div className={styles.long} title={message}>
            <span className={styles.faint}>{areas[area] ?? area}</span>
            {name !== area && (
              <>
                {" "}
                <b>
                  <bdi>{name}</bdi>
                </b>
              </>
            )}
            : <bdi>{message}</bdi>
          </div>
          {hint && (
            <p className={`${styles.second} ${styles.long}`}>
              <bdi>{hintOf(check)}</bdi>
            </p>
          )}
          {role && (
            <details className={styles.role}>
              <summary>The role to ask for</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
              <pre tabIndex={0}>{role}</pre>
            </details>
          )}
        </div>
        {role && (
          <Button icon={<IconCopy />} onClick={() => void copy(role, "the role as YAML")}>
            Copy role
          </Button>
        )}
      </div>
    </div>
  );
}

function OutcomeMark({ outcome }: { outcome: Outcome }) {
  if (outcome === "ok") return <IconCheck className={styles.fine} role="img" aria-label="Fine" />;
  return outcome === "warning" ? (
    <Glyph name="waiting" label="Warning" size={14} />
  ) : (
    <Glyph name="stalled" label="Failed" size={14} />
  );
}
