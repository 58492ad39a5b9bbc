import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repositoryRoot } from '../helpers/exec.ts';
import { linkDependencies, runTests, shopWithCatalog, type TestProject } from './project.ts';

let project: TestProject;
beforeEach(() => {
  project = shopWithCatalog();
  linkDependencies(project);
});
afterEach(() => project.remove());

test('the emitted tests pass as they are', async () => {
  await project.generate();
  expect(await runTests(project, 'tests/events')).toMatchObject({ status: 0 });
}, 180_000);

test('they pass in a CommonJS project too', async () => {
  cpSync(join(repositoryRoot, 'fixtures/tsconfigs/cjs/tsconfig.json'), project.path('tsconfig.json'));
  const manifest = JSON.parse(readFileSync(project.path('package.json'), 'utf8')) as object;
  writeFileSync(project.path('package.json'), JSON.stringify({ ...manifest, type: 'commonjs' }));
  await project.generate();
  expect(project.read('tests/events/support.ts')).toContain('__dirname');
  expect(await runTests(project, 'tests/events')).toMatchObject({ status: 0 });
}, 180_000);

test('they fail when webhooks are not delivered', async () => {
  await project.generate();
  const path = 'src/events/kernel/events.ts';
  const wiring = project.read(path);
  const broken = wiring.replace(/^.*\.\.\.createWebhookDelivery.*\n/m, '');
  expect(broken).not.toBe(wiring);
  writeFileSync(project.path(path), broken);
  const { status, output } = await runTests(project, 'tests/events/delivery', '-t', 'a committed event');
  expect(status).toBe(1);
  expect(output).toContain('it did not happen within ten seconds');
}, 180_000);
