import { constants } from 'node:os';
import { ExitCode } from '../ui/exit-code.ts';
import type { Terminal } from '../ui/terminal.ts';
import { runCommand } from './run-command.ts';

/** Something that serves until it is stopped. */
export interface Stoppable {
  stop(): Promise<void>;
}

export interface UntilEndOptions {
  /** A command line that is run, and with which it ends. */
  readonly exec: string | undefined;
  readonly cwd: string;
  /** Added to the environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  readonly interrupted: Interruption;
  /** Called first. */
  onReady(): void;
}

/**
 * Waits until a signal comes or the command has ended, then stops the server.
 * @returns the exit code, with a command that of the command
 */
export async function untilEnd(server: Stoppable, options: UntilEndOptions): Promise<number> {
  const { exec, cwd, env, interrupted, onReady } = options;
  try {
    onReady();
    if (exec === undefined || interrupted.signal !== undefined) {
      return (await interrupted.promise) === 'SIGINT' ? ExitCode.interrupted : ExitCode.done;
    }
    return await interrupted.leaveTo(() => runCommand(exec, { cwd, env, isTerminal: process.stdin.isTTY }));
  } finally {
    await server.stop();
  }
}

export interface Interruption {
  readonly promise: Promise<NodeJS.Signals>;
  /** Undefined until it comes. */
  readonly signal: NodeJS.Signals | undefined;
  /** While this runs, signals are its own. */
  leaveTo<Result>(run: () => Promise<Result>): Promise<Result>;
}

/** The first one asks for a clean stop. A second one ends the process at once; what is tidied up at exit still is. */
export function nextSignal(): Interruption {
  let came: NodeJS.Signals | undefined;
  let isLeft = false;
  const promise = new Promise<NodeJS.Signals>((resolve) => {
    const take = (signal: NodeJS.Signals): void => {
      if (isLeft) return;
      // oxlint-disable-next-line unicorn/no-process-exit -- an error would wait for the very stop that takes too long
      if (came !== undefined) process.exit(128 + constants.signals[signal]);
      came = signal;
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, take);
  });
  return {
    promise,
    get signal() {
      return came;
    },
    async leaveTo(run) {
      isLeft = true;
      try {
        return await run();
      } finally {
        isLeft = false;
      }
    },
  };
}

/** With a command the output is that of the command; ours goes where it is in nobody's way. */
export function besideCommand(terminal: Terminal, exec: string | undefined): Terminal {
  return exec === undefined ? terminal : { ...terminal, result: terminal.note };
}
