import type { Version } from "../../backend";
import { useApp } from "../../state/app";
import mark from "../../ui/app-mark.svg";
import { Button } from "../../ui/button";
import { IconCopy, IconExternalLink, IconKeyboard } from "../../ui/icons";
import { useActs } from "../forwards/acts";
import { Missing, Section } from "./section";
import styles from "./settings.module.css";
import type { Asked } from "./use-asked";

const project = "https://github.com/portolan-app/portolan";

/** What is running, and where it comes from. */
export function About({ asked }: { asked: Asked<Version> }) {
  const { host } = useApp();
  const acts = useActs();
  const { answer, fault, again } = asked;
  const facts: Array<[name: string, value: string]> = answer
    ? [
        ["version", answer.version],
        ...(answer.commit ? [["commit", answer.commit] as [string, string]] : []),
        ["process", String(answer.pid)],
        ["API", String(answer.api)],
        ["licence", "Apache-2.0"],
      ]
    : [];
  return (
    <Section id="about">
      {!answer && <Missing fault={fault} again={again} what="the version" />}
      {answer && (
        <div className={styles.card}>
          <div className={styles.item}>
            <div className={styles.row}>
              <img src={mark} alt="" width={40} height={40} />
              <div className={styles.about}>
                <b>Portolan</b>
                <p className={styles.second}>Port-forwards that a team keeps as files in its repository</p>
              </div>
              <Button
                icon={<IconCopy />}
                onClick={() =>
                  void acts.copy(
                    facts.map(([name, value]) => `${name}: ${value}`).join("\n"),
                    "the version and what runs",
                  )
                }
              >
                Copy
              </Button>
            </div>
            <dl className={styles.facts}>
              {facts.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <bdi>{value}</bdi>
                  </dd>
                </div>
              ))}
            </dl>
          </div>
          <div className={styles.links}>
            <Button icon={<IconKeyboard />} onClick={acts.keys}>
              All keys
            </Button>
            <Button icon={<IconExternalLink />} onClick={() => host.open(project)}>
              Project
            </Button>
            <Button icon={<IconExternalLink />} onClick={() => host.open(`${project}/issues`)}>
              Report a problem
            </Button>
            <Button icon={<IconExternalLink />} onClick={() => host.open(`${project}/blob/main/LICENSE`)}>
              Licence
            </Button>
          </div>
        </div>
      )}
    </Section>
  );
}
