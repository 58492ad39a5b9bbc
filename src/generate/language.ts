import type { Dialect, ModuleFormat } from './dialect.ts';
import { declarationsOf, javaScriptOf } from './javascript.ts';
import type { WantedFile } from './plan.ts';
import { rewriteSpecifiers } from './specifiers.ts';

const TESTS_FOLDER = 'tests/events/';
const SCRIPT = /\.[cm]?[jt]s$/;
/** What only frameworks and the team's own files import, and never for a type. */
const ROUTES = 'templates/routes/';
const HEADER = /^\/\/ evtgen .*\n(?:\/\* eslint-disable \*\/\n)?/;

/** What a file that is `path` in TypeScript is called in the project's language. */
export function emittedPath({ fileEnding }: Dialect, path: string): string {
  return path.replace(/\.ts$/, fileEnding);
}

/** Vitest cannot be required: its tests are ES modules in a CommonJS project too. */
export function testFormat({ moduleFormat }: Dialect, testRunner: 'vitest' | 'jest'): ModuleFormat {
  return testRunner === 'vitest' ? 'esm' : moduleFormat;
}

/** The import of one name, as a file of the project has it. */
export function importLine({ fileEnding, moduleFormat }: Dialect, name: string, specifier: string): string {
  return fileEnding !== '.ts' && moduleFormat === 'cjs'
    ? `const { ${name} } = require('${specifier}');`
    : `import { ${name} } from '${specifier}';`;
}

/**
 * Files as they are made, in TypeScript, in the project's language. In JavaScript, modules that others import get
 * their types in a declaration file beside them, so that `emit` is checked and completed; a module of types alone is
 * nothing but that. Files that are the team's own have none: it would say what they were when they were written.
 */
export function inLanguage(
  files: readonly WantedFile[],
  dialect: Dialect,
  testRunner: 'vitest' | 'jest',
): WantedFile[] {
  if (dialect.fileEnding === '.ts') return [...files];
  return files.flatMap((one) => {
    if (!SCRIPT.test(one.path)) return [one];
    // Comments name the files that are the team's to change.
    const content = one.content.replaceAll(/`(setup|casters)\.ts`/g, `\`$1${dialect.fileEnding}\``);
    const file = { ...one, content };
    const path = emittedPath(dialect, file.path);
    if (file.path.startsWith(TESTS_FOLDER))
      return [testFile(file, path, dialect, testFormat(dialect, testRunner))];
    return [scriptFile(file, path, dialect), declarationFile(file, path)].filter((one) => one !== undefined);
  });
}

function scriptFile(file: WantedFile, path: string, { moduleFormat }: Dialect): WantedFile | undefined {
  const content = javaScriptOf(file.content, moduleFormat);
  return content === undefined ? undefined : { path, owner: file.owner, source: file.source, content };
}

function declarationFile({ owner, source, content }: WantedFile, path: string): WantedFile | undefined {
  const types = owner === 'C' || source.startsWith(ROUTES) ? undefined : declarationsOf(content);
  if (types === undefined) return undefined;
  const header = HEADER.exec(content)?.[0] ?? '';
  return {
    path: path.replace(SCRIPT, (ending) => `.d.${ending.slice(1).replace('js', 'ts')}`),
    owner,
    source,
    content: `${header}/// <reference types="node" />\n\n${types}`,
  };
}

function testFile(file: WantedFile, path: string, dialect: Dialect, format: ModuleFormat): WantedFile {
  const base = { owner: file.owner, source: file.source };
  if (format === dialect.moduleFormat) {
    return { ...base, path, content: javaScriptOf(file.content, format) ?? '' };
  }
  const complete = (specifier: string): string =>
    specifier.replace(/(?:\.c?js)?$/, specifier.startsWith('./') ? '.mjs' : dialect.fileEnding);
  const content = rewriteSpecifiers(javaScriptOf(file.content, format) ?? '', complete);
  return { ...base, path: path.replace(SCRIPT, '.mjs'), content };
}
