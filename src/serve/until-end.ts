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
    return await runCommand(exec, { cwd, env, isTerminal: process.stdin.isTTY });
  } finally {
    await server.stop();
  }
}

export interface Interruption {
  readonly promise: Promise<NodeJS.Signals>;
  /** Undefined until it comes. */
  readonly signal: NodeJS.Signals | undefined;
}

/** The first one asks for a clean stop; a second one finds no handler and ends the process. */
export function nextSignal(): Interruption {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let came: NodeJS.Signals | undefined;
  const promise = new Promise<NodeJS.Signals>((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const name of signals) process.off(name, stop);
      came = signal;
      resolve(signal);
    };
    for (const name of signals) process.on(name, stop);
  });
  return {
    promise,
    get signal() {
      return came;
    },
  };
}

/** With a command the output is that of the command; ours goes where it is in nobody's way. */
export function besideCommand(terminal: Terminal, exec: string | undefined): Terminal {
  return exec === undefined ? terminal : { ...terminal, result: terminal.note };
}
