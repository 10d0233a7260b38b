import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { ForwardView } from "../../backend";
import { useScreen, useView } from "../../state/app";
import { clock, countdown, exact, hintOf } from "../../state/format";
import { addressOf, look, nameOf, targetOf } from "../../state/forwards";
import { useNow } from "../../state/now";
import { Button, IconButton } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconCopy, IconRefresh, IconX } from "../../ui/icons";
import { remedyOf, useActs } from "./acts";
import styles from "./error-card.module.css";

/** Between a card and its line, and the edge of the list. */
const gap = 4;

/** What is wrong with one forward: what happened, what it affects, facts, the way out, and the server's own words. */
export function ErrorCard() {
  const id = useScreen((s) => s.card);
  const forward = useView((view) => (id ? view.forwards.find((f) => f.id === id) : undefined));
  return forward?.status.fault ? <Card f={forward} key={forward.id} /> : null;
}

function Card({ f }: { f: ForwardView }) {
  const acts = useActs();
  const card = useRef<HTMLElement>(null);
  useBeside(card, `line-${f.id}`);
  useEffect(() => {
    const before = document.activeElement;
    card.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const { fault, phase, since } = f.status;
  if (!fault) return null;
  const remedy = remedyOf(f, acts);
  const usable = remedy && !["Details", "See pod"].includes(remedy.label);
  const denied = phase === "denied";
  const copy = (
    <Button
      variant={denied ? "primary" : "default"}
      icon={<IconCopy />}
      onClick={() =>
        void acts.copy(
          `${fault.message}\n${fault.hint ?? ""}`.trim(),
          denied ? "the request" : "the server’s words",
        )
      }
    >
      {denied ? "Copy request for an admin" : "Copy"}
    </Button>
  );
  return (
    <section
      ref={card}
      className={styles.card}
      role="dialog"
      aria-label={`${nameOf(f)}: ${look(f).word}`}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        event.preventDefault();
        acts.closeCard();
      }}
    >
      <header>
        <Glyph name={look(f).glyph} size={14} />
        <h2>
          {nameOf(f)}: {look(f).word.toLowerCase()}
        </h2>
        {since && (
          <span className={styles.when} title={exact(since)}>
            {phase} · {clock(since)}
          </span>
        )}
        <IconButton label="Close" shortcut="Esc" onClick={acts.closeCard}>
          <IconX />
        </IconButton>
      </header>
      {hintOf(fault) && <p>{hintOf(fault)}</p>}
      <Facts f={f} />
      <pre>{fault.message}</pre>
      <footer>
        {usable && (
          <Button
            variant="primary"
            onClick={() => {
              acts.closeCard();
              remedy.act();
            }}
          >
            {remedy.label}
          </Button>
        )}
        {denied && copy}
        <Button
          variant={usable || denied ? "default" : "primary"}
          icon={<IconRefresh />}
          onClick={() => {
            acts.closeCard();
            acts.start([f]);
          }}
        >
          Try again
        </Button>
        {!denied && copy}
      </footer>
    </section>
  );
}

/** Puts a card under the line that it is about, or over it; where there is no room for either it stays at the foot. */
function useBeside(card: RefObject<HTMLElement | null>, line: string) {
  useLayoutEffect(() => {
    const element = card.current;
    const at = document.getElementById(line)?.getBoundingClientRect();
    const room = element?.offsetParent?.getBoundingClientRect();
    if (!element || !at || !room) return;
    const high = element.offsetHeight + 2 * gap;
    const under = at.bottom - room.top + gap;
    const over = at.top - room.top - high + gap;
    if (at.bottom + high <= room.bottom) element.style.top = `${under}px`;
    else if (over >= gap) element.style.top = `${over}px`;
    else return;
    element.style.bottom = "auto";
  }, [card, line]);
}

function Facts({ f }: { f: ForwardView }) {
  const now = useNow();
  const { kind, name, port } = targetOf(f);
  const { host, port: local } = addressOf(f);
  const retry = f.status.fault?.retry;
  return (
    <dl>
      <dt>Local</dt>
      <dd className={styles.mono}>
        {host}:{local}
      </dd>
      <dt>Target</dt>
      <dd className={styles.mono}>
        {kind}/{name}:{port}
      </dd>
      <dt>Cluster</dt>
      <dd>
        {f.entry.context || "the current context"}, namespace {f.entry.namespace || "default"}
      </dd>
      {retry && (
        <>
          <dt>Next try</dt>
          <dd>in {countdown(retry, now)}</dd>
        </>
      )}
    </dl>
  );
}
