import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The fault tests at full count; `npm test` runs every fault, but fewer times. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/faults/**/*.test.ts'],
    env: { EVTGEN_TEST_KILLS: '10', EVTGEN_TEST_RANDOM_KILLS: '50' },
  },
});
