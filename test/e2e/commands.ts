import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isErrno } from '../../src/ui/errors.ts';

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  /** Both, as they came. */
  readonly output: string;
}

export interface Running {
  output(): string;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

export type Environment = Readonly<Record<string, string>>;

/** Runs a line of a shell, as a script of package.json is run, to its end. */
async function run(line: string, cwd: string, env: Environment): Promise<Ended> {
  const { child, texts } = launch(line, cwd, env);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...texts };
}

/** As `run`; rejects with what was printed unless it went well. */
export async function mustRun(line: string, cwd: string, env: Environment): Promise<string> {
  const { status, stdout, output } = await run(line, cwd, env);
  if (status !== 0) throw new Error(`${line}: exit code ${status}\n${output}`);
  return stdout;
}

/** Starts what stays. It is stopped together with all that it started. */
export function start(line: string, cwd: string, env: Environment): Running {
  const { child, texts } = launch(`exec ${line}`, cwd, env);
  const ended = once(child, 'close');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    output: () => texts.output,
    hasEnded,
    async stop() {
      if (hasEnded() === false) signal(child, 'SIGTERM');
      // Whoever does not heed it has a stream open that nobody closes.
      const patience = setTimeout(() => signal(child, 'SIGKILL'), 10_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

/** To the process and all that it started. */
function signal({ pid = 0 }: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (isErrno(error) === false || error.code !== 'ESRCH') throw error;
  }
}

function launch(
  line: string,
  cwd: string,
  env: Environment,
): { child: ChildProcess; texts: { stdout: string; output: string } } {
  const child = spawn('sh', ['-c', line], {
    cwd,
    env: { ...env, PATH: `${cwd}/node_modules/.bin:${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const texts = { stdout: '', output: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text;
    texts.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.output += text));
  return { child, texts };
}
