import { extname, basename } from 'node:path';
import { ts, type Project } from '../scan/project.ts';
import type { Dialect, FileEnding, SpecifierEnding } from './dialect.ts';

/**
 * Whether a team writes JavaScript: more of it than of TypeScript, of which declarations and the configurations of
 * tools do not count; with a tsconfig.json nothing but JavaScript.
 */
export function isJavaScript({ files }: Project, hasTsconfig: boolean): boolean {
  const typed = files.filter(
    (path) => /\.[cm]?tsx?$/.test(path) && !/\.d\.[cm]?ts$|\.config\.[cm]?ts$/.test(path),
  );
  const plain = files.filter(isPlain).length;
  return hasTsconfig ? typed.length === 0 && plain > 0 : plain > typed.length;
}

/** @param packageType `type` of the nearest package.json. */
export function javaScriptDialect(project: Project, packageType: string | undefined): Dialect {
  const files = project.files.filter((path) => isPlain(path) && !/\.config\.[cm]?js$/.test(path));
  const fileEnding = most(files.map((path) => extname(path).replace('jsx', 'js') as FileEnding)) ?? '.js';
  const isEsm = fileEnding === '.js' ? isEsmPackage(project, files, packageType) : fileEnding === '.mjs';
  return {
    fileEnding,
    specifierEnding: endingOf(project, files, fileEnding, isEsm && packageType === 'module'),
    moduleFormat: isEsm ? 'esm' : 'cjs',
    isStrict: true,
    missingLibs: [],
  };
}

function isPlain(path: string): boolean {
  return /\.[cm]?jsx?$/.test(path);
}

/** Without a `type`, Node takes `.js` for CommonJS unless it says `import`, as what a compiler reads does too. */
function isEsmPackage(project: Project, files: readonly string[], packageType: string | undefined): boolean {
  if (packageType !== undefined) return packageType === 'module';
  const styles = files.flatMap((file) => {
    const text = project.text(file);
    if (/^\s*(?:import\s[^(]|import\s*['"{*]|export\s)/m.test(text)) return ['esm'];
    return /\brequire\s*\(|\bmodule\.exports\b|\bexports\.\w/.test(text) ? ['cjs'] : [];
  });
  return most(styles) === 'esm';
}

/** Node itself resolves no `import` without an ending, and no `require` of a `.cjs`. */
function endingOf(
  project: Project,
  files: readonly string[],
  fileEnding: FileEnding,
  isNodeEsm: boolean,
): SpecifierEnding {
  if (fileEnding !== '.js' || isNodeEsm) return fileEnding;
  const endings = files.flatMap((file) =>
    ts
      .preProcessFile(project.text(file), true, true)
      .importedFiles.filter(({ fileName }) => /^\.\.?\/.*[^./]$/.test(fileName))
      .map(({ fileName }): SpecifierEnding => (basename(fileName).endsWith('.js') ? '.js' : '')),
  );
  return most(endings) ?? '';
}

function most<Value extends string>(values: readonly Value[]): Value | undefined {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
