import { defineConfig } from 'vitest/config';
import base from './base.config.ts';

/** No test in these changes what another file could see: they share the modules that a worker has loaded. */
const SHARING = [
  'catalog',
  'codemod',
  'config',
  'frameworks',
  'init',
  'kernel',
  'metrics',
  'receivers',
  'routes',
  'samples',
  'scan',
  'shop',
  'transports',
  'verify-sig',
].map((folder) => `test/${folder}/**/*.test.ts`);

/** Loading the compiler for each file anew would take as long as the tests. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: [
      { ...base, test: { ...base.test, name: 'sharing', include: SHARING, isolate: false } },
      { ...base, test: { ...base.test, name: 'isolated', exclude: ['**/node_modules/**', ...SHARING] } },
    ],
  },
});
