import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { acceptEdits, type EditQuestions } from '../../src/generate/accept-edits.ts';
import type { Change } from '../../src/generate/change.ts';

const edit = (path: string): Change => ({
  path,
  owner: 'D',
  kind: 'update',
  before: 'a\n',
  after: 'b\n',
});
const commands = { all: 'evtgen generate api --wire --yes', none: 'evtgen generate api' };
const journal: Change = { path: 'db/_journal.json', owner: 'D', kind: 'update', before: '[]', after: '[1]' };
const kernel: Change = { path: 'kernel.ts', owner: 'A', kind: 'create', before: null, after: 'k\n' };

/** Answers each question by these keys. */
async function answer(
  changes: readonly Change[],
  keys: readonly string[],
  said?: string | undefined,
  needed: EditQuestions['needed'] = new Map(),
): Promise<string[]> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  // A prompt ends what it writes to, which a terminal does not let it do.
  const output = Object.assign(new PassThrough(), { end: () => output });
  const notes: string[] = [];
  let asked = 0;
  output.on('data', (text: Buffer) => {
    if (asked < keys.length && text.includes(`Edit ${changes[asked]?.path}?`)) {
      const key = keys[asked] ?? '';
      asked += 1;
      setImmediate(() => input.write(key));
    }
  });
  const wired = new Set(
    changes.filter((change) => change.owner === 'D' && change !== journal).map(({ path }) => path),
  );
  const terminal = { note: (line: string) => void notes.push(line) };
  const accepted = await acceptEdits(changes, { wired, needed, commands }, terminal, { input, output });
  expect(notes.filter((note) => note.startsWith('--- '))).toHaveLength(keys.length);
  expect(notes.filter((note) => note.startsWith('To be asked'))).toEqual(
    said === undefined ? [] : [`To be asked nothing next time: ${said}`],
  );
  return accepted.map(({ path }) => path);
}

it('asks about a file of the user, and leaves it if told to', async () => {
  expect(await answer([edit('a.ts'), kernel], ['\u001B[B\r'], commands.none)).toEqual(['kernel.ts']);
});

it('makes all edits after "all that follow"', async () => {
  const keys = ['\u001B[B\u001B[B\r'];
  expect(await answer([edit('a.ts'), edit('b.ts'), kernel], keys, commands.all)).toEqual([
    'a.ts',
    'b.ts',
    'kernel.ts',
  ]);
});

it('asks first about what other edits need, and leaves these with it', async () => {
  const needed = new Map([['a.ts', new Set(['b.ts'])]]);
  const changes = [edit('b.ts'), edit('a.ts'), kernel];
  expect(await answer(changes, ['\u001B[B\r'], commands.none, needed)).toEqual(['kernel.ts']);
});

it('asks no more after "none that follow"', async () => {
  const keys = ['\u001B[B\u001B[B\u001B[B\r'];
  expect(await answer([edit('a.ts'), edit('b.ts'), kernel], keys, commands.none)).toEqual(['kernel.ts']);
});

it('asks about each file in turn, and makes the edits that were accepted', async () => {
  const keys = ['\u001B[B\r', '\r', '\u001B[B\r'];
  expect(await answer([edit('a.ts'), edit('b.ts'), edit('c.ts'), kernel], keys)).toEqual([
    'b.ts',
    'kernel.ts',
  ]);
});

it('does not ask about the list of migrations, without which those that are written would not run', async () => {
  expect(await answer([edit('a.ts'), journal], ['\u001B[B\r'], commands.none)).toEqual([journal.path]);
});

it('asks nothing where nothing of the user is edited', async () => {
  expect(await answer([kernel], [])).toEqual(['kernel.ts']);
});
