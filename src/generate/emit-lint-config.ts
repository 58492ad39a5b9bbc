import type { Dialect } from './dialect.ts';
import type { WantedFile } from './plan.ts';
import { TESTS_FOLDER } from './tests-folder.ts';

const NOTE = '// The code in this folder is newer than what the rest is parsed as.';

/** The team's own from then on: it may raise its ESLint to the language of the code, and remove them. */
export function lintConfigFiles(
  output: string,
  { fileEnding }: Dialect,
  config: object | null,
): WantedFile[] {
  if (config === null || fileEnding === '.ts') return [];
  return [output, TESTS_FOLDER].map((folder) => ({
    path: `${folder}/.eslintrc.json`,
    owner: 'C',
    source: 'eslint',
    content: `${NOTE}\n${JSON.stringify(config, null, 2)}\n`,
  }));
}
