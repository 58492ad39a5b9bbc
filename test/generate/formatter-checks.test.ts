import { execFileSync } from 'node:child_process';
import { realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFormatter } from '../../src/generate/format.ts';
import { evtgen, repositoryRoot } from '../helpers/exec.ts';
import { folderWith } from '../helpers/write-files.ts';

/** Each lays JSON out as evtgen itself does not: with tabs, and short arrays on one line. */
const FORMATTERS: readonly (readonly [command: string, config: string, content: object, check: string[]])[] =
  [
    ['prettier', '.prettierrc', { useTabs: true }, ['--check', '.']],
    ['biome', 'biome.json', { formatter: { indentStyle: 'tab' } }, ['format', '.']],
    ['oxfmt', '.oxfmtrc.json', { useTabs: true }, ['--check', '.']],
  ];

const shop = {
  'package.json': { type: 'module', dependencies: { express: '5', pg: '8', ioredis: '5' } },
  'tsconfig.json': { compilerOptions: { module: 'nodenext', strict: true } },
  '.gitignore': 'node_modules\n',
  'src/app.ts': `import express from 'express';

export const app = express();
app.post('/orders', (request, response) => {
  const { id, items }: { id: string; items: string[] } = request.body;
  response.status(201).json({ id, items, isPaid: false });
});
`,
};

test.each(FORMATTERS)(
  '%s has nothing to say about what init, scan and generate write',
  { timeout: 120_000 },
  async (command, config, content, check) => {
    const root = folderWith({ ...shop, [config]: content });
    symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
    const run = (...args: readonly string[]): void => {
      execFileSync(join(root, 'node_modules/.bin', command), args, { cwd: root, stdio: 'pipe' });
    };
    // The team's own files are in order before.
    run(...(command === 'biome' ? ['format', '--write', '.'] : ['--write', '.']));

    await evtgen(['init', '--broker', 'redis-streams'], { cwd: root });
    await evtgen(['scan', '--write'], { cwd: root });
    const { status, stderr } = await evtgen(['generate'], { cwd: root });
    expect([status, stderr]).toEqual([0, '']);
    expect(() => run(...check)).not.toThrow();

    const scanned = await evtgen(['scan', '--write'], { cwd: root });
    expect(scanned.stderr).toBe('events/ is up to date\n');
    expect((await evtgen(['generate', '--check'], { cwd: root })).status).toBe(0);
  },
);

test('what stops a formatter altogether is said once, by the names of the team', async () => {
  const root = realpathSync(
    folderWith({ ...shop, 'biome.json': '{ "formatter": { "indentStyle": "tba" } }' }),
  );
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
  const formatter = createFormatter(root, undefined);
  const files = ['a', 'b'].map((name) => ({ path: `src/${name}.ts`, text: 'const a = 1' }));
  expect(await formatter.format(files)).toEqual(files.map(({ text }) => text));
  expect(formatter.warnings).toEqual([`biome cannot format 2 files: ${root}/biome.json:1:33 deserialize`]);
});
