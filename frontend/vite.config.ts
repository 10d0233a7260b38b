import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The built page is embedded into the program and served from a root that is not
// known here (a Wails window, a loopback port), hence the relative base.
// public/.gitkeep is copied into dist, which `//go:embed` wants to be there on a
// fresh clone.
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: { target: "es2022", chunkSizeWarningLimit: 1000 },
  test: { environment: "happy-dom", testTimeout: 20_000 },
});
