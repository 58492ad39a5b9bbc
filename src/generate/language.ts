import type { Dialect, ModuleFormat } from './dialect.ts';
import { declarationsOf, javaScriptOf } from './javascript.ts';
import type { WantedFile } from './plan.ts';
import { rewriteSpecifiers } from './specifiers.ts';
import { TESTS_FOLDER } from './tests-folder.ts';

const SCRIPT = /\.[cm]?[jt]s$/;
/** What only frameworks and the team's own files import, and never for a type. */
const ROUTES = 'templates/routes/';
const HEADER = /^\/\/ evtgen .*\n(?:\/\* eslint.*\*\/\n)*/;

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
  return files.flatMap((file) => {
    if (!SCRIPT.test(file.path)) return [file];
    if (file.path.startsWith(`${TESTS_FOLDER}/`))
      return [testFile(file, dialect, testFormat(dialect, testRunner))];
    return [scriptFile(file, dialect), declarationFile(file, dialect)].filter((one) => one !== undefined);
  });
}

function scriptFile(file: WantedFile, dialect: Dialect): WantedFile | undefined {
  const path = emittedPath(dialect, file.path);
  return remade(file, path, dialect, (text) => javaScriptOf(withTypeTags(text), dialect.moduleFormat));
}

/** A described constant of an imported type keeps it in a comment: the team fills it in, and no declaration says it. */
function withTypeTags(text: string): string {
  return text.replace(/\n \*\/\nexport const \w+: (\w+) =/, (found, type: string) => {
    const from = new RegExp(`^import type \\{ ${type} \\} from '([^']+)';$`, 'm').exec(text)?.[1];
    return from === undefined ? found : `\n *\n * @type {import('${from}').${type}}${found}`;
  });
}

function declarationFile(file: WantedFile, dialect: Dialect): WantedFile | undefined {
  if (file.owner === 'C' || file.source.startsWith(ROUTES)) return undefined;
  const path = emittedPath(dialect, file.path).replace(
    SCRIPT,
    (end) => `.d.${end.slice(1).replace('js', 'ts')}`,
  );
  return remade(file, path, dialect, (text) => {
    const types = declarationsOf(text);
    return types === undefined
      ? undefined
      : `${HEADER.exec(text)?.[0] ?? ''}/// <reference types="node" />\n\n${types}`;
  });
}

function testFile(file: WantedFile, dialect: Dialect, format: ModuleFormat): WantedFile {
  const isOwnFormat = format === dialect.moduleFormat;
  const path = isOwnFormat ? emittedPath(dialect, file.path) : file.path.replace(SCRIPT, '.mjs');
  const complete = (specifier: string): string =>
    specifier.replace(/(?:\.c?js)?$/, specifier.startsWith('./') ? '.mjs' : dialect.fileEnding);
  const make = (text: string): string => {
    const code = javaScriptOf(text, format) ?? '';
    return isOwnFormat ? code : rewriteSpecifiers(code, complete);
  };
  return remade(file, path, dialect, make) ?? { ...file, path };
}

/** The same file under another name, now and as of other versions of evtgen; undefined where it comes to nothing. */
function remade(
  file: WantedFile,
  path: string,
  { fileEnding }: Dialect,
  make: (text: string) => string | undefined,
): WantedFile | undefined {
  // Comments name the files that are the team's to change.
  const convert = (text: string): string | undefined =>
    make(text.replaceAll(/`(setup|casters)\.ts`/g, `\`$1${fileEnding}\``));
  const content = convert(file.content);
  if (content === undefined) return undefined;
  const { render } = file;
  if (render === undefined) return { ...file, path, content };
  return { ...file, path, content, render: (source, version) => convert(render(source, version)) ?? '' };
}
