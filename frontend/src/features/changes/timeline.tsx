import { type KeyboardEvent, useEffect, useRef } from "react";
import type { Revision, SourceView, Superseded } from "../../backend";
import { exact, shortSha } from "../../state/format";
import { useNow } from "../../state/now";
import { formatRoute } from "../../state/route";
import { ChangeCount } from "../../ui/change-sign";
import { Chip } from "../../ui/parts";
import styles from "./changes.module.css";
import { byDay, counts, current, overruledBy } from "./revisions";

/** The revisions by day. One of them takes part in the Tab order; the arrow keys lead to the others. */
export function Timeline({
  revisions,
  source,
  shown,
  superseded,
}: {
  revisions: Revision[];
  source: SourceView;
  shown: Revision | undefined;
  superseded: Superseded[];
}) {
  const days = byDay(revisions, useNow(60_000));
  const inForce = current(revisions, source);
  const list = useRef<HTMLElement>(null);
  const number = shown?.number;
  useEffect(() => {
    if (number) list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }, [number]);
  return (
    <nav className={styles.timeline} aria-label="Revisions" data-part ref={list}>
      {days.map((day) => (
        <section key={day.title} aria-label={day.title}>
          <h2 className={styles.day}>{day.title}</h2>
          <ol>
            {day.revisions.map((r) => (
              <Item
                key={r.number}
                revision={r}
                shown={r === shown}
                reachable={r === (shown ?? revisions[0])}
                inForce={r === inForce}
                overruled={overruledBy(r, superseded).length}
              />
            ))}
          </ol>
        </section>
      ))}
    </nav>
  );
}

function Item({
  revision: r,
  shown,
  reachable,
  inForce,
  overruled,
}: {
  revision: Revision;
  shown: boolean;
  reachable: boolean;
  inForce: boolean;
  overruled: number;
}) {
  const { message = "", author = "", sha } = r.commit;
  const dot = r.invalid ? styles.broken : "";
  const about = [author, ...(r.invalid ? ["not all applied"] : []), ...(r.known ? [] : ["files lost"])];
  return (
    <li className={`${styles.revision} ${shown ? styles.shown : ""}`}>
      <a
        href={formatRoute({ page: "changes", source: r.source, revision: r.number })}
        aria-current={shown ? "true" : undefined}
        tabIndex={reachable ? 0 : -1}
        title={`${message}\n${author}`}
        onKeyDown={move}
      >
        <span className={`${styles.dot} ${dot}`} />
        <span className={styles.line}>
          <bdi>{message || "No message"}</bdi>
          {inForce && <Chip tone="outline">current</Chip>}
          <time dateTime={r.at} title={exact(r.at)}>
            {timeOfDay(r.at)}
          </time>
        </span>
        <span className={styles.under}>
          <span className={styles.about}>
            <code>{shortSha(sha)}</code>
            <span>
              · <bdi>{about.filter(Boolean).join(" · ")}</bdi>
            </span>
          </span>
          {counts(r, overruled).map(([change, n]) => (
            <ChangeCount key={change} change={change} n={n} />
          ))}
        </span>
      </a>
    </li>
  );
}

function timeOfDay(at: string): string {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** Leads from one revision to another by the keys of a list, and shows it. */
function move(event: KeyboardEvent<HTMLAnchorElement>) {
  const items = [...(event.currentTarget.closest("nav")?.querySelectorAll("a") ?? [])];
  const at = items.indexOf(event.currentTarget);
  const page = 8;
  const steps: Record<string, number> = {
    ArrowUp: at - 1,
    ArrowDown: at + 1,
    PageUp: at - page,
    PageDown: at + page,
    Home: 0,
    End: items.length - 1,
  };
  const to = steps[event.key];
  if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const item = items[Math.max(0, Math.min(to, items.length - 1))];
  item?.focus();
  // In place of the one before: Back leaves the page, however many were looked at.
  if (item) location.replace(item.href);
}
