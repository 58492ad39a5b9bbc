import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apply } from '../../src/generate/apply.ts';
import type { Change } from '../../src/generate/change.ts';

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
