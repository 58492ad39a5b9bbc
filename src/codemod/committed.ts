import { git } from '../config/git.ts';
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
