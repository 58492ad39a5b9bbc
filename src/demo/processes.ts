import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';

const EVTGEN = fileURLToPath(new URL('../../bin/evtgen.js', import.meta.url));
const READY = /ready on (http:\/\/\S+)\n/;
const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 3_000;

/** A program of the shop that runs beside the demo. */
export interface RunningProgram {
  stop(): Promise<void>;
}

export interface RunningApp extends RunningProgram {
  readonly url: string;
}

/**
 * Runs `evtgen` as a person would.
 * @returns the lines of its result.
 * @throws EvtgenError `demo_step_failed` when it exits with another code than 0.
 */
export async function runEvtgen(dir: string, args: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [EVTGEN, ...args], {
    cwd: dir,
    reject: false,
    env: { NO_COLOR: '1' },
  });
  if (exitCode === 0) return stdout.split('\n');
  throw new EvtgenError('demo_step_failed', `evtgen ${args.join(' ')} failed: ${stderr || stdout}`, {
    exitCode: ExitCode.bug,
  });
}

/**
 * Installs what the shop needs at run time, and what the generated code adds to it.
 * @throws EvtgenError `demo_install_failed` without network or a filled npm cache.
 */
export async function installPackages(dir: string, packages: readonly string[]): Promise<void> {
  const quick = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=0'];
  const { failed, stderr } = await execa('npm', ['install', ...packages, ...quick], {
    cwd: dir,
    reject: false,
  });
  if (!failed) return;
  const reason = stderr.split('\n').find((line) => /^npm (error|ERR!)/.test(line)) ?? 'npm is not installed';
  throw new EvtgenError('demo_install_failed', `the shop's packages cannot be installed: ${reason}`, {
    hint: 'the demo needs the npm registry, or an npm cache that was filled by an earlier run',
  });
}

/** @throws EvtgenError `demo_database_failed` with what the shop's own migration script said. */
export async function migrate(dir: string, env: Record<string, string>): Promise<string[]> {
  const { failed, stdout, stderr } = await execa('npm', ['run', '--silent', 'migrate'], {
    cwd: dir,
    env,
    reject: false,
  });
  if (!failed) return stdout.split('\n');
  const reason = stderr.split('\n').find((line) => /error/i.test(line)) ?? stderr.trim();
  throw new EvtgenError('demo_database_failed', `the shop's migrations failed: ${reason.trim()}`, {
    hint: '--database-url must name a PostgreSQL database that is empty and may be written to',
  });
}

/**
 * Runs what `npm start` runs (npm itself would not pass on a kill) and waits for the line that names the address.
 * @throws EvtgenError `demo_app_failed` with what the shop printed when it ends or stays silent instead.
 */
export async function startApp(dir: string, env: Record<string, string>): Promise<RunningApp> {
  const child = runInBackground(dir, env, ['--import', 'tsx', 'src/server.ts']);
  const deadline = setTimeout(() => child.kill(), READY_WITHIN_MS);
  let printed = '';
  const ready = new Promise<string>((resolve) => {
    child.all.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      const url = READY.exec(printed)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const url = await Promise.race([ready, child.then(() => undefined)]);
  clearTimeout(deadline);
  if (url !== undefined) return { url, stop: () => stopProgram(child) };
  throw new EvtgenError('demo_app_failed', `the generated shop did not start: ${printed.trim()}`, {
    exitCode: ExitCode.bug,
  });
}

/** Runs the emitted worker as a process of its own. */
export function startWorker(dir: string, env: Record<string, string>): RunningProgram {
  const child = runInBackground(dir, env, ['--import', 'tsx', 'src/events/worker.ts']);
  return { stop: () => stopProgram(child) };
}

function runInBackground(dir: string, env: Record<string, string>, args: readonly string[]) {
  return execa(process.execPath, args, {
    cwd: dir,
    env,
    all: true,
    reject: false,
    forceKillAfterDelay: STOP_WITHIN_MS,
    cleanup: true,
  });
}

async function stopProgram(child: ReturnType<typeof runInBackground>): Promise<void> {
  child.kill('SIGTERM');
  await child;
}
