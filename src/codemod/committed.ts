import { execa } from 'execa';
import { EvtgenError } from '../ui/errors.ts';

/**
 * Refuses to edit files whose content git could not give back. A folder outside of git is the user's own risk
 * and allowed, as are files that git ignores.
 *
 * @param files relative to the root.
 * @throws EvtgenError `uncommitted_changes` naming the files.
 */
export async function requireCommitted(root: string, files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const prefix = await git(root, ['rev-parse', '--show-prefix']);
  if (prefix === null) return;
  const status = await git(root, ['status', '--porcelain=v1', '-z', '--no-renames', '-uall', '--', ...files]);
  // Each entry is two letters, a space and the path from the top of the repository.
  const changed = new Set(status?.split('\0').map((entry) => entry.slice(3 + prefix.trimEnd().length)));
  const refused = files.filter((file) => changed.has(file));
  if (refused.length === 0) return;
  throw new EvtgenError('uncommitted_changes', `uncommitted changes in ${refused.join(', ')}`, {
    hint: 'commit them first, or pass --allow-dirty to have these files edited as they are',
  });
}

/** Null outside of a repository or where there is no git. */
async function git(root: string, args: readonly string[]): Promise<string | null> {
  const result = await execa('git', ['--literal-pathspecs', ...args], {
    cwd: root,
    reject: false,
    env: { GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
  });
  if (result.exitCode === 0) return result.stdout;
  const isMissing = result.exitCode === undefined || result.stderr.includes('not a git repository');
  if (isMissing) return null;
  throw new EvtgenError('git_failed', `git ${args[0] ?? ''} failed in ${root}: ${result.stderr}`);
}
