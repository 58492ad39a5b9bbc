import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receivers } from '../../src/receivers/index.ts';
import { repositoryRoot } from '../helpers/exec.ts';

/** The package without what it depends on. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evtgen-package-'));
  for (const part of ['package.json', 'dist/receivers', 'dist/kernel']) {
    cpSync(join(repositoryRoot, part), join(folder, part), { recursive: true });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(receivers)('evtgen/receive/$id gives the receiver, with types, and needs no package', ({ id }) => {
  const script = `import('evtgen/receive/${id}').then((module) => console.log(Object.keys(module).join()))`;
  expect(execFileSync(process.execPath, ['-e', script], { cwd: folder }).toString()).toBe(
    'webhookReceiver\n',
  );
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string }>;
  };
  expect(existsSync(join(folder, exports[`./receive/${id}`]?.types ?? 'none'))).toBe(true);
});
