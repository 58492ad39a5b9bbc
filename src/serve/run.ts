import { dirname, resolve } from 'node:path';
import { DEFAULT_URL, ORIGIN_FILE } from '../attach/find-server.ts';
import { decodeSecret, SecretError } from '../kernel/secret.ts';
import { RETRY_SCHEDULE_SECONDS } from '../kernel/retry.ts';
import { loadConfig } from '../config/load.ts';
import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';
import type { Terminal } from '../ui/terminal.ts';
import { memoryOnly, openDataFolder } from './data-folder.ts';
import { parseForward } from './forward-flag.ts';
import { ownKernel } from './kernel-modules.ts';
import { parseReceiver } from './receivers/receiver-flag.ts';
import { compareKernel, type ProjectKernel } from './project-kernel.ts';
import { loadProjectModules, withDefinitions, type ProjectModules } from './project-modules.ts';
import { loadRegistry } from './registry.ts';
import { createReporter } from './reporter.ts';
import { runCommand } from './run-command.ts';
import { startServer } from './server.ts';
import { scheduleOf } from './time-scale.ts';

/** Of envelopes, where the project has not chosen one. */
const DEFAULT_SOURCE = '/evtgen-serve';

export interface ServeOptions {
  readonly port: number;
  /** Null keeps everything in memory. */
  readonly dataDir: string | null;
  readonly secret?: string;
  /** Delays before the retries, in milliseconds; those of production when left out. */
  readonly scheduleMs?: readonly number[];
  /** So many times faster than real time are retries. */
  readonly timeScale: number;
  /** As `--forward` has them. */
  readonly forward: readonly string[];
  /** Filter of the forwards that have none of their own. */
  readonly events: readonly string[];
  /** As `--receiver` has them. */
  readonly receiver: readonly string[];
  /** Runs the kernel and the registry that were generated here, with all that was edited there. */
  readonly project: boolean;
  /** A command line that is run once it is ready, and with which it ends. */
  readonly exec?: string;
  readonly json: boolean;
}

/**
 * Serves until a signal comes or the command has ended, then stops cleanly.
 * @returns the exit code, with a command that of the command
 */
export async function runServe(options: ServeOptions, terminal: Terminal): Promise<number> {
  const interrupted = nextSignal();
  if (options.secret !== undefined) checkSecret(options.secret);
  const config = loadConfig(terminal.cwd);
  const kernel = await compareKernel(terminal.cwd, config);
  const catalog = await loadRegistry(terminal.cwd);
  const theirs = options.project ? await projectModules(terminal.cwd, kernel) : undefined;
  const registry = theirs === undefined ? catalog : withDefinitions(catalog, theirs.registry);
  const forwards = options.forward.map((text) => parseForward(text, options.events, registry));
  const receivers = options.receiver.map(parseReceiver);
  const schedule = scheduleOf(
    options.scheduleMs ?? RETRY_SCHEDULE_SECONDS.map((seconds) => seconds * 1000),
    options.timeScale,
  );
  const reporter = createReporter(
    options.exec === undefined ? terminal : besideCommand(terminal),
    options.json,
  );
  const folder =
    options.dataDir === null ? memoryOnly() : await openDataFolder(resolve(terminal.cwd, options.dataDir));
  try {
    const server = await startServer({
      port: options.port,
      folder,
      kernel: theirs?.kernel ?? ownKernel,
      registry,
      source: config.source ?? DEFAULT_SOURCE,
      secret: options.secret,
      schedule,
      forwards,
      receivers,
      reporter,
    });
    try {
      reporter.ready({
        url: server.origin,
        secret: server.secret,
        dataDir: options.dataDir,
        eventTypes: registry.eventTypes,
        example: registry.example,
        kernel,
        isProject: options.project,
        isFoundByTrigger: server.origin === DEFAULT_URL || isNotedHere(options.dataDir, terminal.cwd),
        schedule,
        forwards,
        receivers,
      });
      if (options.exec === undefined || interrupted.signal !== undefined) {
        return (await interrupted.promise) === 'SIGINT' ? ExitCode.interrupted : ExitCode.done;
      }
      return await runCommand(options.exec, {
        cwd: terminal.cwd,
        env: { EVTGEN_URL: server.origin, EVTGEN_SECRET: server.secret },
        isTerminal: process.stdin.isTTY,
      });
    } finally {
      await server.stop();
    }
  } finally {
    await folder.release();
  }
}

/** Where `trigger` looks. */
function isNotedHere(dataDir: string | null, cwd: string): boolean {
  return dataDir !== null && resolve(cwd, dataDir) === resolve(cwd, dirname(ORIGIN_FILE));
}

async function projectModules(root: string, kernel: ProjectKernel | undefined): Promise<ProjectModules> {
  if (kernel !== undefined) return loadProjectModules(root, kernel.output);
  throw new EvtgenError('nothing_generated', '--project: nothing was generated here', {
    hint: 'run "evtgen generate" first, or serve without --project',
  });
}

/** The first one asks for a clean stop; a second one finds no handler and ends the process. */
function nextSignal(): {
  readonly promise: Promise<NodeJS.Signals>;
  readonly signal: NodeJS.Signals | undefined;
} {
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

/** The output is that of the command; ours goes where it is in nobody's way. */
function besideCommand(terminal: Terminal): Terminal {
  return { ...terminal, result: terminal.note };
}

function checkSecret(secret: string): void {
  try {
    decodeSecret(secret);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new EvtgenError('secret_unusable', `--secret: ${error.message}`, {
      hint: 'expected whsec_ and 24 to 64 bytes in base64',
    });
  }
}
