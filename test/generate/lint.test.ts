import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evtgen, repositoryRoot } from '../helpers/exec.ts';
import { folderWith } from '../helpers/write-files.ts';
import { shopWithCatalog } from './project.ts';

const FOLDERS = [
  'kernel',
  'stores',
  'brokers',
  'transports',
  'metrics',
  'receivers',
  'routes',
  'validators',
  'clients',
];

function biome(...args: readonly string[]): Promise<string> {
  const command = join(repositoryRoot, 'node_modules/@biomejs/biome/bin/biome');
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], (error, stdout, stderr) =>
      resolve(error === null && !stderr.includes('lint/') ? '' : stdout + stderr),
    );
  });
}

// The comment that keeps ESLint out says nothing to Biome, and its own would be reported where nothing needs it.
test('what is emitted passes the recommended rules of Biome', async () => {
  const config = folderWith({ 'biome.json': '{ "root": true }' });
  const lint = ['lint', '--diagnostic-level=warn', `--config-path=${config}`, '--max-diagnostics=none'];
  expect(await biome(...lint, ...FOLDERS.map((name) => join(repositoryRoot, 'src', name)))).toBe('');
  const project = shopWithCatalog();
  await project.generate();
  expect(await biome(...lint, project.path('src/events'), project.path('tests'))).toBe('');
  project.remove();
});

test('the tests run where the team’s own settings of Vitest know other folders only', async () => {
  const project = shopWithCatalog();
  const [setup, config] = ['vitest.setup.ts', 'vitest.config.ts'].map((name) => project.path(name));
  writeFileSync(setup ?? '', `throw new Error('not for these tests');\n`);
  writeFileSync(
    config ?? '',
    `export default { test: { include: ['src/**/*.spec.ts'], setupFiles: ['./vitest.setup.ts'] } };\n`,
  );
  const { stdout } = await evtgen(['generate'], { cwd: project.root });
  expect(stdout).toContain('npx vitest run tests/events --config tests/events/vitest.config.ts\n');
  project.remove();
});
