import { execa } from 'execa';
import { EvtgenError } from '../ui/errors.ts';

export interface GitAnswer {
  readonly isOk: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What git says; null outside of a repository or where there is no git. */
export async function askGit(root: string, args: readonly string[], input = ''): Promise<GitAnswer | null> {
  const { exitCode, stdout, stderr } = await execa('git', ['--literal-pathspecs', ...args], {
    cwd: root,
    reject: false,
    input,
    stripFinalNewline: false,
    env: { GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
  });
  const isMissing = exitCode === undefined || stderr.includes('not a git repository');
  return isMissing ? null : { isOk: exitCode === 0, stdout, stderr };
}

/** The same for a command that only a broken repository refuses. */
export async function git(root: string, args: readonly string[], input = ''): Promise<string | null> {
  const answer = await askGit(root, args, input);
  if (answer === null || answer.isOk) return answer?.stdout ?? null;
  throw new EvtgenError('git_failed', `git ${args[0] ?? ''} failed in ${root}: ${answer.stderr.trim()}`);
}
