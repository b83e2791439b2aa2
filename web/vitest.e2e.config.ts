// The browser tests: slow, with the real program and a real browser, so apart from the unit tests.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    // All of them wait for what a page says, so that a slow machine takes longer and fails nothing.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
});
