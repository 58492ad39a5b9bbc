import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import type { Config } from '../config/load.ts';
import { entriesOf } from '../scan/files.ts';
import { manifestPath } from './manifest.ts';

/** In every framework that evtgen writes for and whose server is made by the project itself. */
const MAKES_SERVER =
  /\bNestFactory\s*\.\s*create\b|\bexpress\(\)|\b[fF]astify\(|\bnew\s+(?:Koa|Hono|OpenAPIHono)\b|\b[hH]api\.[sS]erver\(/;
const SOURCE = /(?<!\.d|\.(?:test|spec))\.[cm]?[jt]s$/;
const MAX_BYTES = 200_000;
/** They hold the applications of a monorepo, and no code of their own. */
const GROUPS = new Set(['apps', 'packages', 'services', 'projects']);
const NO_PRODUCT =
  /^(?:\.|node_modules$|dist$|build$|out$|coverage$|(?:tests?|e2e|cypress|docs?|examples?|scripts?|tools?|bin)$)/;

/**
 * The configured folder for generated code, else `src/events`, or `lib/events` where there is no `src`. Where the
 * server is in neither but in one other folder, it is `events` there: a build or an image that takes `server` alone
 * would lack what lies outside. What was generated once stays where it is.
 */
export function outputFolder(root: string, config: Config): string {
  if (config.output !== undefined) return config.output;
  const usual = existsSync(join(root, 'src')) ? 'src' : 'lib';
  const others = otherFolders(root).filter((folder) => folder !== usual);
  const outputs = [usual, ...others].map((folder) => `${folder}/events`);
  const [known] = outputs.filter((output) => existsSync(join(root, manifestPath(output))));
  if (known !== undefined) return known;
  const [server, ...more] = others.filter((folder) => makesServer(join(root, folder), 1));
  if (server === undefined || more.length > 0) return `${usual}/events`;
  return `${makesServer(root, 0) || makesServer(join(root, usual), Infinity) ? usual : server}/events`;
}

/** Folders of the same package that may hold a server, each with its own `src` instead where it has one. */
function otherFolders(root: string): string[] {
  const folders = subfolders(root, '').flatMap((folder) =>
    GROUPS.has(folder) ? subfolders(root, folder) : [folder],
  );
  return folders
    .filter((folder) => folder !== 'src' && !existsSync(join(root, folder, 'package.json')))
    .map((folder) => (existsSync(join(root, folder, 'src')) ? `${folder}/src` : folder));
}

function subfolders(root: string, folder: string): string[] {
  return entriesOf(join(root, folder))
    .filter((entry) => entry.isDirectory() && !NO_PRODUCT.test(entry.name))
    .map(({ name }) => (folder === '' ? name : `${folder}/${name}`))
    .sort();
}

/** @param depth how many levels of folders are looked into as well */
function makesServer(folder: string, depth: number): boolean {
  const entries = entriesOf(folder);
  return (
    entries.some((entry) => entry.isFile() && SOURCE.test(entry.name) && isMaker(join(folder, entry.name))) ||
    (depth > 0 &&
      entries.some(
        (entry) =>
          entry.isDirectory() &&
          !NO_PRODUCT.test(entry.name) &&
          makesServer(join(folder, entry.name), depth - 1),
      ))
  );
}

function isMaker(file: string): boolean {
  return statSync(file).size <= MAX_BYTES && MAKES_SERVER.test(readTextIfPresent(file) ?? '');
}
