import { existsSync, readdirSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import { ts } from '../scan/project.ts';
import { foldersUpwards, readJson } from '../scan/workspace.ts';
import { shellWord } from '../ui/shell-word.ts';

/**
 * The command that runs the tests in a folder by Jest, whatever its configuration looks for: many a one looks in `src`
 * alone, and those that go by `testRegex` take no `testMatch` beside it.
 * @param folder relative to the project.
 * @param ending of the files there.
 */
export function jestCommand(root: string, folder: string, ending: string): string {
  const { rootDir, hasRegex } = configuration(root);
  const pattern = hasRegex
    ? `--testRegex "${posix.basename(folder)}/.*\\.test\\.${ending}$"`
    : `--testMatch "**/${folder}/*.test.${ending}"`;
  const isSeen = rootDir === undefined;
  const roots = isSeen ? '' : ` --roots ${shellWord(posix.relative(posix.normalize(rootDir), folder))}`;
  return `${call(root)}${roots} ${pattern}`;
}

/** PGlite loads modules while it runs, which Jest allows with that flag of Node's only. */
function call(root: string): string {
  const folders = foldersUpwards(root);
  const flag = '--experimental-vm-modules';
  // Plug'n'Play has no folder with its file.
  if (folders.some((each) => existsSync(join(each, '.pnp.cjs')))) return `NODE_OPTIONS=${flag} yarn jest`;
  const file = 'node_modules/jest/bin/jest.js';
  // In a monorepo it may be installed above the package.
  const folder = folders.find((each) => existsSync(join(each, file))) ?? root;
  return `node ${flag} ${shellWord(relative(root, join(folder, file)).replaceAll('\\', '/'))}`;
}

interface Configuration {
  /** Undefined where that is the project itself and all of it is searched. */
  readonly rootDir: string | undefined;
  readonly hasRegex: boolean;
}

function configuration(root: string): Configuration {
  const source = ts.createSourceFile('jest.ts', textOf(root), ts.ScriptTarget.Latest, true);
  let [rootDir, hasRegex, hasRoots]: [string | undefined, boolean, boolean] = [undefined, false, false];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isPropertyAssignment(node)) return;
    const name = ts.isIdentifier(node.name) || ts.isStringLiteralLike(node.name) ? node.name.text : '';
    if (name === 'rootDir' && ts.isStringLiteralLike(node.initializer)) rootDir = node.initializer.text;
    if (name === 'testRegex') hasRegex = true;
    if (name === 'roots') hasRoots = true;
  };
  visit(source);
  return { rootDir: rootDir ?? (hasRoots ? '.' : undefined), hasRegex };
}

/** The object that package.json has, else the file. */
function textOf(root: string): string {
  const own = (readJson(join(root, 'package.json')) as { jest?: unknown } | undefined)?.jest;
  if (own !== undefined) return `(${JSON.stringify(own)})`;
  const file = readdirSync(root).find((name) => /^jest\.config\.(?:[cm]?[jt]s|json)$/.test(name));
  const text = file === undefined ? '' : (readTextIfPresent(join(root, file)) ?? '');
  return file?.endsWith('.json') === true ? `(${text})` : text;
}
