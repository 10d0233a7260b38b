import type { SourceView } from "../../backend";
import { useView } from "../../state/app";
import { ago, countdown, exact, hintOf, lasting, plural, sentence, shortSha } from "../../state/format";
import { usePending } from "../../state/intent";
import { useNow } from "../../state/now";
import { formatRoute } from "../../state/route";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconPlayerPause } from "../../ui/icons";
import { glyphOf } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import styles from "./source.module.css";
import { useSourceActs, waitingWords } from "./source-acts";

/** Why a source does not take what its repository has, and the way out. Nothing where it does. */
export function SourceBanner({ source }: { source: SourceView }) {
  const { held, review, status } = source;
  return (
    <>
      {held && <Held source={source} held={held} />}
      {review && <Waits source={source} review={review} />}
      {status.fault ? <Trouble source={source} fault={status.fault} /> : <Paused />}
    </>
  );
}

function Held({ source, held }: { source: SourceView; held: NonNullable<SourceView["held"]> }) {
  const now = useNow(30_000);
  const own = useSourceActs();
  const busy = usePending(`source:${source.name}`);
  const { at, why, commit, newer, changes } = held;
  return (
    <div className={styles.banner} role="status">
      <IconPlayerPause size={16} />
      <div>
        <b title={exact(at)}>
          {why === "restored" ? "Brought back and held" : "Held"} at <code>{shortSha(commit.sha)}</code> for{" "}
          {lasting(at, now)}, by you
        </b>
        <p>
          Your forwards keep running.{" "}
          {newer?.sha || changes > 0 ? (
            <>
              {plural(changes, "change")}
              {newer?.sha && (
                <>
                  {" "}
                  of <code>{shortSha(newer.sha)}</code>
                </>
              )}{" "}
              {changes === 1 ? "waits" : "wait"}; nothing is applied until you resume.
            </>
          ) : (
            "Nothing newer waits; what comes is not applied until you resume."
          )}
        </p>
      </div>
      <Button onClick={() => own.review(source.name)}>See what waits</Button>
      <Button variant="primary" busy={busy} onClick={() => own.resume(source)}>
        Resume
      </Button>
    </div>
  );
}

function Waits({ source, review }: { source: SourceView; review: NonNullable<SourceView["review"]> }) {
  const now = useNow(30_000);
  const own = useSourceActs();
  const { commit, since, changes } = review;
  return (
    <div className={styles.banner} role="status">
      <Glyph name="waiting" size={14} />
      <div>
        <b title={exact(since)}>
          {waitingWords(changes)}, found {ago(since, now)}
        </b>
        <p>
          <code>{shortSha(commit.sha)}</code> “<bdi>{commit.message}</bdi>” · <bdi>{commit.author}</bdi>
        </p>
      </div>
      <Button variant="primary" onClick={() => own.review(source.name)}>
        Review
      </Button>
    </div>
  );
}

function Paused() {
  const paused = useView((view) => view.paused);
  const acts = useActs();
  if (!paused) return null;
  return (
    <div className={styles.banner} role="status">
      <IconPlayerPause size={16} />
      <div>
        <b>Syncing is paused.</b>
        <p>Your forwards keep running. Nothing new is applied by itself; Sync now still works.</p>
      </div>
      <Button onClick={() => acts.pause(false)}>Resume syncing</Button>
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
