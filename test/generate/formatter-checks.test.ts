import { execFileSync } from 'node:child_process';
import { realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFormatter } from '../../src/generate/format.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { scanIn } from '../helpers/scan-in.ts';
import { folderWith } from '../helpers/write-files.ts';
import { init } from '../init/project.ts';
import { MANIFEST } from './older.ts';
import { projectAt } from './project.ts';

/** Each lays JSON out as evtgen itself does not: with tabs, and short arrays on one line. */
const FORMATTERS: readonly (readonly [command: string, config: string, content: object, check: string[]])[] =
  [
    ['prettier', '.prettierrc', { useTabs: true }, ['--check', '.']],
    ['biome', 'biome.json', { formatter: { indentStyle: 'tab' } }, ['ci', '--linter-enabled=false', '.']],
    ['oxfmt', '.oxfmtrc.json', { useTabs: true }, ['--check', '.']],
  ];

const said = { broker: 'redis-streams' } as const;
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
    const root = folderWith(shop);
    symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
    const run = (...args: readonly string[]): void => {
      execFileSync(join(root, 'node_modules/.bin', command), args, { cwd: root, stdio: 'pipe' });
    };
    const project = projectAt(root);
    if (command === 'prettier') {
      // It takes its time over so many files, and format.test.ts looks at those: here it is the manifest's turn.
      await init(root, { said });
      project.scan();
      await project.generate();
      for (const path of ['evtgen.config.json', 'events']) rmSync(join(root, path), { recursive: true });
      const manifest = JSON.parse(project.read(MANIFEST)) as { files: Record<string, string> };
      delete manifest.files['src/events/registry.ts'];
      writeFileSync(join(root, MANIFEST), JSON.stringify(manifest));
      writeFileSync(join(root, '.prettierignore'), 'src/events/**/*.ts\ntests\nsrc/routes\nmigrations\n');
    }
    writeFileSync(join(root, config), JSON.stringify(content));
    // The team's own files are in order before.
    run(...(command === 'biome' ? ['check', '--write', '.'] : ['--write', '.']));

    await init(root, { said });
    await scanIn(root, '--write');
    expect((await project.generate()).status).toBe(0);
    expect(project.read(MANIFEST)).toContain('\n\t\t"src/events/worker.ts": "B ');
    expect(() => run(...check)).not.toThrow();

    expect((await scanIn(root, '--write')).notes).toEqual(['events/ is up to date']);
    expect((await project.generate('check')).status).toBe(0);
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
