import type { SourceView } from "../../backend";
import { useView } from "../../state/app";
import { ago, countdown, exact, seconds, sentence, shortSha, span } from "../../state/format";
import { useNow } from "../../state/now";
import { Glyph } from "../../ui/glyph";
import { IconCheck } from "../../ui/icons";
import { webAddress } from "./config";
import styles from "./source.module.css";

/** How things stand with a source: state, commit, schedule, and what the host allows. */
export function SourceState({ source }: { source: SourceView }) {
  const now = useNow();
  const { commit, status } = source;
  const { quota, last_sync: last } = status;
  const url = webAddress(commit.url);
  return (
    <section className={styles.section}>
      <h2>State</h2>
      <dl className={`${styles.card} ${styles.facts}`}>
        <dt>Now</dt>
        <dd>
          <Word source={source} />
        </dd>
        <dt>Commit</dt>
        <dd title={`${commit.message ?? ""}\n${commit.author ?? ""}\n${exact(commit.time)}`}>
          {!commit.sha ? (
            "none applied yet"
          ) : (
            <>
              {url ? (
                <a href={url} target="_blank" rel="noreferrer">
                  <code>{shortSha(commit.sha)}</code>
                </a>
              ) : (
                <code>{shortSha(commit.sha)}</code>
              )}{" "}
              <bdi>{commit.message}</bdi>
            </>
          )}
        </dd>
        {commit.sha && (
          <>
            <dt>By</dt>
            <dd>
              <bdi>{commit.author}</bdi> · {ago(commit.time, now)}
            </dd>
          </>
        )}
        <dt>Last sync</dt>
        <dd title={exact(last)}>
          {ago(last, now)}
          {status.requests !== undefined &&
            ` · ${status.requests === 1 ? "1 request" : `${status.requests} requests`}`}
        </dd>
        <dt>Next</dt>
        <dd>
          <Next source={source} now={now} />
        </dd>
        {quota && quota.limit > 0 && (
          <>
            <dt>Requests left</dt>
            <dd title={quota.reset && `All are back at ${exact(quota.reset)}`}>
              <meter
                aria-label="Requests left this hour"
                min={0}
                max={quota.limit}
                low={quota.limit / 10}
                optimum={quota.limit}
                value={quota.left}
              />
              {quota.left.toLocaleString("en")} of {quota.limit.toLocaleString("en")} this hour
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Word({ source: { status } }: { source: SourceView }) {
  switch (status.phase) {
    case "syncing":
      return (
        <>
          <Glyph name="connecting" /> {sentence(status.step || "syncing").slice(0, -1)}
        </>
      );
    case "waiting":
      return (
        <>
          <Glyph name="waiting" /> Waiting; it is tried again by itself
        </>
      );
    case "stalled":
      return (
        <>
          <Glyph name="stalled" /> Stalled; it needs you
        </>
      );
    default:
      return (
        <>
          <IconCheck className={styles.ok} size={14} /> Up to date
        </>
      );
  }
}

function Next({ source, now }: { source: SourceView; now: number }) {
  const paused = useView((view) => view.paused);
  const every = seconds(source.interval);
  const { next } = source.status;
  if (paused) return "paused";
  return (
    <>
      {next ? `in ${countdown(next, now)}` : "when you ask for it"}
      {every > 0 && ` · every ${span(every)}`}
    </>
  );
}
