import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../ui/duration.ts';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';

interface Flags {
  secret?: string[];
  secretFile?: string;
  header?: string[];
  payload?: string;
  request?: string;
  tolerance: number;
  now?: number;
  json?: boolean;
}

/** `evtgen verify-sig`: checks the signature of one received webhook and says why it fails. */
export function verifySigCommand(terminal: Terminal): Command {
  const command = new Command('verify-sig')
    .option('--secret <secret>', 'signing secret, whsec_...; repeat it during a rotation', collect)
    .option('--secret-file <file>', 'file with one secret a line')
    .option('--request <file>', 'raw HTTP message as received, - for stdin')
    .option('--payload <file>', 'body as received, - for stdin; goes with --header')
    .option('--header <header>', "'name: value' as received; repeat it", collect)
    .addOption(
      new Option('--tolerance <duration>', 'how far the timestamp may be off, both ways')
        .argParser(parseTolerance)
        .default(300_000, '5m'),
    )
    .option('--now <time>', 'judge at this time (Unix seconds or ISO 8601) and not now', parseTime)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nWithout --secret and --secret-file the secret is read from EVTGEN_SECRET.')
    .addHelpText(
      'after',
      '\nExit codes: 0 good signature; 1 bad signature, missing header or clock; 2 nothing could be checked' +
        '\n(flags, files, an unusable secret, a malformed header).',
    )
    .action(async ({ secret = [], header = [], tolerance, now, json, ...flags }: Flags) => {
      const { runVerifySig } = await import('../verify/run.ts');
      process.exitCode = await runVerifySig(
        {
          ...flags,
          secret,
          header,
          toleranceMs: tolerance,
          json: json === true,
          ...(now === undefined ? {} : { nowSeconds: now }),
        },
        terminal,
      );
    });
  return withExamples(command, [
    'evtgen verify-sig --secret-file webhook.secret --request captured.http',
    "evtgen verify-sig --payload body.json --header 'webhook-id: msg_1' --header 'webhook-timestamp: 1767323045' \\\n      --header 'webhook-signature: v1,rH5Z...' --now 1767323045",
    'EVTGEN_SECRET=whsec_... evtgen verify-sig --request - --json < captured.http',
  ]);
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

function parseTolerance(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 5m or 30s.');
  return ms;
}

function parseTime(text: string): number {
  const isSeconds = /^\d{1,11}$/.test(text);
  const ms = isSeconds
    ? Number(text) * 1000
    : /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError('Expected Unix seconds or ISO 8601 such as 2026-01-02T03:04:05Z.');
  }
  return Math.floor(ms / 1000);
}
