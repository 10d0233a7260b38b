import { memo } from "react";
import type { ForwardView } from "../../backend";
import { useScreen, useTraffic } from "../../state/app";
import { points } from "../../state/counters";
import { bytes, capital, span } from "../../state/format";
import { look, nameOf, stateWords, targetOf, wanted } from "../../state/forwards";
import { usePending } from "../../state/intent";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import {
  IconDots,
  IconPencil,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
  IconStarFilled,
} from "../../ui/icons";
import { Chip, Sparkline } from "../../ui/parts";
import { type Acts, remedyOf, useActs } from "./acts";
import { CheckBox } from "./check-box";
import { CopyAddress } from "./copy-address";
import styles from "./list.module.css";

/** One forward. It draws again when it changes, and its traffic by itself. */
export const Row = memo(function Row({
  forward: f,
  top,
  index,
}: {
  forward: ForwardView;
  top: number;
  index: number;
}) {
  const selected = useScreen((s) => s.selected.has(f.id));
  const cursor = useScreen((s) => s.cursor === f.id);
  const arrived = useScreen((s) => s.arrived.has(f.id));
  const acts = useActs();
  const name = nameOf(f);
  const { glyph, counts } = look(f);
  const classes = [
    styles.row,
    styles.placed,
    selected && styles.selected,
    cursor && styles.cursor,
    arrived && styles.arrived,
    counts === "off" && styles.off,
  ];
  return (
    <div
      id={`line-${f.id}`}
      data-forward={f.id}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      className={classes.filter(Boolean).join(" ")}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" data-check className={styles.checkCell}>
        <CheckBox on={selected ? "all" : "none"} />
      </span>
      <span role="gridcell">
        <button
          type="button"
          tabIndex={-1}
          className={styles.state}
          aria-label={stateWords(f)}
          title={stateWords(f)}
          onClick={() => (f.status.fault ? acts.card(f.id) : acts.details(f.id))}
        >
          <Glyph name={glyph} />
        </button>
      </span>
      <div role="gridcell" className={styles.name}>
        <button
          type="button"
          tabIndex={-1}
          className={styles.nameText}
          title={f.entry.description ? `${name}\n${f.entry.description}` : name}
          onClick={() => acts.details(f.id)}
        >
          {name}
        </button>
        <Marks f={f} />
      </div>
      <Target f={f} />
      <div role="gridcell" className={styles.address}>
        <CopyAddress f={f} />
      </div>
      <Tail f={f} acts={acts} />
      <div role="gridcell" className={styles.acts}>
        <StartStop f={f} acts={acts} />
        <button
          type="button"
          tabIndex={-1}
          className={styles.act}
          aria-label={`More for ${name}`}
          title="More"
          onClick={(event) => acts.menu(f.id, event.currentTarget)}
        >
          <IconDots />
        </button>
      </div>
    </div>
  );
});

function Marks({ f }: { f: ForwardView }) {
  return (
    <>
      {f.local.favourite && <IconStarFilled className={styles.star} aria-label="Favourite" />}
      {f.edited && (
        <Chip tone="accent" icon={<IconPencil />} title="Edited here; ends with the next sync">
          <span className={styles.chipText}>edited</span>
        </Chip>
      )}
      {f.local.new && (
        <Chip tone="accent" title="Came with a sync">
          new
        </Chip>
      )}
    </>
  );
}

function Target({ f }: { f: ForwardView }) {
  const { kind, name, port } = targetOf(f);
  return (
    <div
      role="gridcell"
      className={styles.target}
      title={`${kind}/${name}:${port} · ${f.entry.namespace ?? "default"}`}
    >
      <span className={styles.kind}>{kind}/</span>
      <span className={styles.ellipsis}>{name}</span>
      <span className={styles.kind}>:{port}</span>
    </div>
  );
}

function StartStop({ f, acts }: { f: ForwardView; acts: Acts }) {
  const on = wanted(f);
  const busy = usePending(`${on ? "stop" : "start"}:${f.id}`);
  const unsupported = f.status.phase === "unsupported";
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles.act}
      aria-label={`${on ? "Stop" : "Start"} ${nameOf(f)}`}
      aria-busy={busy || undefined}
      aria-disabled={unsupported || undefined}
      title={unsupported ? stateWords(f) : on ? "Stop (Space)" : "Start (Space)"}
      onClick={() => !busy && !unsupported && acts.toggle(f)}
    >
      {on ? <IconPlayerStopFilled /> : <IconPlayerPlayFilled />}
    </button>
  );
}

/** The fault of a forward in the few words that a row has room for. */
function faultWords(f: ForwardView, now = Date.now()): string {
  const { phase, fault, since } = f.status;
  if (phase === "unreachable") return "Waiting for the cluster";
  const said = (fault?.message ?? look(f).word).replace(/\.$/, "").replace(/^local port/, "port");
  const words = capital(said);
  return phase === "waiting" && since ? `${words} (${span((now - Date.parse(since)) / 1000)})` : words;
}

/** Tags and traffic, or in their place what is wrong and the way out. */
function Tail({ f, acts }: { f: ForwardView; acts: Acts }) {
  const { counts } = look(f);
  if (counts === "needs" || counts === "waiting") {
    const remedy = remedyOf(f, acts);
    const words = faultWords(f);
    return (
      <div role="gridcell" className={`${styles.fault} ${counts === "waiting" ? styles.waits : ""}`}>
        <button
          type="button"
          tabIndex={-1}
          className={styles.faultText}
          title={stateWords(f)}
          onClick={() => acts.card(f.id)}
        >
          {words}
        </button>
        {remedy && (
          <Button size="xs" tabIndex={-1} onClick={remedy.act}>
            {remedy.label}
          </Button>
        )}
      </div>
    );
  }
  return (
    <div role="gridcell" className={styles.tail}>
      <span className={styles.tags}>
        {f.entry.tags?.map((tag) => (
          <Chip key={tag}>{tag}</Chip>
        ))}
      </span>
      <Traffic id={f.id} on={counts === "up"} />
    </div>
  );
}

function Traffic({ id, on }: { id: string; on: boolean }) {
  const traffic = useTraffic(id, on);
  if (!on) {
    return (
      <>
        <span />
        <span className={`${styles.rate} ${styles.quiet}`}>–</span>
        <span className={`${styles.live} ${styles.quiet}`}>–</span>
      </>
    );
  }
  const { rate = 0, live = 0, series = [] } = traffic ?? {};
  return (
    <>
      <Sparkline series={series} points={points} />
      <span className={`${styles.rate} ${rate ? "" : styles.quiet}`}>{bytes(rate)}/s</span>
      <span
        className={`${styles.live} ${live ? "" : styles.quiet}`}
        title={`${live} open, ${traffic?.counters.total ?? 0} so far`}
      >
        {live || "idle"}
      </span>
    </>
  );
}
