import { join } from 'node:path';
import { z } from 'zod';
import type { Project } from './project.ts';
import { readJson } from './workspace.ts';

const manifestSchema = z.looseObject({
  main: z.string().optional().catch(undefined),
  bin: z
    .union([z.string(), z.record(z.string(), z.string())])
    .optional()
    .catch(undefined),
  scripts: z.record(z.string(), z.string()).optional().catch(undefined),
});

/** Scripts that start a server, best first. */
const START_SCRIPTS = ['start', 'start:prod', 'start:dev', 'serve', 'dev'];
/** What npm starts where no script says so. */
const DEFAULT_START = 'server.js';
/** Those of a package with more programs than one: `orders-server`, `start-orders`. */
const OTHER_START_SCRIPT =
  /^(?!.*(?:e2e|test|mock|docs|generate))(?:(?:start|serve)[-:_].*|.*[-:_](?:start|serve|server|web|api))$/;
const RUNNER = /^(?:node|nodemon|ts-node|ts-node-dev|tsx|bun|swc-node|babel-node|pm2|nest)$/;
const SCRIPT_FILE = /^[\w@./-]+$/;
const BUILT = /^(?:dist|build|out|lib)\//;

/**
 * The files that a package is started by, as its package.json says. What they load is loaded in the order of the
 * running program, which matters where modules import each other in a circle or share what they put on `global`.
 */
export function startFiles(project: Project): string[] {
  const parsed = manifestSchema.safeParse(readJson(join(project.root, 'package.json')));
  if (!parsed.success) return [];
  const { main, bin, scripts = {} } = parsed.data;
  const bins = typeof bin === 'string' ? [bin] : Object.values(bin ?? {});
  const known = new Set(project.files);
  const sourcesOf = (names: readonly string[]): string[] =>
    names.flatMap((name) => sourceOf(project.root, name, known) ?? []);
  const usual = sourcesOf([
    ...START_SCRIPTS.flatMap((name) => filesOf(scripts[name] ?? '')),
    ...(main === undefined ? [] : [main]),
    ...bins,
  ]);
  if (usual.length > 0) return [...new Set(usual)];
  const others = Object.keys(scripts).filter((name) => OTHER_START_SCRIPT.test(name));
  const started = sourcesOf(others.flatMap((name) => filesOf(scripts[name] ?? '')));
  return [...new Set(started.length > 0 ? started : sourcesOf([DEFAULT_START]))];
}

/** `node --watch server.js`, `nodemon -x tsx src/index.ts` */
function filesOf(script: string): string[] {
  return script.split(/&&|\|\||[;|]/).flatMap((command) => {
    const words = command.trim().split(/\s+/);
    if (!words.some((word) => RUNNER.test(word))) return [];
    return words.filter((word) => !RUNNER.test(word) && SCRIPT_FILE.test(word) && /[./]/.test(word));
  });
}

function sourceOf(root: string, name: string, known: ReadonlySet<string>): string | null {
  const plain = name.replace(/^\.\//, '');
  const bare = plain.replace(/\.[cm]?js$/, '');
  const sources = [bare, bare.replace(BUILT, 'src/'), bare.replace(BUILT, '')];
  const candidates = [
    plain,
    ...sources.flatMap((path) => ['ts', 'mts', 'js', 'mjs', 'cjs'].map((ending) => `${path}.${ending}`)),
    ...sources.flatMap((path) => ['ts', 'js'].map((ending) => `${path}/index.${ending}`)),
  ];
  const found = candidates.map((path) => join(root, path)).find((path) => known.has(path));
  return found ?? null;
}
