import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../ui/duration.ts';
import { EvtgenError } from '../ui/errors.ts';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';

interface Flags {
  port: number;
  dataDir: string;
  inMemory?: boolean;
  secret?: string;
  retry?: number[];
  timeScale: number;
  forward?: string[];
  events: string[];
  receiver?: string[];
  project?: boolean;
  databaseUrl?: string | true;
  worker?: boolean;
  exec?: string;
  json?: boolean;
}

/** What makes no sense on the database of an application, whose configuration says it. */
const OWN_DATABASE = ['dataDir', 'inMemory', 'secret', 'retry', 'timeScale', 'forward', 'events', 'receiver'];

/** `evtgen serve`: the kernel on a database in this process, with a receiver and a page. */
export function serveCommand(terminal: Terminal): Command {
  const command = new Command('serve')
    .addOption(
      new Option('--port <port>', 'port on loopback, 0 for any free one').argParser(parsePort).default(4400),
    )
    .option('--data-dir <folder>', 'where the data is kept between runs', '.evtgen-serve')
    .option('--in-memory', 'keep nothing: the data is in a temporary folder that goes with serve')
    .option('--secret <secret>', 'signing secret of the built-in receiver, whsec_...; made up when left out')
    .option(
      '--retry <delays>',
      'delays before the retries, such as 1s,2s,5s (default: 1m,5m,30m,2h,24h)',
      parseDelays,
    )
    .addOption(
      new Option(
        '--time-scale <factor>',
        'retry so many times faster; HTTP timeouts and timestamps stay real',
      )
        .argParser(parseTimeScale)
        .default(1),
    )
    .option(
      '--forward <url>',
      'send events to your server too, signed with the same secret (repeatable)',
      collect,
    )
    .addOption(
      new Option('--events <types>', 'which events are forwarded, such as order.*,invoice.paid')
        .argParser((text) => text.split(','))
        .default(['*'], '*'),
    )
    .option(
      '--receiver <name=behaviour>',
      'a receiver that misbehaves, such as slow=delay:20s or shop=503,fail-next:3 (repeatable)',
      collect,
    )
    .option(
      '--project',
      'run the kernel and registry generated here, with your edits, instead of those of evtgen',
    )
    .option(
      '--exec <command>',
      'run this when it is ready, with EVTGEN_URL and EVTGEN_SECRET, and end with its exit code',
      parseCommandLine,
    )
    .addOption(
      new Option(
        '--database-url [url]',
        'look into the database of an application, DATABASE_URL without a value; nothing is written',
      ).conflicts(OWN_DATABASE),
    )
    .option('--worker', 'with --database-url: run the background work there, and take writes')
    .option('--json', 'print JSON lines; the first says that it is ready')
    .addHelpText(
      'after',
      '\nIn a folder with events/catalog.json, events are checked against their schemas.' +
        '\nReceivers are at /_receive/<name>. What one does is a list of: a status, reset, reset-after-headers, no-answer,' +
        '\nuntrusted-tls, delay:2s, drip:1s, fail-next:3, fail-percent:30, seed:7, retry-after:30s, retry-after-date:30s,' +
        '\nredirect:URL, body:BYTES. It can be changed while it runs, by PUT /_receive/<name>/behaviour.' +
        "\nA forward can have a filter of its own: --forward 'order.*=http://localhost:3000/webhooks'." +
        '\nIt listens on loopback only. Ctrl-C stops it; SIGTERM does too, with exit code 0.',
    )
    .action(async ({ databaseUrl, worker, project, json, ...flags }: Flags) => {
      const common = { ...flags, project: project === true, json: json === true };
      if (databaseUrl !== undefined) {
        const { runAttached } = await import('../serve/run-attached.ts');
        process.exitCode = await runAttached({ ...common, databaseUrl, isWorker: worker === true }, terminal);
        return;
      }
      if (worker === true) throw new EvtgenError('usage', '--worker goes with --database-url');
      const { runServe } = await import('../serve/run.ts');
      const { dataDir, inMemory, retry, forward = [], receiver = [] } = flags;
      process.exitCode = await runServe(
        {
          ...common,
          forward,
          receiver,
          dataDir: inMemory === true ? null : dataDir,
          ...(retry === undefined ? {} : { scheduleMs: retry }),
        },
        terminal,
      );
    });
  return withExamples(command, [
    "evtgen serve --forward http://localhost:3000/webhooks --events 'order.*'",
    'evtgen serve --receiver shop=503,fail-next:3 --time-scale 3600',
    'evtgen serve --port 0 --in-memory --exec "npm test"',
  ]);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return port;
}

function parseCommandLine(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a command line, such as "npm test".');
  return text;
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function parseTimeScale(text: string): number {
  const factor = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(factor > 0)) throw new InvalidArgumentError('Expected a number above 0, such as 3600.');
  return factor;
}

function parseDelays(text: string): number[] {
  const delays = text.split(',').flatMap((part) => parseDuration(part) ?? Number.NaN);
  if (delays.some(Number.isNaN)) throw new InvalidArgumentError('Expected durations such as 1s,2s,5s.');
  return delays;
}
