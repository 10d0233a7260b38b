import { type CSSVariablesResolver, createTheme } from "@mantine/core";

/** Mantine's theme. Every value that has a token in tokens.css names that token. */
export const theme = createTheme({
  primaryColor: "chart",
  primaryShade: { light: 6, dark: 5 },
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
  },
  fontFamily: "var(--font-sans)",
  fontFamilyMonospace: "var(--font-mono)",
  fontSizes: { sm: "var(--fs-sm)", md: "var(--fs-md)" },
  lineHeights: { sm: "var(--lh-sm)", md: "var(--lh-md)" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "var(--fs-xl)", lineHeight: "var(--lh-xl)" },
      h2: { fontSize: "var(--fs-md)", lineHeight: "var(--lh-md)" },
    },
  },
  respectReducedMotion: true,
  cursorType: "default",
});

/** Points Mantine's own variables at our tokens, so that light and dark are decided in one place. */
export const cssVariables: CSSVariablesResolver = () => {
  const colours = {
    "--mantine-color-body": "var(--surface-1)",
    "--mantine-color-text": "var(--text-1)",
    "--mantine-color-dimmed": "var(--text-2)",
  };
  return { variables: {}, light: colours, dark: colours };
};
