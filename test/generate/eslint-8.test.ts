import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { lintConfigFiles } from '../../src/generate/emit-lint-config.ts';
import { createLinter } from '../../src/generate/eslint.ts';
import { packageFile } from '../../src/generate/kernel-files.ts';
import { javaScriptOf } from '../../src/generate/javascript.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { folderWith } from '../helpers/write-files.ts';

const MODULES = ['src/kernel/retry.ts', 'src/kernel/stream-node-sink.ts', 'src/stores/postgres/sql.ts'];
const dialect = { fileEnding: '.js', moduleFormat: 'cjs' } as const;

function shopWithEslint(ecmaVersion: number): string {
  const rules = { 'no-console': 'error' };
  const root = folderWith({ '.eslintrc.json': { root: true, parserOptions: { ecmaVersion }, rules } });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(join(repositoryRoot, 'node_modules/eslint-8'), join(root, 'node_modules/eslint'));
  return root;
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** What ESLint says of the whole project. */
function lint(root: string): Promise<string> {
  const command = join(root, 'node_modules/eslint/bin/eslint.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [command, '.'], { cwd: root }, (_, stdout) => resolve(stdout));
  });
}

test('a project whose .eslintrc reads an older language gets one for the written code alone', async () => {
  const root = shopWithEslint(2018);
  for (const [index, file] of MODULES.entries()) {
    const code = javaScriptOf(packageFile(file), 'cjs') ?? '';
    write(root, `lib/events/${index}.js`, `/* eslint-disable */\n${code}`);
  }
  const linter = createLinter(root, new Set(['eslint']));
  const settings = await linter?.settingsFor('lib/events/0.js', 'lib/probe.js');
  expect(settings).toEqual({ comment: null, folderConfig: { parserOptions: { ecmaVersion: 2022 } } });
  expect(await lint(root)).toContain('Parsing error');

  // What is the team's own is fixed as if it were there already.
  const setup = '// evtgen 0.1.0, C: Yours\n\nconsole.log(process.env.A ?? 1);\n';
  const fixed = await linter?.fix([{ path: 'lib/events/setup.js', text: setup }]);
  expect(fixed?.[0]).toContain('/* eslint "no-console": 0 */');

  const files = lintConfigFiles(
    'lib/events',
    { ...dialect, specifierEnding: '', isStrict: true, missingLibs: [] },
    settings?.folderConfig ?? null,
  );
  for (const { path, content } of files) write(root, path, content);
  expect(await lint(root)).toBe('');
  // The next run finds the same.
  expect(await linter?.settingsFor('lib/events/0.js', 'lib/probe.js')).toEqual(settings);
});

test('one that reads the language of the code gets none', async () => {
  const linter = createLinter(shopWithEslint(2022), new Set(['eslint']));
  expect(await linter?.settingsFor('lib/events/0.js', 'lib/probe.js')).toEqual({
    comment: null,
    folderConfig: null,
  });
});
