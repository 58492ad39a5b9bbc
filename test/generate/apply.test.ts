import { spawnSync } from 'node:child_process';
import * as nodeFs from 'node:fs';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apply } from '../../src/generate/apply.ts';
import type { Change } from '../../src/generate/change.ts';
import type { FileSystem } from '../../src/generate/target.ts';

let root: string;
let outside: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-apply-'));
  outside = mkdtempSync(join(tmpdir(), 'evtgen-outside-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(outside, { recursive: true, force: true });
});

const create = (path: string, after = 'new\n'): Change => ({
  path,
  owner: 'B',
  kind: 'create',
  before: null,
  after,
});
const tree = () => readdirSync(root, { recursive: true }).map(String).sort();

test('creates, updates and deletes, and removes folders left empty', () => {
  mkdirSync(join(root, 'old/deep'), { recursive: true });
  writeFileSync(join(root, 'old/deep/a.ts'), 'a');
  writeFileSync(join(root, 'b.sh'), 'b', { mode: 0o755 });
  apply(root, [
    create('src/events/x.ts'),
    { path: 'b.sh', owner: 'B', kind: 'update', before: 'b', after: 'b2' },
    { path: 'old/deep/a.ts', owner: 'B', kind: 'delete', before: 'a', after: null },
    { path: 'kept.ts', owner: 'A', kind: 'conflict', before: 'k', after: 'never' },
  ]);
  expect(tree()).toEqual(['b.sh', 'src', 'src/events', 'src/events/x.ts']);
  expect(readFileSync(join(root, 'b.sh'), 'utf8')).toBe('b2');
  expect(statSync(join(root, 'b.sh')).mode & 0o777).toBe(0o755);
});

test('a target that cannot be written leaves everything as it was', () => {
  writeFileSync(join(root, 'a.ts'), 'a');
  mkdirSync(join(root, 'late.ts/full'), { recursive: true });
  const before = tree();
  const attempt = () =>
    apply(root, [
      { path: 'a.ts', owner: 'B', kind: 'update', before: 'a', after: 'changed' },
      create('deep/new/x.ts'),
      // A folder stands where the file should go: found only by the rename, when a.ts is already replaced.
      create('late.ts'),
    ]);
  expect(attempt).toThrow(/^cannot write late\.ts; nothing was written$/);
  expect(tree()).toEqual(before);
  expect(readFileSync(join(root, 'a.ts'), 'utf8')).toBe('a');
});

test('a file in place of a folder is named', () => {
  writeFileSync(join(root, 'src'), '');
  expect(() => apply(root, [create('src/events/x.ts')])).toThrow('cannot write src/events/x.ts');
  expect(tree()).toEqual(['src']);
});

test('no symbolic link leads a write out of the project', () => {
  symlinkSync(outside, join(root, 'src'));
  writeFileSync(join(outside, 'target.ts'), 'theirs');
  symlinkSync(join(outside, 'target.ts'), join(root, 'link.ts'));
  symlinkSync(join(outside, 'missing.ts'), join(root, 'broken.ts'));
  expect(() => apply(root, [create('ok.ts'), create('src/events/x.ts')])).toThrow(
    /^src\/events\/x\.ts leads out of the project/,
  );
  expect(() => apply(root, [create('link.ts')])).toThrow('link.ts leads out of the project');
  expect(() => apply(root, [create('broken.ts')])).toThrow('broken.ts is a broken symbolic link');
  expect(readdirSync(outside)).toEqual(['target.ts']);
  expect(existsSync(join(root, 'ok.ts'))).toBe(false);
});

test('a link inside the project stays one, and its target is written', () => {
  mkdirSync(join(root, 'real'));
  writeFileSync(join(root, 'real/a.ts'), 'a');
  symlinkSync('real/a.ts', join(root, 'a.ts'));
  apply(root, [{ path: 'a.ts', owner: 'B', kind: 'update', before: 'a', after: 'b' }]);
  expect(lstatSync(join(root, 'a.ts')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(root, 'real/a.ts'), 'utf8')).toBe('b');
});

test.each([
  ['a file that was saved meanwhile', 'theirs', 'a'],
  ['a file that appeared meanwhile', 'theirs', null],
  ['a file that was removed meanwhile', null, 'a'],
])('%s is not written over', (_, now, before) => {
  if (now !== null) writeFileSync(join(root, 'b.ts'), now);
  const change: Change = { path: 'b.ts', owner: 'A', kind: 'update', before, after: 'new' };
  expect(() => apply(root, [create('a.ts'), change])).toThrow(
    'b.ts was changed meanwhile; nothing was written',
  );
  expect(tree()).toEqual(now === null ? [] : ['b.ts']);
});

