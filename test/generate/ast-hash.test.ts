import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { astHash } from '../../src/generate/ast-hash.ts';
import { gitBlobId } from '../../src/generate/git-blob-id.ts';
import { kernelClosure } from '../../src/generate/kernel-files.ts';
import { repositoryRoot } from '../helpers/exec.ts';

const code = `/** Doubles. */
export function double(value: number, label = 'x'): string {
  // keep the sign
  for (let i = 0; i < 1; ) i += 1;
  const table: { 'a-b': 1; c: 2 } = { 'a-b': 1, c: 2 };
  return (value + 1) * 2 > 0 ? label : \`\${table.c}\`;
}
`;
const hash = (text: string): string => astHash('x.ts', text);

test.each([
  ['quotes', code.replace("'x'", '"x"')],
  ['quoted property names', code.replace('c: 2 };', "'c': 2 };")],
  ['indentation and line ends', code.replaceAll('  ', '\t').replaceAll('\n', '\r\n')],
  ['semicolons', code.replaceAll(/;$/gm, '')],
  ['parentheses that change nothing', code.replace("'x')", "('x'))")],
  ['an empty statement', `${code};`],
  ['line breaks in a comment', code.replace('/** Doubles. */', '/**\n Doubles. */')],
])('%s are layout', (_, text) => {
  expect(hash(text)).toBe(hash(code));
});

test.each([
  ['a constant', code.replace('* 2', '* 3')],
  ['an operator', code.replace('value + 1', 'value - 1')],
  ['precedence', code.replace('(value + 1) * 2', 'value + 1 * 2')],
  ['a name', code.replaceAll('label', 'title')],
  ['a comment', code.replace('keep the sign', 'keep the size')],
  ['a comment added', code.replace('const table', '/* here */ const table')],
  ['a comment added inside a call', code.replace('number,', 'number, /* second */')],
  ['const to let', code.replace('const table', 'let table')],
  ['the empty part of a for head', code.replace('i < 1; ) i', '; i < 1) i')],
  ['text in a template', code.replace('`${', '` ${')],
])('%s is an edit', (_, text) => {
  expect(text).not.toBe(code);
  expect(hash(text)).not.toBe(hash(code));
});

test('every kernel file keeps its hash through two very different formatters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evtgen-hash-'));
  const styles = [
    { singleQuote: false, semi: false, printWidth: 60, useTabs: true, quoteProps: 'consistent' },
    { singleQuote: true, semi: true, printWidth: 160, trailingComma: 'none', arrowParens: 'avoid' },
  ];
  const files = kernelClosure(['kernel/ports.ts', 'kernel/sign.ts', 'transports/node-http.ts']);
  let reformatted = 0;
  try {
    for (const style of styles) {
      writeFileSync(join(folder, '.oxfmtrc.json'), JSON.stringify(style));
      for (const { path, text } of files) writeFileSync(join(folder, path.replaceAll('/', '_')), text);
      execFileSync(join(repositoryRoot, 'node_modules/.bin/oxfmt'), ['.'], { cwd: folder });
      for (const { path, text } of files) {
        const formatted = readFileSync(join(folder, path.replaceAll('/', '_')), 'utf8');
        if (formatted !== text) reformatted += 1;
        expect(`${path} ${astHash(path, formatted)}`).toBe(`${path} ${astHash(path, text)}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(reformatted).toBeGreaterThan(files.length);
});

test('the blob id is git’s', () => {
  // printf 'what is up, doc?' | git hash-object --stdin (Pro Git, "Git Objects")
  expect(gitBlobId('what is up, doc?')).toBe('bd9dbf5aae1a3862dd1526723246b20206e5fc37');
});
