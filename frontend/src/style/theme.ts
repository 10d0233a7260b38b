import {
  Autocomplete,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  Input,
  Menu,
  Modal,
  Notification,
  NumberInput,
  PasswordInput,
  Popover,
  SegmentedControl,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { createElement } from "react";
import { IconChevronDown } from "../ui/icons";
import controls from "./controls.module.css";

const field = { size: "sm", classNames: { input: controls.input } };
const floating = {
  shadow: "md",
  radius: "md",
  transitionProps: { transition: "fade", duration: 140 },
} as const;
const completing = { ...field, comboboxProps: floating };
const choosing = {
  ...completing,
  rightSection: createElement(IconChevronDown, { size: 14, "aria-hidden": true }),
  rightSectionPointerEvents: "none",
} as const;

/** Mantine's theme. Every value that has a token in tokens.css names that token. */
export const theme = createTheme({
  primaryColor: "chart",
  primaryShade: { light: 6, dark: 5 },
  autoContrast: false,
  respectReducedMotion: true,
  cursorType: "default",
  defaultRadius: "sm",
  colors: {
    // Admiralty blue, the tint that charts use for depth; the only accent.
    chart: [
      "#e7f2f8",
      "#d3e8f2",
      "#a9d2e6",
      "#74bfe0",
      "#3d8cb2",
      "#1c769f",
      "#14688f",
      "#0f5678",
      "#0c4560",
      "#083247",
    ],
    dark: [
      "#e7ebef",
      "#adb8c2",
      "#8c98a4",
      "#6b7783",
      "#37414a",
      "#262d34",
      "#1f252b",
      "#161b20",
      "#12171b",
      "#101418",
    ],
  },
  fontFamily: "var(--font-sans)",
  fontFamilyMonospace: "var(--font-mono)",
  fontSizes: {
    xs: "var(--fs-xs)",
    sm: "var(--fs-sm)",
    md: "var(--fs-md)",
    lg: "var(--fs-lg)",
    xl: "var(--fs-xl)",
  },
  lineHeights: {
    xs: "var(--lh-xs)",
    sm: "var(--lh-sm)",
    md: "var(--lh-md)",
    lg: "var(--lh-lg)",
    xl: "var(--lh-xl)",
  },
  spacing: {
    xs: "var(--sp-1)",
    sm: "var(--sp-2)",
    md: "var(--sp-3)",
    lg: "var(--sp-4)",
    xl: "var(--sp-6)",
  },
  radius: {
    xs: "var(--radius-xs)",
    sm: "var(--radius-sm)",
    md: "var(--radius-md)",
    lg: "var(--radius-lg)",
  },
  shadows: { sm: "var(--shadow-1)", md: "var(--shadow-2)", lg: "var(--shadow-3)" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "var(--fs-xl)", lineHeight: "var(--lh-xl)" },
      h2: { fontSize: "var(--fs-md)", lineHeight: "var(--lh-md)" },
    },
  },
  components: {
    TextInput: TextInput.extend({ defaultProps: field }),
    PasswordInput: PasswordInput.extend({ defaultProps: field }),
    NumberInput: NumberInput.extend({ defaultProps: { ...field, hideControls: true } }),
    Textarea: Textarea.extend({ defaultProps: field }),
    Select: Select.extend({ defaultProps: { ...choosing, allowDeselect: false } }),
    Autocomplete: Autocomplete.extend({ defaultProps: choosing }),
    TagsInput: TagsInput.extend({
      defaultProps: { ...completing, classNames: { input: controls.input ?? "", pill: controls.pill ?? "" } },
    }),
    InputWrapper: Input.Wrapper.extend({ classNames: { label: controls.label ?? "" } }),
    Switch: Switch.extend({ defaultProps: { size: "xs" } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: "xs", radius: "xs" } }),
    SegmentedControl: SegmentedControl.extend({
      defaultProps: { size: "xs" },
      classNames: {
        root: controls.segments ?? "",
        control: controls.segment ?? "",
        label: controls.segmentLabel ?? "",
        indicator: controls.segmentOn ?? "",
      },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: false } }),
    Menu: Menu.extend({
      // The first item has the focus, and not an empty element before it, which is no child of a menu.
      defaultProps: { ...floating, withInitialFocusPlaceholder: false },
      classNames: { item: controls.menuItem ?? "", label: controls.menuLabel ?? "" },
    }),
    Popover: Popover.extend({ defaultProps: floating }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        radius: "lg",
        withCloseButton: false,
        padding: 0,
        transitionProps: { transition: "fade", duration: 200 },
      },
      classNames: { content: controls.dialog ?? "", overlay: controls.backdrop ?? "" },
    }),
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { "aria-label": "Close" } },
      classNames: { root: controls.notification ?? "" },
    }),
  },
});

/** Points Mantine's own variables at our tokens, so that light and dark are decided in one place. */
export const cssVariables: CSSVariablesResolver = () => {
  const colours = {
    "--mantine-color-body": "var(--surface-1)",
    "--mantine-color-text": "var(--text-1)",
    "--mantine-color-dimmed": "var(--text-2)",
    "--mantine-color-placeholder": "var(--text-3)",
    "--mantine-color-default": "var(--surface-2)",
    "--mantine-color-default-hover": "var(--surface-hover)",
    "--mantine-color-default-color": "var(--text-1)",
    "--mantine-color-default-border": "var(--border-strong)",
    "--mantine-color-anchor": "var(--accent-text)",
    "--mantine-color-error": "var(--bad-text)",
    "--mantine-primary-color-filled": "var(--accent)",
    "--mantine-primary-color-filled-hover": "var(--accent-hover)",
  };
  return { variables: {}, light: colours, dark: colours };
};
