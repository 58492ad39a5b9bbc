import { InvalidArgumentError, Option, type Command } from 'commander';
import type { SchemeOptions } from '../verify/choose-scheme.ts';

/** Flags of `addSchemeOptions`, as commander gives them. */
export type SchemeFlags = SchemeOptions;

const NAMES =
  'standard, svix, stripe, github, slack, shopify, twilio, square, convoy, outpost, hook0 or hmac';

/** The flags that say how a message is signed. */
export function addSchemeOptions(command: Command, defaultScheme: string): Command {
  return command
    .option('--scheme <name>', `${NAMES} (default: ${defaultScheme})`)
    .option('--signature-header <name>', 'hmac: the header that holds the signature')
    .option('--signature-prefix <text>', "hmac: what stands before the signature, such as 'sha256='")
    .option('--signed <template>', "hmac: what is signed, such as '{timestamp}.{body}' (default: '{body}')")
    .option('--timestamp-header <name>', 'hmac: the header of {timestamp}')
    .option('--id-header <name>', 'hmac: the header of {id}')
    .addOption(
      new Option('--algorithm <hash>', 'hmac: the hash (default: sha256)').choices([
        'sha1',
        'sha256',
        'sha384',
        'sha512',
      ]),
    )
    .addOption(
      new Option('--encoding <name>', 'hmac: of the signature (default: hex)').choices([
        'hex',
        'base64',
        'base64url',
      ]),
    )
    .addOption(
      new Option(
        '--key-encoding <name>',
        'hmac: of the secret (default: utf8, the characters are the key)',
      ).choices(['utf8', 'hex', 'base64', 'base64url']),
    );
}

export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

/** Unix seconds of an instant written as such or in ISO 8601. */
export function parseTime(text: string): number {
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
