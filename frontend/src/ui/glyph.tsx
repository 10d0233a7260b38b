import styles from "./glyph.module.css";

/** The shapes of the states; a state is never told by colour alone. */
export type GlyphName =
  | "off"
  | "listening"
  | "connecting"
  | "ready"
  | "waiting"
  | "unreachable"
  | "sign-in"
  | "denied"
  | "busy"
  | "stalled";

const shapes: Record<GlyphName, React.ReactNode> = {
  off: <circle cx="6" cy="6" r="4" />,
  listening: (
    <>
      <circle cx="6" cy="6" r="4" />
      <circle cx="6" cy="6" r="1.75" fill="currentColor" stroke="none" />
    </>
  ),
  connecting: <circle cx="6" cy="6" r="4" strokeDasharray="4.4 3.98" />,
  ready: <circle cx="6" cy="6" r="4.75" fill="currentColor" stroke="none" />,
  waiting: (
    <>
      <circle cx="6" cy="6" r="4" />
      <path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" stroke="none" />
    </>
  ),
  unreachable: (
    <>
      <circle cx="6" cy="6" r="4.25" />
      <path d="M3.2 8.8l5.6-5.6" />
    </>
  ),
  "sign-in": (
    <>
      <circle cx="4" cy="8" r="2.4" />
      <path d="M5.8 6.2L10.2 1.8M8.3 3.7l1.6 1.6" />
    </>
  ),
  denied: (
    <>
      <circle cx="6" cy="6" r="5" fill="currentColor" stroke="none" />
      <path className={styles.cut} d="M3.6 6h4.8" strokeWidth="1.75" />
    </>
  ),
  busy: (
    <>
      <rect x="1.25" y="1.25" width="9.5" height="9.5" rx="2" fill="currentColor" stroke="none" />
      <path className={styles.cut} d="M4.1 4.1l3.8 3.8M7.9 4.1L4.1 7.9" strokeWidth="1.5" />
    </>
  ),
  stalled: (
    <>
      <path d="M6 1.6l5 8.8H1z" fill="currentColor" strokeWidth="1.2" />
      <path className={styles.cut} d="M6 4.8v2.2M6 8.9v.01" strokeWidth="1.4" />
    </>
  ),
};

/** A state as a shape. Without a label it is decoration: the words stand beside it. */
export function Glyph({ name, label, size = 12 }: { name: GlyphName; label?: string; size?: number }) {
  return (
    <svg
      className={`${styles.glyph} ${styles[name]}`}
      viewBox="0 0 12 12"
      width={size}
      height={size}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {label && <title>{label}</title>}
      {shapes[name]}
    </svg>
  );
}
