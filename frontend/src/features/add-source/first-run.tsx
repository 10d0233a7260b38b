import { TextInput } from "@mantine/core";
import { type DragEvent, useState } from "react";
import { useApp } from "../../state/app";
import { plural } from "../../state/format";
import { useIntent } from "../../state/intent";
import { formatRoute, go } from "../../state/route";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconCheck, IconDownload, IconFlask, IconRepository, IconSettings } from "../../ui/icons";
import mark from "../../ui/mark.svg";
import { Skeleton } from "../../ui/parts";
import { useActs } from "../forwards/acts";
import styles from "./first-run.module.css";
import { asEnvironmentFile } from "./kubectl-lines";
import rhumbs from "./rhumbs.svg";
import { useCheckup, useContextNames } from "./use-readiness";

const demo = "portolan demo";

/** What a person sees who follows nothing and has nothing: three ways to begin. */
export function FirstRun() {
  const acts = useActs();
  const [text, setText] = useState("");
  const drop = useDrop();
  return (
    <div className={styles.first} {...drop.target}>
      <img className={styles.rhumbs} src={rhumbs} alt="" />
      <a className={styles.settings} href={formatRoute({ page: "settings", section: "accounts" })}>
        <IconSettings size={16} /> Settings
      </a>
      <div className={styles.centre}>
        <img src={mark} alt="" width={48} height={48} />
        <h1>Follow your team’s port-forwards</h1>
        <p>Paste the GitHub repository that holds them. Each JSON file is one environment.</p>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) go({ page: "add", repository: text.trim() });
          }}
        >
          <TextInput
            aria-label="Repository"
            placeholder="github.com/owner/name"
            autoFocus
            spellCheck={false}
            leftSection={<IconRepository size={16} />}
            classNames={{ input: styles.input ?? "" }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button
            size="lg"
            variant="primary"
            type="submit"
            disabled={text.trim() ? undefined : "Type or paste a repository first"}
          >
            Check access
          </Button>
        </form>
        <p className={styles.small}>
          Also understood: <code>owner/name</code>, a link to a branch, folder or file,{" "}
          <code>git@host:owner/name</code>, GitHub Enterprise.
        </p>
        <p className={styles.or}>
          <span>or start without a repository</span>
        </p>
        <div className={styles.cards}>
          <button type="button" data-over={drop.over || undefined} onClick={acts.import}>
            <IconDownload size={16} />
            <span>
              <b>Import a kftray file</b>
              Or <code>kubectl port-forward</code> lines. Drop a file here, choose one, or paste.
            </span>
          </button>
          <button type="button" onClick={() => void acts.copy(demo, `${demo}; run it in a terminal`)}>
            <IconFlask size={16} />
            <span>
              <b>Try the demo</b>
              Copies <code>{demo}</code> for a terminal: a pretend team and cluster. Nothing leaves this
              computer.
            </span>
          </button>
        </div>
        <Readiness />
      </div>
      <p className={styles.foot}>
        A shared file never starts anything by itself, runs a command, or opens a port beyond this computer.
      </p>
    </div>
  );
}

/** What is there already, and what is missing; only what was found. */
function Readiness() {
  const contexts = useContextNames();
  const keychain = useCheckup()?.find((check) => check.area === "keychain");
  return (
    <ul className={styles.facts} aria-label="This computer">
      <li>
        {!contexts ? (
          <Skeleton width={120} />
        ) : contexts.length ? (
          <>
            <IconCheck size={14} /> {plural(contexts.length, "kubeconfig context")}
          </>
        ) : (
          <>
            <Glyph name="waiting" /> No kubeconfig context yet
          </>
        )}
      </li>
      {!keychain && (
        <li>
          <Skeleton width={100} />
        </li>
      )}
      {keychain && (
        <li title={[keychain.message, keychain.hint].filter(Boolean).join("; ")}>
          {keychain.outcome === "ok" ? <IconCheck size={14} /> : <Glyph name="waiting" />}
          {keychain.outcome === "ok" ? "Keychain ready" : "No keychain: tokens last until the agent ends"}
        </li>
      )}
    </ul>
  );
}

/** Takes a file that is dropped anywhere on the page. */
function useDrop() {
  const { backend } = useApp();
  const intent = useIntent();
  const [over, setOver] = useState(false);
  const take = (file: File) =>
    intent({
      key: "import",
      run: async () => {
        const rows = await backend.importFile("local", asEnvironmentFile(await file.text()));
        go({ page: "mine" });
        return rows;
      },
      done: (rows) => `Added ${plural(rows.length, "forward")} from ${file.name} to My forwards`,
      undo: true,
      failed: `Nothing was imported from ${file.name}`,
    });
  return {
    over,
    target: {
      onDragOver: (event: DragEvent) => {
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer.files;
        if (file) void take(file);
      },
    },
  };
}
