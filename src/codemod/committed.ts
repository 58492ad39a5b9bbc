import { execa } from 'execa';
import { EvtgenError } from '../ui/errors.ts';

/**
 * Refuses to edit files whose content git could not give back. A folder outside of git is the user's own risk
 * and allowed, as are files that git ignores.
 *
 * @throws EvtgenError `uncommitted_changes` naming the files
 */
export async function requireCommitted(root: string, files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const status = await execa('git', ['status', '--porcelain=v1', '-z', '--no-renames', '--', ...files], {
    cwd: root,
    reject: false,
    stripFinalNewline: false,
    env: { GIT_OPTIONAL_LOCKS: '0' },
  });
  // 128: not a repository. No exit code: git is not installed.
  if (status.exitCode === 128 || status.exitCode === undefined) return;
  if (status.exitCode !== 0) {
    throw new EvtgenError('git_failed', `git status failed in ${root}: ${status.stderr}`);
  }
  const changed = status.stdout
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3));
  if (changed.length === 0) return;
  throw new EvtgenError('uncommitted_changes', `uncommitted changes in ${changed.join(', ')}`, {
    hint: 'commit them first, or pass --allow-dirty to have these files edited as they are',
  });
}
