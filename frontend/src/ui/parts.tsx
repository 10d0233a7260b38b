import type { CSSProperties, ReactNode } from "react";
import { IconArrowRight } from "./icons";
import styles from "./parts.module.css";

/** The hues of environments. */
export type Hue = "teal" | "violet" | "orange" | "ochre" | "slate";

/** An environment's mark: a square, so that nobody takes it for a state. */
export function Mark({ hue, size = 8 }: { hue: Hue; size?: number }) {
  const style: CSSProperties = { width: size, height: size, background: `var(--env-${hue})` };
  return <span className={styles.mark} style={style} aria-hidden="true" />;
}

/** A small word. Plain for a tag, outline for a fact, accent for mine or new, wait for what is held or ends. */
export function Chip({
  tone = "plain",
  icon,
  title,
  children,
}: {
  tone?: "plain" | "outline" | "accent" | "wait" | "bad" | "add" | "del";
  icon?: ReactNode;
  title?: string;
  children?: ReactNode;
}) {
  return (
    <span className={`${styles.chip} ${styles[tone]}`} title={title}>
      {icon}
      {children}
    </span>
  );
}

/** Keys as on a keyboard: <Keys of="Ctrl K" />. */
export function Keys({ of }: { of: string }) {
  return (
    <span className={styles.keys}>
      {of.split(" ").map((key) => (
        <kbd key={key} className={styles.key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}

/** A countdown as the scale bar in a chart's margin: 12 cells, filled as the time goes. */
export function ScaleBar({ gone, label }: { gone: number; label: string }) {
  const filled = Math.round(Math.min(1, Math.max(0, gone)) * 12);
  return (
    <svg className={styles.scale} viewBox="0 0 98 8" role="img" aria-label={label}>
      {Array.from({ length: 12 }, (_, i) => (
        <rect
          key={i}
          className={i < filled ? styles.gone : styles.rest}
          x={1 + 8 * i}
          y={i % 2 ? 4 : 1}
          width="8"
          height="3"
        />
      ))}
      <rect className={styles.frame} x=".5" y=".5" width="97" height="7" />
    </svg>
  );
}

/** A line of a series; dotted at zero. One path, so that many of them are cheap. */
export function Sparkline({ series, points }: { series: readonly number[]; points: number }) {
  const top = Math.max(...series, 0);
  if (top <= 0 || series.length < 2) {
    return (
      <svg className={styles.spark} viewBox="0 0 72 20" aria-hidden="true">
        <path className={styles.zero} d="M0 17.5h72" />
      </svg>
    );
  }
  const step = 72 / (points - 1);
  const from = 72 - step * (series.length - 1);
  const line = series
    .map((v, i) => `${(from + i * step).toFixed(1)} ${(19 - 16.8 * (v / top) ** 0.7).toFixed(1)}`)
    .join("L");
  return (
    <svg className={styles.spark} viewBox="0 0 72 20" aria-hidden="true">
      <path className={styles.area} d={`M${from.toFixed(1)} 19L${line}L72 19z`} />
      <path className={styles.line} d={`M${line}`} />
    </svg>
  );
}

/** A value before and after; one side alone where there is no other. */
export function BeforeAfter({ before, after }: { before?: string; after?: string }) {
  return (
    <span className={styles.beforeAfter}>
      {before !== undefined && <del title={before}>{before || "–"}</del>}
      {before !== undefined && after !== undefined && <IconArrowRight size={12} aria-hidden="true" />}
      {after !== undefined && <ins title={after}>{after || "–"}</ins>}
    </span>
  );
}

/** What stands where there is nothing: a sentence, and what to do about it. */
export function Empty({
  title,
  children,
  actions,
}: {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <p>{title}</p>
      {children}
      {actions && <div className={styles.emptyActions}>{actions}</div>}
    </div>
  );
}

/** What stands for text that is being read, from 200 ms on. */
export function Skeleton({ width }: { width: number | string }) {
  return <span className={styles.skeleton} style={{ width }} aria-hidden="true" />;
}

/** Words for those who hear the page. */
export function Spoken({ children }: { children: ReactNode }) {
  return <span className={styles.spoken}>{children}</span>;
}
