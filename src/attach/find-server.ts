import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';

/** Where `evtgen serve` listens unless it is told otherwise. */
export const DEFAULT_URL = 'http://127.0.0.1:4400';
/** Where it notes its URL unless it is told otherwise. */
export const ORIGIN_FILE = '.evtgen-serve/origin';
/** Where nobody listens it shows at once; on a busy machine a database in the same process takes its time. */
const PROBE_TIMEOUT_MS = 15_000;

/**
 * The URL of the server that is meant: what was given, else EVTGEN_URL, else the one that this folder's data folder
 * tells of, else the default port; of the last two the one that answers.
 * @throws EvtgenError `invalid_url`, `no_server`.
 */
export async function findServer(given: string | undefined, terminal: Terminal): Promise<string> {
  const named = given ?? (terminal.env['EVTGEN_URL'] || undefined);
  if (named !== undefined) return checkedUrl(named, given === undefined ? 'EVTGEN_URL' : '--url');
  const noted = readTextIfPresent(join(terminal.cwd, ORIGIN_FILE))?.trim();
  const candidates = new Set([...(noted === undefined || noted === '' ? [] : [noted]), DEFAULT_URL]);
  for (const url of candidates) {
    if (await isServe(url)) return url;
  }
  throw new EvtgenError(
    'no_server',
    `no evtgen serve is running here (looked at ${[...candidates].join(', ')})`,
    {
      hint: 'start one with "evtgen serve", or name one by --url, or a database by --database-url',
    },
  );
}

function checkedUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new EvtgenError(
      'invalid_url',
      `${from}: expected a URL such as ${DEFAULT_URL}, got ${JSON.stringify(text)}`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Something else may listen there by now. */
async function isServe(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const body = (await response.json()) as { readonly parts?: unknown } | null;
    return Array.isArray(body?.parts);
  } catch {
    return false;
  }
}
