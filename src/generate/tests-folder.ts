import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import type { ts } from '../scan/project.ts';
import type { Dialect } from './dialect.ts';
import { parseConfig, parseWithFiles } from './tsconfig.ts';
import { isModernTypeScript } from './typescript-version.ts';

export const TESTS_FOLDER = 'tests/events';

/**
 * Where the emitted tests go. A build without `rootDir` lays its output out by the folder that all of its sources
 * share: tests beside `src` would make `dist/src/main.js` of `dist/main.js`; one with it takes nothing from outside of
 * it. There they go where that build does not look, else into the sources. What was written once stays where it is.
 */
export function testsFolder(
  root: string,
  { fileEnding }: Pick<Dialect, 'fileEnding'>,
  output: string,
): string {
  if (fileEnding !== '.ts') return TESTS_FOLDER;
  const inSources = `${output}/tests`;
  if (existsSync(join(root, inSources, 'support.ts'))) return inSources;
  const builds = buildsOf(root);
  const isFree = (folder: string): boolean => builds.every((build) => isUnmoved(build, root, folder));
  return [TESTS_FOLDER, 'test/events'].find(isFree) ?? inSources;
}

interface Build {
  readonly file: string;
  /** That all its sources share or have to be in, relative to the project. */
  readonly folder: string;
}

function buildsOf(root: string): Build[] {
  return readdirSync(root)
    .filter((name) => /^tsconfig(?:\.[\w.-]+)?\.json$/.test(name))
    .map((name) => ({
      file: join(root, name),
      folder: sourceFolder(root, parseWithFiles(join(root, name))),
    }));
}

function sourceFolder(root: string, { options, fileNames }: ts.ParsedCommandLine): string {
  const { rootDir, outDir, noEmit, composite } = options;
  if (rootDir !== undefined) return relative(root, rootDir).replaceAll('\\', '/');
  const isLaidOutBySources =
    outDir !== undefined && noEmit !== true && composite !== true && !isModernTypeScript(root);
  return isLaidOutBySources ? sharedFolder(root, fileNames) : '';
}

function sharedFolder(root: string, files: readonly string[]): string {
  const folders = files
    .filter((file) => !/\.d\.[cm]?ts$/.test(file))
    .map((file) => relative(root, dirname(file)).replaceAll('\\', '/').split('/'));
  const [first = []] = folders;
  const end = first.findIndex((part, index) => folders.some((parts) => parts[index] !== part));
  return (end === -1 ? first : first.slice(0, end)).join('/');
}

function isUnmoved({ file, folder }: Build, root: string, tests: string): boolean {
  if (folder === '' || folder.startsWith('..') || `${tests}/`.startsWith(`${folder}/`)) return true;
  const target = posix.join(root.replaceAll('\\', '/'), tests, 'support.ts');
  return !parseConfig(file, target).fileNames.includes(target);
}
