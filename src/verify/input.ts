import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decodeSecret, SecretError } from '../kernel/secret.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';
import { parseHeaderLines, parseHttpMessage, type HttpMessage } from './http-message.ts';

/** The options of `verify-sig` that say what to check, as given. */
export interface InputOptions {
  readonly secret: readonly string[];
  readonly secretFile?: string;
  readonly header: readonly string[];
  readonly payload?: string;
  readonly request?: string;
}

/** @throws EvtgenError `usage` when two options want to read the same stdin. */
export function checkStdinIsReadOnce(options: InputOptions): void {
  const readers = [options.secretFile, options.payload, options.request].filter((path) => path === '-');
  if (readers.length > 1) throw new EvtgenError('usage', 'only one option can read stdin (-)');
}

/**
 * The secrets to try, each known to be usable: flags and file together, else EVTGEN_SECRET.
 * @throws EvtgenError `secret_missing` or `secret_unusable`, naming where it came from and never the secret.
 */
export async function readSecrets(options: InputOptions, terminal: Terminal): Promise<string[]> {
  const given = options.secret.map((secret, index) => {
    return { secret, origin: options.secret.length > 1 ? `--secret (number ${index + 1})` : '--secret' };
  });
  if (options.secretFile !== undefined) {
    const text = Buffer.from(await readBytes(options.secretFile, terminal, '--secret-file')).toString('utf8');
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (line.trim() !== '')
        given.push({ secret: line.trim(), origin: `${options.secretFile}:${index + 1}` });
    }
    if (text.trim() === '') throw new EvtgenError('secret_missing', `${options.secretFile} holds no secret`);
  }
  if (given.length === 0) {
    for (const secret of terminal.env['EVTGEN_SECRET']?.split(/\s+/) ?? []) {
      if (secret !== '') given.push({ secret, origin: 'EVTGEN_SECRET' });
    }
  }
  if (given.length === 0) {
    throw new EvtgenError('secret_missing', 'no secret to check with', {
      hint: 'give --secret, --secret-file or the environment variable EVTGEN_SECRET',
    });
  }
  for (const { secret, origin } of given) checkSecret(secret, origin);
  return given.map(({ secret }) => secret);
}

/**
 * The message to check: `--request`, or `--header` with `--payload`.
 * @throws EvtgenError when the flags do not add up to one message or a file cannot be read.
 */
export async function readMessage(options: InputOptions, terminal: Terminal): Promise<HttpMessage> {
  if (options.request !== undefined) {
    if (options.payload !== undefined || options.header.length > 0) {
      throw new EvtgenError('usage', '--request holds headers and body; leave out --header and --payload');
    }
    const where = options.request === '-' ? 'stdin' : options.request;
    return parseHttpMessage(await readBytes(options.request, terminal, '--request'), where);
  }
  if (options.payload === undefined) {
    throw new EvtgenError('usage', 'nothing to check', {
      hint: "give --request FILE, or --payload FILE with --header 'name: value' for each of the webhook headers",
    });
  }
  const headers = parseHeaderLines(options.header, () => '--header');
  return {
    headers,
    body: await readBytes(options.payload, terminal, '--payload'),
    announcedBytes: undefined,
  };
}

function checkSecret(secret: string, origin: string): void {
  try {
    decodeSecret(secret);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new EvtgenError('secret_unusable', `${origin}: ${error.message}`, {
      hint: 'expected whsec_ and 24 to 64 bytes in base64, as the sender shows it',
    });
  }
}

async function readBytes(path: string, terminal: Terminal, flag: string): Promise<Uint8Array> {
  if (path === '-') return readStdin();
  try {
    return await readFile(resolve(terminal.cwd, path));
  } catch (error) {
    throw new EvtgenError('file_unreadable', `${flag} ${path} cannot be read`, { cause: error });
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
