import { dirname, resolve } from 'node:path';
import { DEFAULT_URL, ORIGIN_FILE } from '../attach/find-server.ts';
import { decodeSecret, SecretError } from '../kernel/secret.ts';
import { RETRY_SCHEDULE_SECONDS } from '../kernel/retry.ts';
import { loadConfig } from '../config/load.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';
import { openDataFolder } from './data-folder.ts';
import { parseForward } from './forward-flag.ts';
import { loadKernel } from './load-kernel.ts';
import { parseReceiver } from './receivers/receiver-flag.ts';
import { createReporter } from './reporter.ts';
import { startServer } from './server.ts';
import { openTemporaryFolder } from './temporary-folder.ts';
import { scheduleOf } from './time-scale.ts';
import { besideCommand, nextSignal, untilEnd } from './until-end.ts';

/** Of envelopes, where the project has not chosen one. */
const DEFAULT_SOURCE = '/evtgen-serve';

export interface ServeOptions {
  readonly port: number;
  /** Null keeps nothing when it ends. */
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
  const { kernel, registry, difference } = await loadKernel(terminal.cwd, config, options.project);
  const forwards = options.forward.map((text) => parseForward(text, options.events, registry));
  const receivers = options.receiver.map(parseReceiver);
  const schedule = scheduleOf(
    options.scheduleMs ?? RETRY_SCHEDULE_SECONDS.map((seconds) => seconds * 1000),
    options.timeScale,
  );
  const reporter = createReporter(besideCommand(terminal, options.exec), options.json);
  const { dataDir } = options;
  const server = await startServer({
    port: options.port,
    openFolder: () =>
      dataDir === null ? openTemporaryFolder() : openDataFolder(resolve(terminal.cwd, dataDir)),
    kernel,
    registry,
    source: config.source ?? DEFAULT_SOURCE,
    secret: options.secret,
    schedule,
    forwards,
    receivers,
    reporter,
  });
  const onReady = (): void =>
    reporter.ready({
      url: server.origin,
      secret: server.secret,
      token: server.token,
      dataDir,
      eventTypes: registry.eventTypes,
      example: registry.example,
      kernel: difference,
      isProject: options.project,
      isFoundByTrigger: server.origin === DEFAULT_URL || isNotedHere(dataDir, terminal.cwd),
      schedule,
      forwards,
      receivers,
    });
  return untilEnd(server, {
    exec: options.exec,
    cwd: terminal.cwd,
    env: { EVTGEN_URL: server.origin, EVTGEN_SECRET: server.secret, EVTGEN_TOKEN: server.token },
    interrupted,
    onReady,
  });
}

/** Where `trigger` looks. */
function isNotedHere(dataDir: string | null, cwd: string): boolean {
  return dataDir !== null && resolve(cwd, dataDir) === resolve(cwd, dirname(ORIGIN_FILE));
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
