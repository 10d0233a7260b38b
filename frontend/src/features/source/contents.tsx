import { useState } from "react";
import type { SourceView } from "../../backend";
import { plural } from "../../state/format";
import { places } from "../../state/forwards";
import { formatRoute } from "../../state/route";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconShield } from "../../ui/icons";
import { Chip, Mark } from "../../ui/parts";
import { homeOf } from "../add-source/link";
import { fileAddress } from "./config";
import styles from "./source.module.css";

/** The environments of a source, each a way to its forwards. */
export function Environments({ source }: { source: SourceView }) {
  return (
    <section className={styles.section}>
      <h2>Environments</h2>
      <ul className={styles.card}>
        {places([source]).map(({ environment, hue }) => (
          <li key={environment.name} className={styles.environment}>
            <Mark hue={hue} />
            <a
              href={formatRoute({ page: "environment", source: source.name, environment: environment.name })}
              title={[environment.title, environment.description, environment.file]
                .filter(Boolean)
                .join("\n")}
            >
              <bdi>{environment.title || environment.name}</bdi>
            </a>
            {environment.protected && (
              <Chip tone="outline" icon={<IconShield />} title="Starting asks first">
                protected
              </Chip>
            )}
            <span className={styles.count}>
              {environment.file ? plural(environment.forwards, "forward") : "no file any more"}
            </span>
          </li>
        ))}
        {!source.environments.length && <li className={styles.none}>No environment file was found yet.</li>}
      </ul>
    </section>
  );
}

/** Problems that are shown at first, and at a press; a broken file may have thousands. */
const few = 3;
const most = 50;

/** What is wrong with files at the commit that is followed. Their last good state, if any, stays in force. */
export function InvalidFiles({ source }: { source: SourceView }) {
  const [all, setAll] = useState(false);
  const invalid = source.invalid ?? [];
  if (!invalid.length) return null;
  const shown = invalid.slice(0, all ? most : few);
  const left = invalid.length - shown.length;
  return (
    <section className={styles.section}>
      <h2>
        Invalid files <small>Other files are not affected</small>
      </h2>
      <ul className={styles.card}>
        {shown.map((p) => (
          <li key={`${p.file}${p.pointer}${p.code}`} className={styles.problem}>
            <Glyph name="stalled" />
            <div>
              <a
                href={fileAddress(source, homeOf(source.repo), p.file, p.position.line)}
                target="_blank"
                rel="noreferrer"
                title="Open it on GitHub"
              >
                <bdi>{p.file}</bdi>:{p.position.line}:{p.position.column}
              </a>
              <p>
                <bdi>{p.message}</bdi>
                {p.hint && (
                  <>
                    ; <bdi>{p.hint}</bdi>
                  </>
                )}
              </p>
            </div>
          </li>
        ))}
        {left > 0 && (
          <li className={styles.none}>
            {all ? (
              `and ${plural(left, "problem")} more`
            ) : (
              <Button variant="link" onClick={() => setAll(true)}>
                Show {Math.min(left, most - few)} more
                {left > most - few && ` of ${left.toLocaleString("en")}`}
              </Button>
            )}
          </li>
        )}
      </ul>
    </section>
  );
}