test('what a killed run left is removed, and what is not evtgen’s stays', () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  for (const name of [
    `a.ts.evtgen-${gone}`,
    `a.ts.evtgen-${gone}.old`,
    `b.ts.evtgen-${process.pid}`,
    'c.evtgen-x',
  ]) {
    writeFileSync(join(root, name), '');
  }
  apply(root, [create('a.ts')]);
  expect(tree()).toEqual(['a.ts', 'c.evtgen-x']);
});

describe('whichever call to the file system fails', () => {
  const NAMES = [
    'accessSync',
    'copyFileSync',
    'linkSync',
    'mkdirSync',
    'readFileSync',
    'renameSync',
    'rmSync',
    'writeFileSync',
  ] as const;
  const content = (): Map<string, string | undefined> =>
    new Map(
      tree().map((path) => [
        path,
        lstatSync(join(root, path)).isFile() ? readFileSync(join(root, path), 'utf8') : undefined,
      ]),
    );
  const changes: readonly Change[] = [
    create('new/deep/a.ts'),
    create('new/b.ts'),
    { path: 'src/c.ts', owner: 'A', kind: 'update', before: 'c', after: 'c2' },
    { path: 'src/old/d.ts', owner: 'B', kind: 'delete', before: 'd', after: null },
    { path: 'src/e.ts', owner: 'A', kind: 'merge', before: 'e', after: 'e2' },
  ];

  function messageOf(action: () => void): string {
    try {
      action();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return 'none';
  }

  /** The real file system, of which the n-th call that counts fails. */
  function failingAt(n: number, code: string, hasLinks: boolean): { fs: FileSystem; calls: () => number } {
    let count = 0;
    let hasFailed = false;
    const fs = new Proxy(nodeFs, {
      get(target, name: keyof typeof nodeFs) {
        const real = target[name] as (...args: unknown[]) => unknown;
        if (!NAMES.some((one) => one === name)) return real;
        return (...args: unknown[]) => {
          const fail = (as: string): never => {
            throw Object.assign(new Error(`${as}: ${name}`), { code: as, syscall: name });
          };
          if (name === 'linkSync' && !hasLinks) fail('EPERM');
          if (!hasFailed) count += 1;
          // Once it has failed, the way back is free.
          if (count === n && !hasFailed) {
            hasFailed = true;
            fail(code);
          }
          return real(...args);
        };
      },
    });
    return { fs, calls: () => count };
  }

  beforeEach(() => {
    mkdirSync(join(root, 'src/old'), { recursive: true });
    for (const [path, text] of [
      ['src/c.ts', 'c'],
      ['src/old/d.ts', 'd'],
      ['src/e.ts', 'e'],
    ] as const)
      writeFileSync(join(root, path), text);
  });

  test.each([
    ['ENOSPC', true],
    ['EACCES', true],
    ['EXDEV', false],
  ])('with %s, the project is as it was, or all is written', (code, hasLinks) => {
    const before = content();
    const all = failingAt(Number.POSITIVE_INFINITY, code, hasLinks);
    apply(root, changes, all.fs);
    const after = content();
    expect(after.get('src/e.ts')).toBe('e2');
    expect([...after.keys()]).not.toContain('src/old');
    expect(all.calls()).toBeGreaterThan(25);
    let failures = 0;
    for (let n = 1; n <= all.calls(); n += 1) {
      for (const path of readdirSync(root)) rmSync(join(root, path), { recursive: true });
      for (const [path, text] of before) {
        if (text === undefined) mkdirSync(join(root, path), { recursive: true });
        else writeFileSync(join(root, path), text);
      }
      const problem = messageOf(() => apply(root, changes, failingAt(n, code, hasLinks).fs));
      const isWritten = problem === 'none';
      failures += isWritten ? 0 : 1;
      expect(problem).toMatch(/^(?:none|cannot write .*; nothing was written)$/);
      // A backup that cannot be removed stays for the next run, and its folder with it.
      const now = [...content()].filter(([path]) => !isWritten || after.has(path));
      expect([n, now]).toEqual([n, [...(isWritten ? after : before)]]);
    }
    expect(failures).toBeGreaterThan(15);
  });

  test('and the way back fails too, it is said where the old files are', () => {
    let renames = 0;
    const fs = new Proxy(nodeFs, {
      get(target, name: keyof typeof nodeFs) {
        if (name !== 'renameSync') return target[name];
        return (from: string, to: string) => {
          renames += 1;
          if (renames > 3) throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'rename' });
          renameSync(from, to);
        };
      },
    });
    expect(() => apply(root, changes, fs)).toThrow('cannot write src/e.ts, and cannot put back src/c.ts');
    expect(readFileSync(join(root, `src/c.ts.evtgen-${process.pid}.old`), 'utf8')).toBe('c');
  });
});
