import { Command } from 'commander';
import { EvtgenError } from '../ui/errors.ts';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';
import { addSchemeOptions, collect, parseTime, type SchemeFlags } from './signature-options.ts';

interface Flags extends SchemeFlags {
  secret?: string[];
  secretFile?: string;
  payload: string;
  id?: string;
  timestamp?: number;
  url?: string;
  json?: true;
  http?: true;
}

/** `evtgen sign`: signs a body as a provider would. */
export function signCommand(terminal: Terminal): Command {
  const command = new Command('sign')
    .requiredOption('--payload <file>', 'body to sign, - for stdin')
    .option('--secret-file <file>', 'file with one secret a line')
    .option('--secret <secret>', 'signing secret; visible in the process list; repeat it', collect);
  addSchemeOptions(command, 'standard')
    .option('--id <id>', 'id of the message, for schemes that have one (default: a new one)')
    .option('--timestamp <time>', 'time to sign, Unix seconds or ISO 8601 (default: now)', parseTime)
    .option('--url <url>', 'URL that the message goes to, for schemes that sign it')
    .option('--json', 'print one JSON document')
    .option('--http', 'print the whole request, as verify-sig --request reads it')
    .addHelpText(
      'after',
      '\nWithout --secret and --secret-file the secret is read from EVTGEN_SECRET, one a line.',
    )
    .action(async ({ secret = [], timestamp, json, http, ...rest }: Flags) => {
      if (json === true && http === true)
        throw new EvtgenError('usage', '--json and --http exclude each other');
      const { runSign } = await import('../verify/run-sign.ts');
      await runSign(
        {
          ...rest,
          secret,
          timestampSeconds: timestamp,
          format: json === true ? 'json' : http === true ? 'http' : 'headers',
        },
        terminal,
      );
    });
  return withExamples(command, [
    'evtgen sign --payload order.json --secret-file webhook.secret',
    'evtgen sign --scheme stripe --payload event.json --http > captured.http',
    'EVTGEN_SECRET=... evtgen sign --scheme twilio --url https://example.com/sms --payload - --json < form.txt',
  ]);
}
