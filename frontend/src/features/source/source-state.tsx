import type { ReactNode } from "react";
import type { SourceView } from "../../backend";
import { useView } from "../../state/app";
import { ago, countdown, exact, plural, seconds, sentence, shortSha, span } from "../../state/format";
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
        <Fact name="Now">
          <Word source={source} />
        </Fact>
        <Fact name="Last sync" title={exact(last)}>
          {ago(last, now)}
          {status.requests !== undefined && ` · ${plural(status.requests, "request")}`}
        </Fact>
        <Fact name="Commit" title={`${commit.message ?? ""}\n${commit.author ?? ""}\n${exact(commit.time)}`}>
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
              )}
              <bdi>{commit.message}</bdi>
            </>
          )}
        </Fact>
        <Fact name="Next">
          <Next source={source} now={now} />
        </Fact>
        {commit.sha && (
          <Fact name="By" title={commit.author}>
            <bdi>{commit.author}</bdi>
            <span> · {ago(commit.time, now)}</span>
          </Fact>
        )}
        {quota && quota.limit > 0 && (
          <Fact name="Requests left" title={quota.reset && `All are back at ${exact(quota.reset)}`}>
            <meter
              aria-label="Requests left this hour"
              min={0}
              max={quota.limit}
              low={quota.limit / 10}
              optimum={quota.limit}
              value={quota.left}
            />
            {quota.left.toLocaleString("en")} of {quota.limit.toLocaleString("en")} this hour
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, title, children }: { name: string; title?: string | undefined; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={title}>{children}</dd>
    </div>
  );
}

function Word({ source }: { source: SourceView }) {
  const { status } = source;
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
      if (source.held || source.review)
        return (
          <>
            <Glyph name="waiting" /> {source.held ? "Held until you resume it" : "Waits for your yes"}
          </>
        );
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
