import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInit, type InitOptions } from '../../src/init/run.ts';
import { answering, type Answer } from '../helpers/keyboard.ts';

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` prints. */
  json(): { found: { what: string; value: string | null; from: string | null }[]; [key: string]: unknown };
}

/** Runs `evtgen init` in this process: at a terminal where a person answers, in a script without answers. */
export async function init(
  root: string,
  options: Partial<InitOptions> & { readonly answers?: readonly Answer[] } = {},
): Promise<Run> {
  const { answers, ...given } = options;
  const lines = { stdout: [] as string[], stderr: [] as string[] };
  await answering(answers ?? [], (streams) =>
    runInit(
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
      streams,
    ),
  );
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
