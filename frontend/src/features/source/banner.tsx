import type { SourceView } from "../../backend";
import { useView } from "../../state/app";
import { countdown, hintOf, sentence, shortSha } from "../../state/format";
import { useNow } from "../../state/now";
import { formatRoute } from "../../state/route";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconPlayerPause } from "../../ui/icons";
import { glyphOf } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import styles from "./source.module.css";
import { useSourceActs } from "./source-acts";

/** Why a source does not sync, and the way out. Nothing where it does. */
export function SourceBanner({ source }: { source: SourceView }) {
  const paused = useView((view) => view.paused);
  const acts = useActs();
  if (source.status.fault) return <Trouble source={source} fault={source.status.fault} />;
  if (!paused) return null;
  return (
    <div className={styles.banner} role="status">
      <IconPlayerPause size={16} />
      <div>
        <b>Syncing is paused.</b>
        <p>Your forwards keep running. Nothing new is applied by itself; Sync now still works.</p>
      </div>
      <Button onClick={() => acts.pause(false)}>Resume</Button>
    </div>
  );
}

function Trouble({
  source,
  fault,
}: {
  source: SourceView;
  fault: NonNullable<SourceView["status"]["fault"]>;
}) {
  const now = useNow();
  const acts = useActs();
  const own = useSourceActs();
  const bad = source.status.phase === "stalled";
  const { commit } = source;
  return (
    <div className={styles.banner} data-bad={bad || undefined} role="status">
      <Glyph name={bad ? glyphOf(fault) : "waiting"} size={14} />
      <div>
        <b title={fault.message}>{sentence(fault.message)}</b>
        <p>
          {hintOf(fault)} {fault.retry && `Next try in ${countdown(fault.retry, now)}.`} Running forwards are
          not affected
          {commit.sha && (
            <>
              ; changes after <code>{shortSha(commit.sha)}</code> wait
            </>
          )}
          .
        </p>
      </div>
      {fault.code === "source-empty" ? (
        <Button onClick={() => own.confirmEmpty(source)}>Is it meant?</Button>
      ) : fault.kind === "sign-in" ? (
        <a className={styles.way} href={formatRoute({ page: "settings", section: "accounts" })}>
          Sign in
        </a>
      ) : (
        <Button onClick={() => void acts.sync([source.name])}>Try now</Button>
      )}
    </div>
  );
}
