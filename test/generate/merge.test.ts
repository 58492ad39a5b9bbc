import { array, assert, boolean, constantFrom, integer, nat, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMarker, mergeTexts, withLineEndsOf } from '../../src/generate/merge.ts';
import { packageFile } from '../../src/generate/kernel-files.ts';

const names = { mine: 'your edit', theirs: 'evtgen 2.0.0' };
const numbered = Array.from({ length: 20 }, (_, index) => `line ${index}`);
const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
const replaced = (index: number, line: string): string => text(numbered.with(index, line));

test('changes in different places are both kept', () => {
  const merged = mergeTexts(replaced(2, 'mine'), text(numbered), replaced(15, 'theirs'), names);
  expect(merged).toEqual({
    text: text(numbered.with(2, 'mine').with(15, 'theirs')),
    conflicts: 0,
    firstConflict: 0,
  });
});

test('changes of the same line are marked, with both', () => {
  const {
    text: merged,
    conflicts,
    firstConflict,
  } = mergeTexts(replaced(2, 'mine'), text(numbered), replaced(2, 'theirs'), names);
  expect([conflicts, firstConflict]).toEqual([1, 3]);
  expect(merged).toContain('\n<<<<<<< your edit\nmine\n=======\ntheirs\n>>>>>>> evtgen 2.0.0\nline 3\n');
  expect(findMarker(merged)).toBe(3);
});

test('without a base every difference is marked', () => {
  const { conflicts, text: merged } = mergeTexts(
    replaced(2, 'mine'),
    undefined,
    replaced(15, 'theirs'),
    names,
  );
  expect(conflicts).toBe(2);
  for (const line of ['mine', 'line 2', 'theirs', 'line 15']) expect(merged.split('\n')).toContain(line);
});

test('the version in the header is no conflict', () => {
  const [old, current] = [
    '// evtgen 1.0.0, A: Kernel.\n',
    '// evtgen 2.0.0, A: Kernel, of another wording.\n',
  ];
  for (const base of [undefined, `// evtgen 0.9.0, A: Kernel.\nx\n`]) {
    expect(mergeTexts(`${old}x\n`, base, `${current}x\n`, names)).toMatchObject({
      text: `${current}x\n`,
      conflicts: 0,
    });
  }
});

test('line ends are those of the edited file', () => {
  const windows = (lines: string): string => lines.replaceAll('\n', '\r\n');
  for (const base of [text(numbered), windows(text(numbered))]) {
    const merged = mergeTexts(windows(replaced(2, 'mine')), base, replaced(15, 'theirs'), names);
    expect(merged.text).toBe(windows(text(numbered.with(2, 'mine').with(15, 'theirs'))));
  }
  expect(withLineEndsOf('a\nb\r\n', 'c\r\n')).toBe('c\n');
});

test('a row of equal signs or a quoted marker is no conflict', () => {
  expect(findMarker('// =======\n=======\n')).toBeUndefined();
  expect(findMarker("const a = '<<<<<<< x';\nconst b = '>>>>>>> y';\n")).toBeUndefined();
});

interface Edit {
  readonly at: number;
  readonly removes: number;
  readonly adds: number;
}
const edits = array(
  record({ at: nat(), removes: integer({ min: 0, max: 3 }), adds: integer({ min: 0, max: 3 }) }),
  { maxLength: 6 },
);

/** Applies edits from the end, so that places stand; every added line is one of a kind. */
function edited(lines: readonly string[], list: readonly Edit[], side: string): string[] {
  const result = [...lines];
  const places = list.map((edit) => ({ ...edit, at: edit.at % (lines.length + 1) }));
  for (const [index, { at, removes, adds }] of places.toSorted((a, b) => b.at - a.at).entries()) {
    const added = Array.from({ length: adds }, (_, line) => `// ${side} ${index}.${line}`);
    result.splice(at, removes, ...added);
  }
  return result;
}

describe('over random edits of kernel files', () => {
  const kernel = ['src/kernel/retry.ts', 'src/kernel/stream.ts'].map((path) => packageFile(path).split('\n'));
  const file = constantFrom(...kernel);
  const linesOf = (merged: string): string[] => merged.split('\n');

  test('no line that either side added is lost, with a base or without', () => {
    assert(
      property(file, edits, edits, boolean(), (base, mine, theirs, hasBase) => {
        const [left, right] = [edited(base, mine, 'mine'), edited(base, theirs, 'theirs')];
        const merged = mergeTexts(
          left.join('\n'),
          hasBase ? base.join('\n') : undefined,
          right.join('\n'),
          names,
        );
        const lines = new Set(linesOf(merged.text));
        for (const line of [...left, ...right].filter((one) => /^\/\/ (?:mine|theirs) /.test(one))) {
          expect(lines).toContain(line);
        }
        expect(merged.conflicts > 0).toBe(findMarker(merged.text) !== undefined);
      }),
    );
  });

  test('where one side changed nothing, the other’s text comes out', () => {
    assert(
      property(file, edits, (base, list) => {
        const [same, other] = [base.join('\n'), edited(base, list, 'x').join('\n')];
        expect(mergeTexts(other, same, same, names)).toMatchObject({ text: other, conflicts: 0 });
        expect(mergeTexts(same, same, other, names)).toMatchObject({ text: other, conflicts: 0 });
        expect(mergeTexts(other, same, other, names)).toMatchObject({ text: other, conflicts: 0 });
      }),
    );
  });

  test('choosing one side of every conflict gives a text with all changes of that side', () => {
    assert(
      property(file, edits, edits, (base, mine, theirs) => {
        const [left, right] = [edited(base, mine, 'mine'), edited(base, theirs, 'theirs')];
        const { text: merged } = mergeTexts(left.join('\n'), base.join('\n'), right.join('\n'), names);
        const chosen = merged.replaceAll(
          /^<<<<<<< .*\n((?:.*\n)*?)=======\n(?:.*\n)*?>>>>>>> .*(?:\n|$)/gm,
          '$1',
        );
        const removed = base.filter((line) => !left.includes(line));
        for (const line of removed) expect(linesOf(chosen)).not.toContain(line);
      }),
    );
  });
});
