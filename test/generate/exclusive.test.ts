import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { apply } from '../../src/generate/apply.ts';
import { alone, uninterrupted } from '../../src/generate/exclusive.ts';
import { evtgen, repositoryRoot } from '../helpers/exec.ts';
import { shopWithCatalog } from './project.ts';

test('writers of one project take turns, those of two do not', async () => {
  const [one, other] = [
    mkdtempSync(join(tmpdir(), 'evtgen-one-')),
    mkdtempSync(join(tmpdir(), 'evtgen-other-')),
  ];
  let [running, most] = [0, 0];
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await setTimeout(10);
    running -= 1;
  };
  await Promise.all([alone(one, work), alone(one, work), alone(one, work)]);
  expect(most).toBe(1);
  await alone(one, async () => alone(other, work));
  await expect(alone(one, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await alone(one, work);
});

test('three runs at once leave what one leaves', { timeout: 240_000 }, async () => {
  const project = shopWithCatalog();
  const runs = await Promise.all([1, 2, 3].map(() => evtgen(['generate', project.root])));
  expect(runs.map(({ status, stderr }) => [status, stderr])).toEqual(runs.map(() => [0, '']));
  expect(runs.filter(({ stdout }) => stdout.startsWith('everything is up to date'))).toHaveLength(2);
  expect((await project.generate('check')).status).toBe(0);
  expect([...project.files().keys()].filter((path) => /\.evtgen-\d|\/lock$/.test(path))).toEqual([]);
  project.remove();
});

test('a folder for temporary files that cannot be written to is said in one line', async () => {
  const project = shopWithCatalog();
  const { status, stdout, stderr } = await evtgen(['generate', project.root], {
    env: { TMPDIR: project.path('package.json') },
  });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: cannot write into \S+package\.json.*\nhint: set TMPDIR .*\n$/);
  project.remove();
});

test('Ctrl-C in the middle of the writing waits for its end', async () => {
  let isDone = false;
  const isInterrupted = await uninterrupted(() => {
    process.kill(process.pid, 'SIGINT');
    // The system hands it to whichever thread it likes, in its own time.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    isDone = true;
  });
  expect([isInterrupted, isDone]).toEqual([true, true]);
  expect(await uninterrupted(() => {})).toBe(false);
});

test('killed at any moment, every file is the old one or the new one, and the next run ends the work', () => {
  const files = [
    ['src/a.ts', 'a'.repeat(9000), 'b'.repeat(9000)],
    ['src/c.ts', 'c', 'd'],
    ['new/e.ts', null, 'e'],
    ['old/f.ts', 'f', null],
  ] as const;
  const changes = (root: string) =>
    files.map(([path, , after]) => {
      const before = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null;
      const kind =
        after === null ? ('delete' as const) : before === null ? ('create' as const) : ('update' as const);
      return { path, owner: 'A' as const, kind, before, after };
    });
  const script = `
    const [at, root, changes] = [Number(process.argv[1]), process.argv[2], JSON.parse(process.argv[3])];
    const real = await import('node:fs');
    const { apply } = await import(${JSON.stringify(join(repositoryRoot, 'dist/generate/apply.js'))});
    let count = 0;
    const fs = new Proxy(real, { get: (_, name) => (...args) => {
      if (/^(?:write|rename|rm|link|mkdir)/.test(name) && ++count === at) process.kill(process.pid, 'SIGKILL');
      return real[name](...args);
    } });
    apply(root, changes, fs);
  `;
  let kills = 0;
  let ended: unknown[] = [];
  for (let at = 1; ; at += 1) {
    const root = mkdtempSync(join(tmpdir(), 'evtgen-kill-'));
    for (const folder of ['src', 'old']) mkdirSync(join(root, folder));
    for (const [path, before] of files) if (before !== null) writeFileSync(join(root, path), before);
    const args = ['--input-type=module', '-e', script, String(at), root, JSON.stringify(changes(root))];
    const { signal, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (signal !== 'SIGKILL') {
      ended = [status, stderr];
      break;
    }
    kills += 1;
    for (const { path, before: now } of changes(root)) {
      expect(files.find(([name]) => name === path)).toContain(now);
    }
    apply(
      root,
      changes(root).filter(({ before, after }) => before !== after),
    );
    for (const { before, after } of changes(root)) expect(before).toBe(after);
    rmSync(root, { recursive: true });
  }
  expect(ended).toEqual([0, '']);
  expect(kills).toBeGreaterThan(12);
});
