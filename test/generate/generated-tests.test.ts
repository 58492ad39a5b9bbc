import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repositoryRoot } from '../helpers/exec.ts';
import { linkDependencies, shopWithCatalog, type TestProject } from './project.ts';

let project: TestProject;
beforeEach(() => {
  project = shopWithCatalog();
  linkDependencies(project);
});
afterEach(() => project.remove());

test('the emitted tests pass as they are', async () => {
  await project.generate();
  expect(await runTests('tests/events')).toMatchObject({ status: 0 });
}, 180_000);

test('they pass in a CommonJS project too', async () => {
  cpSync(join(repositoryRoot, 'fixtures/tsconfigs/cjs/tsconfig.json'), project.path('tsconfig.json'));
  const manifest = JSON.parse(readFileSync(project.path('package.json'), 'utf8')) as object;
  writeFileSync(project.path('package.json'), JSON.stringify({ ...manifest, type: 'commonjs' }));
  await project.generate();
  expect(project.read('tests/events/support.ts')).toContain('__dirname');
  expect(await runTests('tests/events')).toMatchObject({ status: 0 });
}, 180_000);

test('they fail when webhooks are not delivered', async () => {
  await project.generate();
  const path = 'src/events/kernel/events.ts';
  const wiring = project.read(path);
  const broken = wiring.replace(/^.*\.\.\.createWebhookDelivery.*\n/m, '');
  expect(broken).not.toBe(wiring);
  writeFileSync(project.path(path), broken);
  const { status, output } = await runTests('tests/events/delivery', '-t', 'a committed event');
  expect(status).toBe(1);
  expect(output).toContain('it did not happen within ten seconds');
}, 180_000);

function runTests(...args: string[]): Promise<{ status: number; output: string }> {
  const vitest = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
  const env = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [vitest, 'run', '--testTimeout', '30000', ...args],
      { cwd: project.root, env },
      (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}
