import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(repositoryRoot, 'bin/evtgen.js');

export interface ExecOptions {
  readonly cwd?: string;
  /** Added to a bare environment: PATH, an empty HOME and NO_COLOR. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to stdin, which is closed in any case. */
  readonly input?: string | Uint8Array;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended the process. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running `evtgen`, for commands that stay. */
export interface RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with the first line of stdout that satisfies `accept`; rejects when the process ends without it. */
  waitForLine(accept?: (line: string) => boolean): Promise<string>;
  readonly exit: Promise<ExecResult>;
  /** What it has written so far. */
  stdout(): string;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<ExecResult>;
}

let home: string | undefined;

/** Runs `evtgen` as a user would, in a process of its own, from the build in `dist`. */
export async function evtgen(args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  return startEvtgen(args, options).exit;
}

export function startEvtgen(args: readonly string[], options: ExecOptions = {}): RunningCommand {
  if (!existsSync(join(repositoryRoot, 'dist/cli.js'))) throw new Error('run `npm run build` first');
  home ??= mkdtempSync(join(tmpdir(), 'evtgen-home-'));
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd ?? repositoryRoot,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1', ...options.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  // A command that needs no input may be gone before the input is written.
  child.stdin.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error;
  });
  child.stdin.end(options.input);
  const exit = once(child, 'close').then(([status, signal]): ExecResult => ({
    stdout,
    stderr,
    status,
    signal,
  }));

  return {
    child,
    exit,
    stdout: () => stdout,
    async waitForLine(accept = () => true) {
      const find = (): string | undefined => stdout.split('\n').slice(0, -1).find(accept);
      for (;;) {
        const line = find();
        if (line !== undefined) return line;
        const ended = await Promise.race([once(child.stdout, 'data').then(() => undefined), exit]);
        if (ended !== undefined && find() === undefined) {
          throw new Error(`evtgen ended with ${ended.status} before the line came; stderr: ${ended.stderr}`);
        }
      }
    },
    async stop(signal) {
      child.kill(signal);
      return exit;
    },
  };
}
