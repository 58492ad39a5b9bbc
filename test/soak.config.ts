import { defineConfig } from 'vitest/config';
import base from './base.config.ts';

/** The fault tests at full count; `npm test` runs every fault, but fewer times. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/faults/**/*.test.ts'],
    env: {
      EVTGEN_TEST_TURN: 'all',
      EVTGEN_TEST_KILLS: '20',
      EVTGEN_TEST_RANDOM_KILLS: '200',
      EVTGEN_TEST_MODEL_RUNS: '400',
      EVTGEN_TEST_ROUNDS: '10',
      EVTGEN_TEST_BROKER_DOWN_MS: '60000',
      EVTGEN_TEST_ENDURANCE_MS: '600000',
    },
  },
});
