import { useApp, useScreen } from "../../state/app";
import { amount, countdown, hintOf, sentence } from "../../state/format";
import { count, type Line } from "../../state/forwards";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconChevronDown, IconChevronRight } from "../../ui/icons";
import { Spoken } from "../../ui/parts";
import { useActs } from "./acts";
import styles from "./list.module.css";

type Group = Extract<Line, { kind: "group" }>;

/** The head of a group; it says once for all why its cluster cannot be reached. */
export function GroupHead({ line, top, index }: { line: Group; top: number; index: number }) {
  const { screen } = useApp();
  const cursor = useScreen((s) => s.cursor === line.key);
  const counts = count(line.forwards);
  const fold = () =>
    screen.set((s) => {
      const folded = new Set(s.folded);
      if (!folded.delete(line.key)) folded.add(line.key);
      return { ...s, folded, cursor: line.key };
    });
  return (
    <div
      id={`line-${line.key}`}
      role="row"
      aria-rowindex={index + 1}
      className={`${styles.group} ${cursor ? styles.cursor : ""}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" className={styles.groupCell}>
        <button
          type="button"
          tabIndex={-1}
          className={styles.foldButton}
          onClick={fold}
          aria-expanded={!line.folded}
          title={line.folded ? "Unfold (→)" : "Fold (←)"}
        >
          {line.folded ? <IconChevronRight /> : <IconChevronDown />}
          <b title={line.name}>{line.name}</b>
          <span className={styles.number}>
            {amount(counts.up)} of {amount(counts.all)} up
            {line.folded && <Spoken>, folded</Spoken>}
          </span>
        </button>
        <Unreachable line={line} />
      </div>
    </div>
  );
}

function Unreachable({ line }: { line: Group }) {
  const gone = line.forwards.filter((f) => f.status.phase === "unreachable");
  const fault = gone[0]?.status.fault;
  const acts = useActs();
  const now = useNow();
  if (!fault) return null;
  const next = fault.retry ? ` Next try in ${countdown(fault.retry, now)}` : "";
  return (
    <span className={styles.note} title={`${sentence(fault.message)} ${hintOf(fault)}`}>
      <Glyph name="unreachable" />
      <span className={styles.ellipsis}>
        {sentence(fault.message)}
        {next}
      </span>
      <Button size="xs" tabIndex={-1} onClick={() => acts.start(gone)}>
        Try now
      </Button>
    </span>
  );
}
