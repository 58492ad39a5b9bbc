import { InvalidArgumentError, type Command } from 'commander';
import type { ApiTarget } from '../attach/with-api.ts';
import { collect } from './signature-options.ts';

/** Flags of `addTargetOptions`, as commander gives them. */
export interface TargetFlags {
  url?: string;
  header?: string[];
  databaseUrl?: string | true;
  tenant?: string;
}

/** The flags that say whose log is meant. */
export function addTargetOptions(command: Command): Command {
  return command
    .option(
      '--url <url>',
      'of a running serve, or of where your application has the event routes (default: EVTGEN_URL, the serve of this folder, port 4400)',
    )
    .option('--header <header>', "for your application: 'authorization: Bearer ...'; repeat it", collect)
    .option('--database-url [url]', 'the database itself; DATABASE_URL without a value')
    .option('--tenant <name>', 'one tenant only');
}

export function targetOf({ url, header = [], databaseUrl, tenant }: TargetFlags): ApiTarget {
  return { url, headers: header, databaseUrl, tenant };
}

const MAX_LIMIT = 10_000;

export function parseLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) {
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_LIMIT}.`);
  }
  return limit;
}
