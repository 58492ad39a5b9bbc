import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testsFolder } from '../../src/generate/tests-folder.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'evtgen-tests-folder-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const WHOLE_FOLDER = { compilerOptions: { outDir: 'dist' }, exclude: ['node_modules'] };

function write(path: string, value: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof value === 'string' ? value : JSON.stringify(value));
}

function folderIn(files: Readonly<Record<string, unknown>>, typescript = '^5.9.0'): string {
  write('package.json', { devDependencies: { typescript } });
  write('src/main.ts', 'export {};\n');
  for (const [path, value] of Object.entries(files)) write(path, value);
  return testsFolder(root, { fileEnding: '.ts' }, 'src/events');
}

test('tests lie beside the sources where that moves nothing', () => {
  expect(folderIn({ 'tsconfig.json': { ...WHOLE_FOLDER, include: ['src'] } })).toBe('tests/events');
  expect(folderIn({ 'tsconfig.json': { compilerOptions: { noEmit: true } } })).toBe('tests/events');
  const settled = { compilerOptions: { outDir: 'dist', rootDir: '.' } };
  expect(folderIn({ 'tsconfig.json': settled })).toBe('tests/events');
});

test('they lie in the sources where a build of the whole folder would lay dist out anew', () => {
  expect(folderIn({ 'tsconfig.json': WHOLE_FOLDER })).toBe('src/events/tests');
});

test('and where a build takes nothing from outside of its folder', () => {
  const strict = { ...WHOLE_FOLDER, compilerOptions: { rootDir: 'src', outDir: 'dist' } };
  expect(folderIn({ 'tsconfig.json': strict }, '^6.0.0')).toBe('src/events/tests');
});

test('where it does so already, nothing is moved', () => {
  expect(folderIn({ 'tsconfig.json': WHOLE_FOLDER, 'vitest.config.ts': 'export {};\n' })).toBe(
    'tests/events',
  );
});

test('the folder is taken that the build leaves out, as in a new project of Nest', () => {
  const nest = {
    'tsconfig.json': { compilerOptions: { outDir: './dist' } },
    'tsconfig.build.json': { extends: './tsconfig.json', exclude: ['node_modules', 'test', 'dist'] },
    'test/app.e2e-spec.ts': 'export {};\n',
  };
  expect(folderIn(nest)).toBe('test/events');
});

test('TypeScript 6 lays out from the folder of tsconfig.json', () => {
  expect(folderIn({ 'tsconfig.json': WHOLE_FOLDER }, '^6.0.0')).toBe('tests/events');
});

test('what was written once stays where it is', () => {
  const before = { 'tsconfig.json': WHOLE_FOLDER, 'src/events/tests/support.ts': 'export {};\n' };
  expect(folderIn({ ...before, 'drizzle.config.ts': 'export {};\n' })).toBe('src/events/tests');
});

test('a broken configuration of something else is no hindrance', () => {
  expect(folderIn({ 'tsconfig.json': WHOLE_FOLDER, 'tsconfig.docs.json': '{ "include": [' })).toBe(
    'src/events/tests',
  );
});
