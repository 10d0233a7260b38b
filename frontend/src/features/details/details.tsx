import { Menu } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { ForwardView } from "../../backend";
import { useScreen, useTraffic, useView } from "../../state/app";
import { bytes, hintOf, plural, sentence, span } from "../../state/format";
import { addressOf, look, nameOf, urlOf, wanted } from "../../state/forwards";
import { usePending } from "../../state/intent";
import { useNow } from "../../state/now";
import { Button, IconButton } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import {
  IconDots,
  IconExternalLink,
  IconPencil,
  IconPlayerPlay,
  IconPlayerStop,
  IconStar,
  IconStarFilled,
  IconX,
} from "../../ui/icons";
import { type Acts, remedyOf, useActs } from "../forwards/acts";
import { Course } from "./course";
import styles from "./details.module.css";
import { EditEnds, Overruled } from "./edit-notes";
import { Events } from "./events";
import { FieldList } from "./fields";
import { Kubectl } from "./kubectl";

/** One forward, beside the list: what it is, why, and what it does now. */
export function Details({ id }: { id: string }) {
  const forward = useView((view) => view.forwards.find((f) => f.id === id));
  const acts = useActs();
  const panel = useRef<HTMLElement>(null);
  const asked = useScreen((s) => s.details);
  // Below the width where it lies over the list, Esc closes it from inside.
  useEffect(() => {
    const element = panel.current;
    if (!element) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      acts.closeDetails();
      document.querySelector<HTMLElement>('[role="grid"]')?.focus();
    };
    element.addEventListener("keydown", pressed);
    return () => element.removeEventListener("keydown", pressed);
  }, [acts]);
  if (!forward) return asked ? <Gone acts={acts} /> : null;
  return (
    <aside ref={panel} className={styles.panel} aria-label={`Details of ${nameOf(forward)}`} data-part>
      <PanelHead f={forward} acts={acts} />
      <div className={styles.body}>
        <Trouble f={forward} acts={acts} />
        <EditEnds f={forward} />
        <Overruled f={forward} />
        <Course f={forward} />
        <FieldList f={forward} />
        <Numbers f={forward} />
        <Events f={forward} />
      </div>
      <Kubectl f={forward} />
    </aside>
  );
}

function Gone({ acts }: { acts: Acts }) {
  return (
    <aside className={styles.panel} aria-label="Details" data-part>
      <header className={styles.head}>
        <div className={styles.title}>
          <h2>No longer here</h2>
          <IconButton label="Close" shortcut="Esc" onClick={acts.closeDetails}>
            <IconX />
          </IconButton>
        </div>
        <p className={styles.under}>The forward was removed, or its source no longer has it.</p>
      </header>
    </aside>
  );
}

function PanelHead({ f, acts }: { f: ForwardView; acts: Acts }) {
  const now = useNow();
  const on = wanted(f);
  const busy = usePending(`${on ? "stop" : "start"}:${f.id}`);
  const live = useTraffic(f.id, on)?.live ?? 0;
  const { since } = f.status;
  const words = [
    look(f).word,
    ...(live ? [plural(live, "connection")] : []),
    ...(since ? [`${look(f).counts === "up" ? "up" : "for"} ${span((now - Date.parse(since)) / 1000)}`] : []),
  ];
  const marked = f.local.favourite === true;
  return (
    <header className={styles.head}>
      <div className={styles.title}>
        <Glyph name={look(f).glyph} label={look(f).word} />
        <h2 title={nameOf(f)}>{nameOf(f)}</h2>
        <IconButton
          label={marked ? "Not a favourite" : "Favourite"}
          shortcut="F"
          aria-pressed={marked}
          onClick={() => acts.favourite([f], !marked)}
        >
          {marked ? <IconStarFilled /> : <IconStar />}
        </IconButton>
        <More f={f} acts={acts} />
        <IconButton label="Close" shortcut="Esc" onClick={acts.closeDetails}>
          <IconX />
        </IconButton>
      </div>
      <p className={styles.under}>{words.join(" · ")}</p>
      {f.entry.description && (
        <p className={`${styles.under} ${styles.description}`} title={f.entry.description}>
          {f.entry.description}
        </p>
      )}
      <div className={styles.buttons}>
        <Button
          icon={on ? <IconPlayerStop /> : <IconPlayerPlay />}
          busy={busy}
          onClick={() => acts.toggle(f)}
        >
          {on ? "Stop" : "Start"}
        </Button>
        <Button
          icon={<IconExternalLink />}
          disabled={urlOf(f) ? undefined : "It does not listen"}
          onClick={() => acts.open(f)}
        >
          Open in browser
        </Button>
        <Button icon={<IconPencil />} onClick={() => acts.edit(f)}>
          Edit
        </Button>
      </div>
    </header>
  );
}

function More({ f, acts }: { f: ForwardView; acts: Acts }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconButton label="More">
          <IconDots />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void acts.copyAddresses([f])}>Copy address</Menu.Item>
        <Menu.Item onClick={() => acts.copyAsMine(f)}>Copy to My forwards…</Menu.Item>
        {f.source === "mine" && <Menu.Item onClick={() => acts.remove(f)}>Remove</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

function Trouble({ f, acts }: { f: ForwardView; acts: Acts }) {
  const { fault, notice } = f.status;
  const remedy = remedyOf(f, acts);
  if (!fault) return notice ? <div className={styles.note}>{sentence(notice)}</div> : null;
  const waits = look(f).counts === "waiting";
  return (
    <div className={`${styles.note} ${waits ? styles.wait : styles.bad}`}>
      <b>{sentence(fault.message)}</b> {hintOf(fault)}
      <div className={styles.noteActs}>
        {remedy && remedy.label !== "See pod" && remedy.label !== "Details" && (
          <Button size="xs" onClick={remedy.act}>
            {remedy.label}
          </Button>
        )}
        <Button size="xs" onClick={() => acts.start([f])}>
          Try now
        </Button>
        <Button size="xs" variant="ghost" onClick={() => void acts.copy(fault.message, "the server’s words")}>
          Copy words
        </Button>
      </div>
    </div>
  );
}

function Numbers({ f }: { f: ForwardView }) {
  const { counters, rate = 0 } = useTraffic(f.id, wanted(f)) ?? {};
  const { received = 0, sent = 0, live = 0, total = 0, first_byte_ms: first = 0 } = counters ?? {};
  return (
    <section className={styles.section} aria-label={`Traffic through ${addressOf(f).port}`}>
      <dl className={styles.numbers}>
        <div>
          <dt>Received</dt>
          <dd>{bytes(received)}</dd>
        </div>
        <div>
          <dt>Sent</dt>
          <dd>{bytes(sent)}</dd>
        </div>
        <div>
          <dt>Rate</dt>
          <dd>{bytes(rate)}/s</dd>
        </div>
        <div>
          <dt>Connections</dt>
          <dd>
            {live} <span className={styles.dim}>of {total}</span>
          </dd>
        </div>
        <div>
          <dt>First byte</dt>
          <dd>{first ? `${first} ms` : "–"}</dd>
        </div>
      </dl>
    </section>
  );
}
