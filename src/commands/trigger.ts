import { Command, InvalidArgumentError, Option } from 'commander';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';
import { collect } from './signature-options.ts';

interface Flags {
  scenario?: string;
  list?: true;
  set?: string[];
  data?: string;
  subject?: string;
  count: number;
  rate?: number;
  seed?: number;
  tenant?: string;
  dryRun?: true;
  url?: string;
  databaseUrl?: string | true;
  json?: true;
}

const MAX_COUNT = 100_000;

/** `evtgen trigger`: sends events that look like the real thing. */
export function triggerCommand(terminal: Terminal): Command {
  const command = new Command('trigger')
    .argument('[type]', 'event type, as in events/catalog.json')
    .option(
      '--set <path=value>',
      'a value of the data, such as data.total=4200; JSON or text; repeat it',
      collect,
    )
    .option('--data <file>', 'the data itself instead of a sample, - for stdin')
    .option('--subject <id>', 'id of the resource (default: what the data says)')
    .addOption(
      new Option('--count <number>', 'so many events, each about a resource of its own')
        .argParser(wholeNumber(1, MAX_COUNT))
        .default(1),
    )
    .option('--rate <number>', 'so many a second at most', positiveNumber)
    .option('--seed <number>', 'the same seed gives the same data', wholeNumber(0, 2 ** 31))
    .option('--scenario <name>', 'play events/scenarios/<name>.json, a sequence of events')
    .option('--list', 'list the scenarios')
    .option('--dry-run', 'print what would be sent')
    .option('--url <url>', 'of the running serve (default: EVTGEN_URL, that of this folder, port 4400)')
    .option(
      '--database-url [url]',
      'write into the event log of an application; DATABASE_URL without a value',
    )
    .option('--tenant <name>', 'whose events they are; with --database-url')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nThe sample is made from the schema: by formats, enums and bounds, and by the names of properties. Ids follow' +
        '\nfrom what they identify, so that with one seed order.created and payment.captured are about one order.' +
        '\nEvents are checked against the schema before the first one is sent.',
    )
    .action(async (type: string | undefined, { set = [], dryRun, json, ...flags }: Flags) => {
      const { runTrigger, runScenarioList } = await import('../trigger/run.ts');
      if (flags.list === true) {
        process.exitCode = runScenarioList(json === true, terminal);
        return;
      }
      const { scenario, data, subject, tenant, rate, seed, url, databaseUrl } = flags;
      process.exitCode = await runTrigger(
        {
          type,
          scenario,
          set,
          count: flags.count,
          isDryRun: dryRun === true,
          isJson: json === true,
          data,
          subject,
          tenant,
          rate,
          seed,
          url,
          databaseUrl,
        },
        terminal,
      );
    });
  return withExamples(command, [
    'evtgen trigger order.created --set data.total_cents=4200',
    'evtgen trigger --scenario checkout --count 50 --rate 10',
    'evtgen trigger refund.approved --data refund.json --subject ref_1 --database-url postgres://localhost:5432/shop',
  ]);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= min && number <= max)) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
    }
    return number;
  };
}

function positiveNumber(text: string): number {
  const number = /^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (number <= 0) throw new InvalidArgumentError('Expected a number above 0.');
  return number;
}
