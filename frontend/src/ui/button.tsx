import type { ComponentProps, ReactNode } from "react";
import styles from "./button.module.css";

type Variant = "default" | "primary" | "ghost" | "danger" | "link";
type Size = "xs" | "sm" | "md" | "lg";

interface ButtonProps extends Omit<ComponentProps<"button">, "disabled"> {
  variant?: Variant;
  /** 24 in a row, 28, 32 in forms, 40 in the first run. */
  size?: Size;
  icon?: ReactNode;
  /** Why it cannot be pressed now; shown as its tooltip. It keeps the focus, so that the reason can be heard. */
  disabled?: string | false | undefined;
  /** Under way: it cannot be pressed twice, and says so. */
  busy?: boolean;
}

/** A button. At most one of a view is primary. */
export function Button({
  variant = "default",
  size = "sm",
  icon,
  disabled,
  busy,
  children,
  className = "",
  title,
  onClick,
  ...rest
}: ButtonProps) {
  const off = disabled || busy;
  return (
    <button
      type="button"
      {...rest}
      className={`${styles.button} ${styles[variant]} ${styles[size]} ${className}`}
      title={disabled || title}
      aria-disabled={off ? true : undefined}
      aria-busy={busy || undefined}
      onClick={off ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "aria-label"> {
  /** What it does, which is also its tooltip: "Close". */
  label: string;
  /** The key that does the same. */
  shortcut?: string;
  size?: "xs" | "sm";
}

/** A button with nothing but an icon; it always has a tooltip. */
export function IconButton({
  label,
  shortcut,
  size = "xs",
  className = "",
  children,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${styles.icon} ${size === "sm" ? styles.iconSm : ""} ${className}`}
      aria-label={label}
      title={shortcut ? `${label} (${shortcut})` : label}
    >
      {children}
    </button>
  );
}
