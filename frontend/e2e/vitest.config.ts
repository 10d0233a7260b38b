import { defineConfig } from "vitest/config";

// The suite in a real browser: `go run ./build/dev test` builds what it looks at. One file after the other, because
// a browser takes a machine's cores for itself.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 40_000,
    hookTimeout: 40_000,
  },
});
