import { execa } from 'execa';
import { constants } from 'node:os';
import { EvtgenError, isErrno } from '../ui/errors.ts';

export interface RunCommandOptions {
  readonly cwd: string;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Stdin is a terminal, which sends Ctrl-C to the command by itself. */
  readonly isTerminal: boolean;
}

/** What is passed on to the command. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command line in a shell, on our own streams.
 * @returns its exit code; 128 and the number of the signal when one ended it, as shells have it.
 * @throws EvtgenError `exec_failed` when there is no shell to run it.
 */
export async function runCommand(
  command: string,
  { cwd, env, isTerminal }: RunCommandOptions,
): Promise<number> {
  // Off a terminal it leads a process group, so that a signal reaches what the shell has started, too.
  const isLeader = !isTerminal && process.platform !== 'win32';
  const child = execa(command, {
    shell: true,
    stdio: 'inherit',
    reject: false,
    cwd,
    env,
    detached: isLeader,
  });
  const forward = (signal: NodeJS.Signals): void => {
    if (isTerminal && signal === 'SIGINT') return;
    if (isLeader && child.pid !== undefined) killGroup(child.pid, signal);
    else child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  try {
    const { exitCode, signal, cause } = await child;
    if (signal !== undefined) return 128 + constants.signals[signal];
    if (exitCode !== undefined) return exitCode;
    throw new EvtgenError('exec_failed', `--exec ${command} cannot be run`, { cause });
  } finally {
    for (const signal of SIGNALS) process.off(signal, forward);
  }
}

function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // It has just ended.
    if (!isErrno(error) || error.code !== 'ESRCH') throw error;
  }
}
