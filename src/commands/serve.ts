import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../ui/duration.ts';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';

interface Flags {
  port: number;
  dataDir: string;
  inMemory?: boolean;
  secret?: string;
  retry?: number[];
  json?: boolean;
}

/** `evtgen serve`: the kernel on a database in this process, with a receiver and a page. */
export function serveCommand(terminal: Terminal): Command {
  const command = new Command('serve')
    .addOption(
      new Option('--port <port>', 'port on loopback, 0 for any free one').argParser(parsePort).default(4400),
    )
    .option('--data-dir <folder>', 'where the data is kept between runs', '.evtgen-serve')
    .option('--in-memory', 'keep nothing')
    .option('--secret <secret>', 'signing secret of the built-in receiver, whsec_...; made up when left out')
    .option(
      '--retry <delays>',
      'delays before the retries, such as 1s,2s,5s (default: 1m,5m,30m,2h,24h)',
      parseDelays,
    )
    .option('--json', 'print JSON lines; the first says that it is ready')
    .addHelpText(
      'after',
      '\nIn a folder with events/catalog.json, events are checked against their schemas.' +
        '\nIt listens on loopback only. Ctrl-C stops it; SIGTERM does too, with exit code 0.',
    )
    .action(async ({ dataDir, inMemory, retry, json, ...flags }: Flags) => {
      const { runServe } = await import('../serve/run.ts');
      process.exitCode = await runServe(
        {
          ...flags,
          dataDir: inMemory === true ? null : dataDir,
          ...(retry === undefined ? {} : { scheduleMs: retry }),
          json: json === true,
        },
        terminal,
      );
    });
  return withExamples(command, [
    'evtgen serve',
    'evtgen serve --port 0 --in-memory --json',
    'evtgen serve --retry 1s,2s,5s --data-dir /var/tmp/evtgen',
  ]);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return port;
}

function parseDelays(text: string): number[] {
  const delays = text.split(',').flatMap((part) => parseDuration(part) ?? Number.NaN);
  if (delays.some(Number.isNaN)) throw new InvalidArgumentError('Expected durations such as 1s,2s,5s.');
  return delays;
}
