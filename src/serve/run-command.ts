import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { EvtgenError, isErrno } from '../ui/errors.ts';

export interface RunCommandOptions {
  readonly cwd: string;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Stdin is a terminal, which sends Ctrl-C to the command by itself. */
  readonly isTerminal: boolean;
  /** So long may what the command has started outlive its shell after a signal. */
  readonly graceMs?: number;
}

/** What is passed on to the command. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const GRACE_MS = 5000;
/** Windows tells everything in a console by itself, and ending the shell there would leave the rest without it. */
const IS_WINDOWS = process.platform === 'win32';
const POLL_MS = 20;

/**
 * Runs a command line in a shell, on our own streams. Some shells die of a signal at once, before what they have
 * started has tidied up: that is waited for, too. On a terminal a second signal ends the wait; off one what is left
 * after a while is killed.
 * @returns its exit code; 128 and the number of the signal when one ended it, as shells have it.
 * @throws EvtgenError `exec_failed` when there is no shell to run it.
 */
export async function runCommand(
  command: string,
  { cwd, env, isTerminal, graceMs = GRACE_MS }: RunCommandOptions,
): Promise<number> {
  // Off a terminal it leads a process group, so that a signal reaches what the shell has started, too. On one it stays
  // in ours, as no other may read from the terminal, and what it starts holds a pipe open until it ends.
  const isLeader = !isTerminal && !IS_WINDOWS;
  const isHeld = isTerminal && !IS_WINDOWS;
  const child = spawn(command, {
    shell: true,
    stdio: ['inherit', 'inherit', 'inherit', isHeld ? 'pipe' : 'ignore'],
    cwd,
    env: { ...process.env, ...env },
    detached: isLeader,
  });
  const held = child.stdio[3] instanceof Socket ? child.stdio[3] : undefined;
  held?.resume();
  let isTold = false;
  const forward = (signal: NodeJS.Signals): void => {
    isTold = true;
    if (child.exitCode !== null || child.signalCode !== null) held?.destroy();
    if (IS_WINDOWS || (isTerminal && signal === 'SIGINT')) return;
    if (isLeader && child.pid !== undefined) killGroup(child.pid, signal);
    else child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  try {
    const [exitCode, signal] = await ended(child, command);
    if (isTold || signal === 'SIGINT') {
      if (held !== undefined && !held.closed) await once(held, 'close');
      if (isLeader && child.pid !== undefined) await endGroup(child.pid, graceMs);
    }
    return signal === null ? Number(exitCode) : 128 + constants.signals[signal];
  } finally {
    held?.destroy();
    for (const signal of SIGNALS) process.off(signal, forward);
  }
}

/** Of the shell alone: others may still have its streams open. */
async function ended(
  child: ChildProcess,
  command: string,
): Promise<[exitCode: number | null, signal: NodeJS.Signals | null]> {
  try {
    return (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  } catch (error) {
    throw new EvtgenError('exec_failed', `--exec ${command} cannot be run`, { cause: error });
  }
}

async function endGroup(leader: number, graceMs: number): Promise<void> {
  const killAt = performance.now() + graceMs;
  while (killGroup(leader, 0)) {
    if (performance.now() >= killAt) {
      killGroup(leader, 'SIGKILL');
      return;
    }
    await sleep(POLL_MS);
  }
}

/** @returns whether any of it still runs; a signal of 0 asks for no more than that */
function killGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch (error) {
    // All of it has ended.
    if (isErrno(error) && error.code === 'ESRCH') return false;
    throw error;
  }
}
