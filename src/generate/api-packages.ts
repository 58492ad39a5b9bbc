import { realpathSync } from 'node:fs';
import { posix, relative, resolve, sep } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { scanPackages } from '../scan/scan-packages.ts';
import { findWorkspace } from '../scan/workspace.ts';
import { EvtgenError } from '../ui/errors.ts';
import { shellWord } from '../ui/shell-word.ts';
import type { Terminal } from '../ui/terminal.ts';
import { frameworksIn } from './detect-framework.ts';
import { readPackage } from './package.ts';

export interface ApiPackage {
  /** As a command takes it. */
  readonly folder: string;
  /** What is known of it: `12 mutations, express`. */
  readonly says: string;
}

/**
 * The packages of a monorepo whose root is said in place of one of them: those that have mutations, or if none has any,
 * those that depend on a framework. Undefined where the folder is no such root, or is an API itself.
 * @param dir the folder as it was said.
 */
export function apiPackages(dir: string, terminal: Terminal): ApiPackage[] | undefined {
  const root = realpathSync(resolve(terminal.cwd, dir));
  const workspace = findWorkspace(root);
  if (!workspace.isMonorepo || workspace.root !== root) return undefined;
  const scanned = scannedPackages(root, terminal);
  if (scanned.some(({ folder }) => folder === '')) return undefined;
  const packages = scanned.length > 0 ? scanned : likelyPackages(root, workspace.packages());
  if (packages === undefined) return undefined;
  return packages.map(({ folder, says }) => ({ folder: posix.join(dir.split(sep).join('/'), folder), says }));
}

/** @throws EvtgenError `monorepo_root`, with the command for each package. */
export function refuseMonorepoRoot(packages: readonly ApiPackage[], command: string, dir: string): never {
  const folders = packages.map(({ folder }) => shellWord(folder));
  const width = Math.max(...folders.map(({ length }) => length));
  const lines = packages.map(
    ({ says }, index) => `\n  evtgen ${command} ${folders[index]?.padEnd(width)}  (${says})`,
  );
  throw new EvtgenError(
    'monorepo_root',
    `${dir === '.' ? 'this folder' : dir} is the root of a monorepo, and registers no mutations itself`,
    {
      hint:
        lines.length === 0
          ? `nor does any package in it; name the folder that it is about: evtgen ${command} <dir>`
          : `these packages look like APIs:${lines.join('')}`,
    },
  );
}

function scannedPackages(root: string, terminal: Terminal): ApiPackage[] {
  try {
    const onProgress = (text: string): void => terminal.progress(`${text} …`);
    const { packages } = scanPackages(root, (folder) => ({
      ...loadConfig(folder).scan,
      onProgress,
      payloads: false,
    }));
    return packages.flatMap(({ folder, report: { mutations, frameworks } }) => {
      const count = `${mutations.length} ${mutations.length === 1 ? 'mutation' : 'mutations'}`;
      return mutations.length === 0 ? [] : [{ folder, says: [count, ...frameworks].join(', ') }];
    });
  } finally {
    terminal.progress(null);
  }
}

function likelyPackages(
  root: string,
  packages: readonly { readonly folder: string }[],
): ApiPackage[] | undefined {
  if (frameworkOf(root) !== undefined) return undefined;
  return packages.flatMap(({ folder }) => {
    const framework = folder === root ? undefined : frameworkOf(folder);
    const path = relative(root, folder).split(sep).join('/');
    return framework === undefined ? [] : [{ folder: path, says: framework }];
  });
}

/** What is for development only says nothing of what a package is. */
function frameworkOf(folder: string): string | undefined {
  try {
    return frameworksIn({ ...readPackage(folder).manifest, devDependencies: undefined })[0]?.title;
  } catch (error) {
    // A package.json that is missing or broken is for the command in that package to report.
    if (error instanceof EvtgenError) return undefined;
    throw error;
  }
}
