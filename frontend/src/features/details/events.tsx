import { useEffect, useState } from "react";
import type { Event, ForwardView } from "../../backend";
import { useApp } from "../../state/app";
import { capital, clock, exact } from "../../state/format";
import { look } from "../../state/forwards";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconPencil } from "../../ui/icons";
import styles from "./details.module.css";

/** How many events are shown before somebody asks for all. */
const few = 5;

/** What happened to it since the agent started, newest first. Each change of the forward asks again. */
export function Events({ f }: { f: ForwardView }) {
  const { backend } = useApp();
  const [events, setEvents] = useState<Event[]>([]);
  const [all, setAll] = useState(false);
  useEffect(() => {
    let over = false;
    backend.events(f.id).then(
      (list) => !over && setEvents(list),
      () => {}, // The panel says itself when the forward is gone.
    );
    return () => {
      over = true;
    };
  }, [backend, f]);
  if (!events.length) return null;
  return (
    <section className={styles.section}>
      <h3>
        Events
        {events.length > few && !all && (
          <span className={styles.aside}>
            <Button variant="link" onClick={() => setAll(true)}>
              All {events.length}
            </Button>
          </span>
        )}
      </h3>
      <ol className={styles.events}>
        {events.slice(0, all ? events.length : few).map((e, i) => (
          <li key={`${e.at}-${events.length - i}`}>
            {e.phase ? <Glyph name={look({ ...f, status: { phase: e.phase } }).glyph} /> : <IconPencil />}
            <span title={e.text}>{capital(e.text)}</span>
            <time dateTime={e.at} title={exact(e.at)}>
              {clock(e.at)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  );
}
