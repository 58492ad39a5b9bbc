import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';
import type { Terminal } from '../ui/terminal.ts';
import { parseHeaderLines } from './captures/http-message.ts';
import { readBytes, readCaptures, type Capture, type Unread } from './captures/read.ts';
import { chosenScheme, schemeOf, type SchemeOptions } from './choose-scheme.ts';
import { fixFor, frameworkOf, type FixFramework } from './fixes.ts';
import { stateOf, type Checked, type NowSource, type Result } from './result.ts';
import { KeyError, type Scheme } from './schemes/scheme.ts';
import { readSecrets, type SecretOptions, type Secrets } from './secrets.ts';
import { judge } from './verdict.ts';

export type ReportFormat = 'human' | 'json' | 'github' | 'sarif' | 'junit';

export interface VerifySigOptions extends SecretOptions, SchemeOptions {
  readonly request: readonly string[];
  readonly header: readonly string[];
  readonly payload?: string | undefined;
  /** Overrides the URL of every message. */
  readonly url?: string | undefined;
  /** What the scheme allows when left out. */
  readonly toleranceMs?: number | undefined;
  /** Unix seconds; the capture's own time or this machine's clock when left out. */
  readonly nowSeconds?: number | undefined;
  /** Whose way to keep the raw body the hints tell; the one in package.json when left out. */
  readonly framework?: FixFramework | undefined;
  readonly format: ReportFormat;
}

/** Checks the messages, prints the verdicts and says with which code to exit. */
export async function runVerifySig(options: VerifySigOptions, terminal: Terminal): Promise<ExitCode> {
  checkStdinIsReadOnce(options);
  const chosen = chosenScheme(options);
  const secrets = await readSecrets(options, terminal);
  const captures = await readMessages(options, terminal);
  const framework = options.framework ?? (await frameworkHere(terminal));
  const results = captures.map((capture): Result =>
    'error' in capture ? capture : check(capture, chosen, secrets, framework, options),
  );
  // A folder is summed up also where it holds one capture.
  const isSummedUp = results.length > 1 || results.some(({ source }) => !isNamed(source, options));
  await print(results, options.format, isSummedUp, terminal);
  const states = results.map(stateOf);
  if (states.includes('bad')) return ExitCode.findings;
  return states.includes('not checked') ? ExitCode.usage : ExitCode.done;
}

function check(
  { source, file, message: captured }: Capture,
  chosen: Scheme | null,
  secrets: Secrets,
  framework: FixFramework | null,
  options: VerifySigOptions,
): Checked {
  const message = options.url === undefined ? captured : { ...captured, url: options.url };
  const [nowSeconds, nowSource] = nowFor(options.nowSeconds, message.receivedAt);
  const scheme = schemeOf(message.headers, chosen);
  try {
    const verdict = judge({
      message,
      scheme,
      secrets: secrets.own,
      otherSecrets: secrets.others,
      toleranceSeconds: options.toleranceMs === undefined ? undefined : options.toleranceMs / 1000,
      nowSeconds,
    });
    return {
      source,
      file,
      ...verdict,
      fix: verdict.code === null ? null : fixFor(verdict.code, framework, scheme.id),
      now: new Date(nowSeconds * 1000).toISOString(),
      nowSource,
    };
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    throw new EvtgenError(
      'secret_unusable',
      `the secret cannot be used for ${scheme.title}: ${error.message}`,
      {
        hint: 'give it exactly as the sender shows it',
      },
    );
  }
}

function nowFor(given: number | undefined, receivedAt: number | undefined): [number, NowSource] {
  if (given !== undefined) return [given, 'flag'];
  if (receivedAt !== undefined) return [receivedAt, 'capture'];
  return [Math.floor(Date.now() / 1000), 'clock'];
}

/** @throws EvtgenError when the flags do not add up to messages or a file cannot be read. */
async function readMessages(
  options: VerifySigOptions,
  terminal: Terminal,
): Promise<readonly (Capture | Unread)[]> {
  const { request, payload, header } = options;
  if (request.length > 0) {
    if (payload !== undefined || header.length > 0) {
      throw new EvtgenError('usage', '--request holds headers and body; leave out --header and --payload');
    }
    return readCaptures(request, terminal);
  }
  if (payload === undefined) {
    throw new EvtgenError('usage', 'nothing to check', {
      hint: "give --request FILE, or --payload FILE with --header 'name: value' for each of the webhook headers",
    });
  }
  const message = {
    headers: parseHeaderLines(header, () => '--header'),
    body: await readBytes(payload, terminal, '--payload'),
    announcedBytes: undefined,
    overlong: undefined,
    method: 'POST',
    url: undefined,
    receivedAt: undefined,
  };
  return [{ source: payload, file: payload === '-' ? null : payload, message }];
}

/** @throws EvtgenError `usage` when two options want to read the same stdin. */
function checkStdinIsReadOnce({ secretFile, payload, request }: VerifySigOptions): void {
  const readers = [secretFile, payload, ...request].filter((path) => path === '-');
  if (readers.length > 1) throw new EvtgenError('usage', 'only one option can read stdin (-)');
}

async function frameworkHere(terminal: Terminal): Promise<FixFramework | null> {
  try {
    return frameworkOf(await readFile(resolve(terminal.cwd, 'package.json'), 'utf8'));
  } catch {
    // The hint is then for no framework.
    return null;
  }
}

function isNamed(source: string, { request, payload }: VerifySigOptions): boolean {
  return source === 'stdin' || source === payload || request.includes(source);
}

async function print(
  results: readonly Result[],
  format: ReportFormat,
  isSummedUp: boolean,
  terminal: Terminal,
): Promise<void> {
  switch (format) {
    case 'human':
      (await import('./reports/human.ts')).reportForPeople(results, terminal, isSummedUp);
      return;
    case 'json':
      terminal.result((await import('./reports/json.ts')).jsonReport(results));
      return;
    case 'github':
      for (const line of (await import('./reports/github.ts')).githubReport(results)) terminal.result(line);
      return;
    case 'sarif': {
      const { createRequire } = await import('node:module');
      const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
      terminal.result((await import('./reports/sarif.ts')).sarifReport(results, version));
      return;
    }
    case 'junit':
      terminal.result((await import('./reports/junit.ts')).junitReport(results));
  }
}
