import type { Version } from "../../backend";
import { useApp, useView } from "../../state/app";
import { plural } from "../../state/format";
import { say } from "../../state/intent";
import { Button, IconButton } from "../../ui/button";
import { IconCopy, IconDownload, IconFileImport } from "../../ui/icons";
import { useActs } from "../forwards/acts";
import { Missing, Section, Trouble } from "./section";
import styles from "./settings.module.css";
import { type Asked, useAttempt } from "./use-asked";

/** The files of a home, as the engine lays them out. */
function filesOf(home: string): Array<{ name: string; what: string; path: string }> {
  const slash = home.includes("\\") ? "\\" : "/";
  const path = (...parts: string[]) => [home.replace(/[\\/]+$/, ""), ...parts].join(slash);
  return [
    { name: "Home", what: "Everything that Portolan keeps, but tokens", path: home },
    { name: "Store", what: "Sources, forwards, history and settings", path: path("portolan.db") },
    {
      name: "Log",
      what: "One JSON object a line; portolan logs reads it",
      path: path("logs", "portolan.log"),
    },
  ];
}

/** Forwards out and in, and where everything is on this computer. */
export function Data({ asked }: { asked: Asked<Version> }) {
  const { answer, fault, again } = asked;
  return (
    <Section id="data" note="On this computer only.">
      <div className={`${styles.card} ${styles.apart}`}>
        <Export />
        <Import />
      </div>
      {answer ? (
        <div className={styles.card}>
          {filesOf(answer.home).map((file) => (
            <Path key={file.name} {...file} />
          ))}
        </div>
      ) : (
        <Missing fault={fault} again={again} what="where the files are" rows={3} />
      )}
    </Section>
  );
}

function Export() {
  const { backend, host } = useApp();
  const { copy } = useActs();
  const { busy, fault, attempt } = useAttempt();
  const n = useView((view) => view.forwards.length);
  const none = n ? undefined : "There is no forward yet";
  const exported = () => attempt(() => backend.exportFile({ all: true }));
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <div className={styles.about}>
          <div>Export all forwards</div>
          <p className={styles.second}>
            {plural(n, "forward")} as one environment file, without what is of this computer only.
          </p>
        </div>
        <Button
          icon={<IconCopy />}
          busy={busy}
          disabled={none}
          aria-label="Copy all forwards as an environment file"
          onClick={async () => {
            const text = await exported();
            if (text !== undefined) await copy(text, `${plural(n, "forward")} as an environment file`);
          }}
        >
          Copy
        </Button>
        {host.kind === "browser" && (
          <Button
            icon={<IconDownload />}
            busy={busy}
            disabled={none}
            aria-label="Save file with all forwards"
            onClick={async () => {
              const text = await exported();
              if (text !== undefined) save("portolan-forwards.json", text);
            }}
          >
            Save file
          </Button>
        )}
      </div>
      {fault && <Trouble fault={fault} />}
    </div>
  );
}

/** Hands a file to the browser, which asks where to put it or knows. */
function save(name: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  say(`Saved ${name}`);
}

function Import() {
  const acts = useActs();
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <div className={styles.about}>
          <div>Import forwards</div>
          <p className={styles.second}>
            An environment file, as a repository or kftray has it. They become your own.
          </p>
        </div>
        <Button icon={<IconFileImport />} onClick={acts.import}>
          Import
        </Button>
      </div>
    </div>
  );
}

function Path({ name, what, path }: { name: string; what: string; path: string }) {
  const { copy } = useActs();
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <div className={styles.about}>
          <div>
            {name} <span className={styles.faint}>{what}</span>
          </div>
          <bdi className={`${styles.mono} ${styles.path}`}>{path}</bdi>
        </div>
        <IconButton label={`Copy the path: ${name}`} size="sm" onClick={() => void copy(path, "the path")}>
          <IconCopy />
        </IconButton>
      </div>
    </div>
  );
}
