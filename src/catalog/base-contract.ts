import { join } from 'node:path';
import { askGit, git } from '../config/git.ts';
import { readTextIfPresent } from '../config/json-file.ts';
import { EvtgenError } from '../ui/errors.ts';
import { readContract, type LoadedCatalog } from './load.ts';
import { CATALOG_FILE, SCHEMA_FOLDER } from './paths.ts';

/**
 * The contract as it was where the current branch left `ref`, so that what others changed there since does not count;
 * null where there was none yet.
 * @throws EvtgenError `no_git` outside of a repository, `unknown_base` where git does not know the ref.
 */
export async function loadBaseContract(root: string, ref: string): Promise<LoadedCatalog | null> {
  const commit = await commitOf(root, ref);
  const prefix = ((await git(root, ['rev-parse', '--show-prefix'])) ?? '').trimEnd();
  const folders = [`${prefix}${CATALOG_FILE}`, `${prefix}${SCHEMA_FOLDER}`];
  const listed = await git(root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit, ...folders]);
  // Most files are as they were: asking git for each takes a process.
  const changed = split(await git(root, ['diff', '--name-only', '-z', '--no-renames', commit, '--', '.']));
  const texts = new Map<string, string>();
  for (const path of split(listed).filter((one) => one.endsWith('.json'))) {
    const file = path.slice(prefix.length);
    const text = changed.includes(path)
      ? await git(root, ['cat-file', 'blob', `${commit}:${path}`])
      : readTextIfPresent(join(root, file));
    texts.set(file, text ?? '');
  }
  const catalog = texts.get(CATALOG_FILE);
  if (catalog === undefined) return null;
  texts.delete(CATALOG_FILE);
  return readContract(catalog, [...texts], `${ref}:`);
}

async function commitOf(root: string, ref: string): Promise<string> {
  const named = await askGit(root, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ]);
  if (named === null) {
    throw new EvtgenError('no_git', `--base needs git, and ${root} is not in a repository`);
  }
  if (!named.isOk) {
    throw new EvtgenError('unknown_base', `git knows no commit ${ref}`, {
      hint: 'fetch it first; in GitHub Actions, with "fetch-depth: 0" of actions/checkout',
    });
  }
  const commit = named.stdout.trim();
  // None where the histories are not joined, or a shallow clone ends before that.
  const fork = await askGit(root, ['merge-base', commit, 'HEAD']);
  return fork?.isOk === true ? fork.stdout.trim() : commit;
}

function split(names: string | null): string[] {
  return (names ?? '').split('\0').filter((name) => name !== '');
}
