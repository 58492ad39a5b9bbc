import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What every run of tests here has in common. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    // PGlite boots and TypeScript programs are slow on two shared cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // One second is the default, and says more of the machine than of the code.
    expect: { poll: { timeout: 30_000 } },
  },
});
