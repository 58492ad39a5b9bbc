import type { Fixture } from './fixtures.ts';

/** What fails where one of the files is not as the formatter would have it. */
export const CHECKS: Readonly<Record<NonNullable<Fixture['formatter']>, string>> = {
  prettier: 'prettier --check',
  biome: 'biome format',
  oxfmt: 'oxfmt --check',
  dprint: 'dprint check',
};
