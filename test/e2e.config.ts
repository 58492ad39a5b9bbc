import { defineConfig } from 'vitest/config';
import base from './base.config.ts';

/** Every fixture, end to end; `npm test` takes two of them a day. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/e2e/**/*.test.ts'],
    env: { EVTGEN_TEST_TURN: 'all' },
  },
});
