import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { acceptEdits } from '../../src/generate/accept-edits.ts';
import type { Change } from '../../src/generate/change.ts';

const edit = (path: string): Change => ({
  path,
  owner: 'D',
  kind: 'update',
  before: 'a\n',
  after: 'b\n',
});
const kernel: Change = { path: 'kernel.ts', owner: 'A', kind: 'create', before: null, after: 'k\n' };

/** Answers each question by these keys. */
async function answer(changes: readonly Change[], keys: readonly string[]): Promise<string[]> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = new PassThrough();
  const notes: string[] = [];
  let asked = 0;
  output.on('data', (text: Buffer) => {
    if (asked < keys.length && text.includes(`Edit ${changes[asked]?.path}?`)) {
      const key = keys[asked] ?? '';
      asked += 1;
      setImmediate(() => input.write(key));
    }
  });
  const accepted = await acceptEdits(changes, { note: (line) => void notes.push(line) }, { input, output });
  expect(notes.filter((note) => note.startsWith('--- '))).toHaveLength(keys.length);
  return accepted.map(({ path }) => path);
}

it('asks about a file of the user, and leaves it if told to', async () => {
  expect(await answer([edit('a.ts'), kernel], ['\u001B[B\r'])).toEqual(['kernel.ts']);
});

it('makes all edits after "all that follow"', async () => {
  expect(await answer([edit('a.ts'), edit('b.ts'), kernel], ['\u001B[B\u001B[B\r'])).toEqual([
    'a.ts',
    'b.ts',
    'kernel.ts',
  ]);
});

it('asks no more after "none that follow"', async () => {
  expect(await answer([edit('a.ts'), edit('b.ts'), kernel], ['\u001B[B\u001B[B\u001B[B\r'])).toEqual([
    'kernel.ts',
  ]);
});

it('asks nothing where nothing of the user is edited', async () => {
  expect(await answer([kernel], [])).toEqual(['kernel.ts']);
});
