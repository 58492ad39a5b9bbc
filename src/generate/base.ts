import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { parseTarGzip } from 'nanotar';
import { astHash } from './ast-hash.ts';
import { gitBlobId } from './git-blob-id.ts';
import type { ManifestEntry } from './manifest.ts';

/** The text that a file was written with, before it was edited. */
export interface Base {
  readonly text: string;
  readonly from: 'merge base' | 'git' | 'npm';
}

/** A file whose base is sought. */
export interface BaseQuestion {
  readonly path: string;
  readonly entry: ManifestEntry;
  /** Text of its file below `.evtgen/base`, if there is one. */
  readonly kept: string | undefined;
  /** Makes the file from its source in evtgen, as of a version: as it would be written now, and as it may have been. */
  render(source: string, version: string): readonly string[];
}

/** Finds bases; one for each run, since it remembers the packages that it fetched. */
export interface BaseFinder {
  find(question: BaseQuestion): Promise<Base | undefined>;
}

const GIT_TIMEOUT_MS = 20_000;
const NPM_TIMEOUT_MS = 30_000;
const COMMITS = 200;

/**
 * Looks where the base is sure to be the right one, nearest first: kept by an earlier merge, in git under its blob
 * id, in the history of the path (a formatter may have gone over it before it was committed), in the package of the
 * version that wrote it.
 */
export function createBaseFinder(root: string): BaseFinder {
  const packages = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const filesOf = (version: string): Promise<ReadonlyMap<string, string>> => {
    const known = packages.get(version) ?? fetchPackage(root, version);
    packages.set(version, known);
    return known;
  };
  return {
    async find({ path, entry, kept, render }) {
      const isBase = (text: string): boolean =>
        gitBlobId(text) === entry.blob || astHash(path, text) === entry.ast;
      if (kept !== undefined && isBase(kept)) return { text: kept, from: 'merge base' };
      for (const id of [entry.blob, ...(await historyOf(root, path))]) {
        const text = await git(root, ['cat-file', 'blob', id]);
        if (text !== '' && isBase(text)) return { text, from: 'git' };
      }
      const source = (await filesOf(entry.evtgen)).get(entry.source);
      const rendered = source === undefined ? undefined : render(source, entry.evtgen).find(isBase);
      return rendered === undefined ? undefined : { text: rendered, from: 'npm' };
    },
  };
}

/** Ids of what was committed or staged under a path, newest first. */
async function historyOf(root: string, path: string): Promise<string[]> {
  const staged = await git(root, ['ls-files', '--stage', '--', path]);
  const format = ['--format=', '--raw', '--no-abbrev', '--no-renames', `--max-count=${COMMITS}`];
  const committed = await git(root, ['log', ...format, '--', path]);
  const ids = `${staged}\n${committed}`.match(/\b[0-9a-f]{40,64}\b/g) ?? [];
  return [...new Set(ids)].filter((id) => !/^0+$/.test(id));
}

/** Empty where git has no answer, is missing, or would have to ask somebody. */
async function git(root: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout } = await execa('git', ['--literal-pathspecs', ...args], {
    cwd: root,
    reject: false,
    stripFinalNewline: false,
    stdin: 'ignore',
    timeout: GIT_TIMEOUT_MS,
    env: { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
  });
  return exitCode === 0 ? stdout : '';
}

/** The files of a published version, by path; none where it cannot be had. Nothing of it is run. */
async function fetchPackage(root: string, version: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) return files;
  const folder = mkdtempSync(join(tmpdir(), 'evtgen-base-'));
  try {
    const quick = ['--fetch-retries=0', '--fetch-timeout=15000', '--prefer-offline', '--ignore-scripts'];
    const args = ['pack', `evtgen@${version}`, `--pack-destination=${folder}`, ...quick];
    const { exitCode } = await execa('npm', args, {
      cwd: root,
      reject: false,
      stdin: 'ignore',
      timeout: NPM_TIMEOUT_MS,
    });
    const [archive] = exitCode === 0 ? readdirSync(folder) : [];
    if (archive === undefined) return files;
    for (const { name, text } of await parseTarGzip(readFileSync(join(folder, archive)))) {
      files.set(name.replace(/^[^/]+\//, ''), text);
    }
    return files;
  } catch {
    return files; // A damaged archive is as good as none.
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
