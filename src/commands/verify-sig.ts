import { Command, InvalidArgumentError, Option } from 'commander';
import type { FixFramework } from '../verify/fixes.ts';
import { parseDuration } from '../ui/duration.ts';
import { withExamples } from '../ui/examples.ts';
import { reportFormat } from '../ui/report-format.ts';
import type { Terminal } from '../ui/terminal.ts';
import { addSchemeOptions, collect, parseTime, type SchemeFlags } from './signature-options.ts';

interface Flags extends SchemeFlags {
  secret?: string[];
  secretFile?: string;
  endpoint?: string;
  header?: string[];
  payload?: string;
  request?: string[];
  url?: string;
  tolerance?: number;
  now?: number;
  framework?: FixFramework;
  json?: true;
  github?: true;
  sarif?: true;
  junit?: true;
}

/** `evtgen verify-sig`: checks the signatures of received webhooks and says why one fails. */
export function verifySigCommand(terminal: Terminal): Command {
  const command = new Command('verify-sig')
    .option(
      '--request <file>',
      'raw HTTP message, HAR or JSON capture, folder of them, - for stdin; repeat it',
      collect,
    )
    .option('--payload <file>', 'body as received, - for stdin; goes with --header')
    .option('--header <header>', "'name: value' as received; repeat it", collect)
    .option('--secret-file <file>', 'file with one secret a line')
    .option('--secret <secret>', 'signing secret; visible in the process list; repeat it', collect)
    .option('--endpoint <name>', 'secrets are written name=secret, and this one must match');
  addSchemeOptions(command, 'by the headers')
    .option('--url <url>', 'URL as the sender has it, for schemes that sign it')
    .addOption(
      new Option(
        '--tolerance <duration>',
        'how far the timestamp may be off (default: what the provider allows, 5m)',
      ).argParser(parseTolerance),
    )
    .option(
      '--now <time>',
      'judge at this time, Unix seconds or ISO 8601 (default: when the capture was received, else now)',
      parseTime,
    )
    .addOption(
      new Option(
        '--framework <name>',
        'whose raw body the hints are about (default: by package.json)',
      ).choices(['express', 'fastify', 'nest', 'next', 'koa', 'hono']),
    )
    .option('--json', 'print one JSON document')
    .option('--github', 'print GitHub annotations')
    .option('--sarif', 'print a SARIF 2.1.0 log')
    .option('--junit', 'print a JUnit XML report')
    .addHelpText(
      'after',
      '\nWithout --secret and --secret-file the secret is read from EVTGEN_SECRET, one a line.',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 all good; 1 a bad signature, missing header or clock; 2 something could not be checked' +
        '\n(flags, files, an unusable secret, a malformed header).',
    )
    .action(async (flags: Flags) => {
      const {
        secret = [],
        header = [],
        request = [],
        tolerance,
        now,
        json,
        github,
        sarif,
        junit,
        ...rest
      } = flags;
      const { runVerifySig } = await import('../verify/run.ts');
      process.exitCode = await runVerifySig(
        {
          ...rest,
          secret,
          header,
          request,
          toleranceMs: tolerance,
          nowSeconds: now,
          format: reportFormat({ json, github, sarif, junit }, ['json', 'github', 'sarif', 'junit']),
        },
        terminal,
      );
    });
  return withExamples(command, [
    'evtgen verify-sig --secret-file webhook.secret --request captured.http',
    'EVTGEN_SECRET=whsec_... evtgen verify-sig --request captures/ --github',
    "evtgen verify-sig --scheme hmac --signature-header x-signature --signed '{timestamp}.{body}' \\\n      --timestamp-header x-timestamp --request - < captured.http",
  ]);
}

function parseTolerance(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 5m or 30s.');
  return ms;
}
