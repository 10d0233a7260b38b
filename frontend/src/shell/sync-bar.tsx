import type { SourceView } from "../backend";
import { useActs } from "../features/forwards/acts";
import { useRoute, useStale, useView } from "../state/app";
import { ago, countdown, exact, hintOf, seconds, sentence, shortSha } from "../state/format";
import { usePending } from "../state/intent";
import { useNow } from "../state/now";
import { formatRoute, type Route } from "../state/route";
import { Button } from "../ui/button";
import { Glyph } from "../ui/glyph";
import { IconCheck, IconGitCommit, IconPlayerPause, IconRefresh } from "../ui/icons";
import { ScaleBar } from "../ui/parts";
import styles from "./sync-bar.module.css";

/** The source of the page; of a page that shows several, the worst. */
function shown(sources: SourceView[], route: Route): SourceView | undefined {
  const worst = ["stalled", "waiting", "syncing", "idle"];
  const named = "source" in route && sources.find((s) => s.name === route.source);
  return (
    named || [...sources].sort((a, b) => worst.indexOf(a.status.phase) - worst.indexOf(b.status.phase))[0]
  );
}

/** How things stand with the repository of the page, and Sync now. */
export function SyncBar() {
  const sources = useView((view) => view.sources);
  const paused = useView((view) => view.paused);
  const route = useRoute();
  const source = shown(sources, route);
  const acts = useActs();
  const asked = usePending("sync");
  const stale = useStale();
  // The settings are of this computer, and of no source.
  if (!source || route.page === "settings") return null;
  const { phase, fault } = source.status;
  const bad = phase === "stalled";
  const running = asked || (phase === "syncing" && !stale);
  return (
    <section className={`${styles.bar} ${bad ? styles.bad : ""}`} aria-label="Sync" data-part>
      {stale ? (
        <AsOf source={source} time={stale} />
      ) : fault && (bad || phase === "waiting") ? (
        <Trouble source={source} />
      ) : (
        <Calm source={source} running={running} paused={paused} />
      )}
      {bad && fault?.kind === "sign-in" && (
        <a className={styles.way} href={formatRoute({ page: "settings", section: "accounts" })}>
          Sign in
        </a>
      )}
      <Button
        icon={<IconRefresh />}
        busy={running}
        disabled={stale && "The agent does not answer"}
        onClick={() => void acts.sync([])}
      >
        Sync now
      </Button>
    </section>
  );
}

/** How things stood when the agent was last heard: nobody knows since. */
function AsOf({ source: { repo, commit }, time }: { source: SourceView; time: string }) {
  return (
    <p className={styles.trouble} role="status">
      <Glyph name="waiting" />
      <b>As of {time}:</b> {repo.owner}/{repo.name} at <code>{shortSha(commit.sha)}</code>
    </p>
  );
}

function Trouble({ source }: { source: SourceView }) {
  const now = useNow();
  const { phase, fault } = source.status;
  if (!fault) return null;
  return (
    <p className={styles.trouble} role="status" title={`${sentence(fault.message)} ${hintOf(fault)}`}>
      <Glyph name={phase === "waiting" ? "waiting" : fault.kind === "sign-in" ? "sign-in" : "stalled"} />
      <b>{sentence(fault.message)}</b>{" "}
      {fault.retry ? `Next try in ${countdown(fault.retry, now)}.` : hintOf(fault)} Running forwards are not
      affected; changes after <code>{shortSha(source.commit.sha)}</code> wait.
    </p>
  );
}

function Calm({ source, running, paused }: { source: SourceView; running: boolean; paused: boolean }) {
  const now = useNow();
  const { commit, status } = source;
  const state = running ? sentence(status.step || "syncing").slice(0, -1) : paused ? "Paused" : "Up to date";
  const last = status.last_sync ?? commit.time;
  return (
    <>
      <span className={styles.state}>
        {running ? (
          <Glyph name="connecting" />
        ) : paused ? (
          <IconPlayerPause />
        ) : (
          <IconCheck className={styles.ok} />
        )}
        <b role="status">{state}</b>
      </span>
      <span
        className={`${styles.wide} ${styles.repository}`}
        title={`${source.repo.owner}/${source.repo.name}`}
      >
        {source.repo.owner}/{source.repo.name}
      </span>
      {commit.sha && (
        <>
          <span className={styles.separator} />
          <IconGitCommit className={styles.commit} />
          {commit.url ? (
            <a className={styles.sha} href={commit.url} target="_blank" rel="noreferrer">
              {shortSha(commit.sha)}
            </a>
          ) : (
            <span className={styles.sha}>{shortSha(commit.sha)}</span>
          )}
          <span className={styles.message} title={`${commit.message ?? ""}\n${commit.author ?? ""}`}>
            “{commit.message}” · {commit.author} ·
          </span>
          <span title={`Committed ${exact(commit.time)}; last checked ${exact(last)}`}>
            {ago(commit.time, now)}
          </span>
        </>
      )}
      {!paused && status.next && <Next source={source} now={now} />}
    </>
  );
}

function Next({ source, now }: { source: SourceView; now: number }) {
  const { next, last_sync, quota } = source.status;
  const left = Math.max(0, (Date.parse(next ?? "") - now) / 1000);
  const whole =
    seconds(source.interval) || (last_sync ? (Date.parse(next ?? "") - Date.parse(last_sync)) / 1000 : 60);
  const every = `Checks every ${Math.round(whole)} s`;
  const title = quota?.limit ? `${every} · ${quota.left} of ${quota.limit} requests left this hour` : every;
  return (
    <span className={styles.next} title={title}>
      <ScaleBar gone={1 - left / whole} label={`Next check in ${Math.round(left)} seconds`} />
      <span>next check {countdown(next, now)}</span>
    </span>
  );
}
