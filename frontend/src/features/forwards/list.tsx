import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, useEffect, useRef } from "react";
import { useApp, useScreen, useStale } from "../../state/app";
import { ErrorCard } from "./error-card";
import { GroupHead } from "./group-head";
import { Head } from "./head";
import styles from "./list.module.css";
import { useEntry, useListKeys } from "./list-keys";
import { Row } from "./row";
import { RowMenu } from "./row-menu";
import type { Listing } from "./use-lines";

/** One height for every line, so that nothing jumps. */
const rowHeight = 32;

/**
 * The forwards as a grid with one tab stop: the grid keeps the focus, and names the line that has the cursor. So
 * a line may leave the page while it is out of sight, as those of a long list do.
 */
export function List({ listing }: { listing: Listing }) {
  const { lines, shown } = listing;
  const { screen } = useApp();
  const scroller = useRef<HTMLDivElement>(null);
  const pressing = useRef(false);
  const cursor = useScreen((s) => s.cursor);
  const selecting = useScreen((s) => s.selected.size > 0);
  const stale = useStale();
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 3,
    useFlushSync: false, // a scroll must not wait for React
    paddingEnd: selecting ? 68 : 12,
    getItemKey: (i) => lines[i]?.key ?? i,
  });
  const at = lines.findIndex((line) => line.key === cursor);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, virtual]);
  const keys = useListKeys(listing, () =>
    Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2),
  );

  useEntry(scroller, keys);

  const clicked = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const id = target.closest<HTMLElement>("[data-forward]")?.dataset.forward;
    if (!id || target.closest("button")) return;
    const from = screen.get().cursor;
    screen.set((s) => {
      const selected = new Set(s.selected);
      if (event.shiftKey && from) {
        const ids = shown.map((f) => f.id);
        const [a, b] = [ids.indexOf(from), ids.indexOf(id)].sort((a, b) => a - b);
        for (const one of ids.slice(a, (b ?? 0) + 1)) selected.add(one);
      } else if (event.ctrlKey || event.metaKey || target.closest("[data-check]")) {
        if (!selected.delete(id)) selected.add(id);
      }
      return { ...s, selected, cursor: id, ...(s.details ? { details: id } : {}) };
    });
  };
  const opened = (event: MouseEvent) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>("[data-forward]")?.dataset.forward;
    if (id && !(event.target as HTMLElement).closest("button")) screen.set((s) => ({ ...s, details: id }));
  };

  return (
    <div className={`${styles.list} ${selecting ? styles.selecting : ""}`}>
      <Head shown={shown} />
      <div
        ref={scroller}
        className={styles.scroller}
        role="grid"
        aria-label={stale ? `Forwards, as of ${stale}` : "Forwards"}
        aria-rowcount={lines.length}
        aria-multiselectable="true"
        aria-activedescendant={at >= 0 ? `line-${cursor}` : undefined}
        tabIndex={0}
        data-part
        onKeyDown={(event) => event.target === event.currentTarget && keys(event)}
        onClick={clicked}
        onDoubleClick={opened}
        onMouseUp={() => {
          pressing.current = false;
        }}
        onMouseDown={(event) => {
          pressing.current = true;
          // The focus stays with the grid, whose keys would else be dead after a press of a row's button.
          if ((event.target as HTMLElement).closest("button")) {
            event.preventDefault();
            event.currentTarget.focus({ preventScroll: true });
          }
        }}
        onFocus={() => {
          // By the keyboard only: under the pointer, the list must not move between press and release.
          const { cursor } = screen.get();
          const [first] = lines;
          if (first && !pressing.current && !lines.some((line) => line.key === cursor))
            screen.set((s) => ({ ...s, cursor: first.key }));
        }}
      >
        <div className={styles.all} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const line = lines[index];
            if (line?.kind === "group") return <GroupHead key={key} line={line} top={start} index={index} />;
            return line && <Row key={key} forward={line.forward} top={start} index={index} />;
          })}
        </div>
      </div>
      <RowMenu />
      <ErrorCard />
    </div>
  );
}
