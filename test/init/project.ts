import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { runInit, type InitOptions } from '../../src/init/run.ts';
import { waitUntil } from '../helpers/wait-until.ts';

export const DOWN = '\u001B[B';
export const ENTER = '\r';
export const CTRL_C = '\u0003';

/** A question on the screen, and what is typed then. */
export type Answer = readonly [question: RegExp, keys: string];

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` prints. */
  json(): { found: { what: string; value: string | null; from: string | null }[]; [key: string]: unknown };
}

/** Takes what is printed, and outlives the prompts as the process's own output does. */
class Screen extends Writable {
  text = '';
  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += stripVTControlCharacters(String(chunk));
    done();
  }
  override end(): this {
    return this;
  }
}

/** Runs `evtgen init` in this process: at a terminal where a person answers, in a script without answers. */
export async function init(
  root: string,
  options: Partial<InitOptions> & { readonly answers?: readonly Answer[] } = {},
): Promise<Run> {
  const { answers, ...given } = options;
  const lines = { stdout: [] as string[], stderr: [] as string[] };
  const input = new PassThrough();
  const screen = new Screen();
  const running = runInit(
    { dir: '.', said: {}, force: false, isDry: false, json: false, ...given },
    {
      cwd: root,
      env: {},
      isInteractive: answers !== undefined,
      columns: 80,
      result: (line) => void lines.stdout.push(line),
      note: (line) => void lines.stderr.push(line),
      progress: () => undefined,
    },
    { input, output: screen },
  );
  // A rejection that comes while keys are still typed is the test's to see, below.
  running.catch(() => undefined);
  for (const [question, keys] of answers ?? []) {
    await waitUntil(() => question.test(screen.text));
    screen.text = '';
    input.write(keys);
  }
  await running;
  const stdout = lines.stdout.join('\n');
  return {
    stdout,
    stderr: lines.stderr.join('\n'),
    json: () => JSON.parse(stdout) as ReturnType<Run['json']>,
  };
}

export function configOf(root: string): unknown {
  return JSON.parse(configText(root));
}

export function configText(root: string): string {
  return readFileSync(join(root, 'evtgen.config.json'), 'utf8');
}

/** A package on these dependencies. */
export function packageOn(...names: readonly string[]): object {
  return {
    name: 'orders-api',
    type: 'module',
    dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
  };
}
