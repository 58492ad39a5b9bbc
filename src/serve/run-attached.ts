import { openUserDatabase } from '../attach/user-database.ts';
import { loadConfig } from '../config/load.ts';
import { packageName } from '../config/package-name.ts';
import { sourceOf } from '../config/source.ts';
import type { Terminal } from '../ui/terminal.ts';
import { startAttachedServer } from './attached-server.ts';
import { loadKernel } from './load-kernel.ts';
import { createReporter } from './reporter.ts';
import { besideCommand, nextSignal, untilEnd } from './until-end.ts';

export interface AttachedOptions {
  readonly port: number;
  /** True stands for DATABASE_URL. */
  readonly databaseUrl: string | true;
  /** Runs the background work there and takes writes; else nothing is written. */
  readonly isWorker: boolean;
  /** Runs the kernel and the registry that were generated here. */
  readonly project: boolean;
  /** A command line that is run once it is ready, and with which it ends. */
  readonly exec?: string;
  readonly json: boolean;
}

/**
 * Serves the page and the API on the database of an application.
 * @returns the exit code, with a command that of the command
 */
export async function runAttached(options: AttachedOptions, terminal: Terminal): Promise<number> {
  const interrupted = nextSignal();
  const { cwd, env } = terminal;
  const { isWorker, project, exec } = options;
  const config = loadConfig(cwd);
  const { kernel, registry, difference } = await loadKernel(cwd, config, project);
  const reporter = createReporter(besideCommand(terminal, exec), options.json);
  const database = await openUserDatabase(options.databaseUrl, terminal, { isReadOnly: !isWorker });
  try {
    const server = await startAttachedServer({
      port: options.port,
      database,
      isWorker,
      environment: env,
      kernel,
      registry,
      source: sourceOf(config, packageName(cwd), cwd),
      reporter,
    });
    const onReady = (): void =>
      reporter.attached({
        url: server.origin,
        database: database.place,
        isReadOnly: !isWorker,
        eventTypes: registry.eventTypes,
        kernel: difference,
        isProject: project,
      });
    return await untilEnd(server, { exec, cwd, env: { EVTGEN_URL: server.origin }, interrupted, onReady });
  } finally {
    await database.close();
  }
}
