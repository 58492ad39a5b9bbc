import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../helpers/exec.ts';
import { ormFolder } from '../stores/orms/installed.ts';
import type { Fixture } from './fixtures.ts';

const run = promisify(execFile);

/** What no other test needs, so that it is installed when the first fixture asks for it. */
const ownFolder = join(repositoryRoot, 'test/e2e/packages');

const QUIET = ['--no-audit', '--no-fund', '--prefer-offline'];

interface Manifest {
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** evtgen as it is published, installed with its dependencies; returns the folder of the package. */
export async function installTarball(folder: string): Promise<string> {
  // The build is there already; the scripts would make it anew under the feet of other tests.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', pack, { cwd: repositoryRoot });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  const target = join(folder, 'tool');
  mkdirSync(target);
  await run('npm', ['init', '--yes'], { cwd: target });
  await run('npm', ['install', ...QUIET, join(folder, packed.filename)], { cwd: target });
  return join(target, 'node_modules/evtgen');
}

/** Gives the project what its package.json names, and evtgen, and nothing else: a package that it lacks is not found. */
export async function installPackages(root: string, fixture: Fixture, evtgen: string): Promise<void> {
  const { dependencies, devDependencies } = readManifest(root);
  link(root, 'evtgen', evtgen);
  await addPackages(root, fixture, Object.keys({ ...dependencies, ...devDependencies }));
}

/** What `npm install` would do, from what is installed on this machine already. */
export async function addPackages(root: string, fixture: Fixture, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (existsSync(join(root, 'node_modules', name)) === false) link(root, name, await find(name, fixture));
  }
}

async function find(name: string, { typescript }: Fixture): Promise<string> {
  if (name === 'typescript') {
    return join(repositoryRoot, 'node_modules', typescript === '6.0' ? name : `${name}-${typescript}`);
  }
  const isOwn = Object.hasOwn(readManifest(ownFolder).dependencies ?? {}, name);
  const folders = isOwn ? [ownFolder] : [ormFolder, repositoryRoot];
  if (isOwn && existsSync(join(ownFolder, 'node_modules', name)) === false) {
    await run('npm', ['install', '--no-package-lock', ...QUIET], { cwd: ownFolder });
  }
  const found = folders
    .map((folder) => join(folder, 'node_modules', name))
    .find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`${name} is installed nowhere: add it to test/e2e/packages`);
  return found;
}

function link(root: string, name: string, target: string): void {
  const place = join(root, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
  const bins = join(root, 'node_modules/.bin');
  mkdirSync(bins, { recursive: true });
  const { bin } = readManifest(target);
  const programs = typeof bin === 'string' ? { [name.split('/').at(-1) ?? name]: bin } : (bin ?? {});
  for (const [program, path] of Object.entries(programs)) {
    if (existsSync(join(bins, program)) === false) symlinkSync(join(target, path), join(bins, program));
  }
}
