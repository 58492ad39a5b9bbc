import { createUuidv7 } from '../kernel/uuid.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';
import { readBytes } from './captures/read.ts';
import { chosenScheme, type SchemeOptions } from './choose-scheme.ts';
import { KeyError } from './schemes/scheme.ts';
import standard from './schemes/standard.ts';
import { readSecrets, type SecretOptions } from './secrets.ts';
import { signatureHeaders } from './signature-headers.ts';

export interface SignOptions extends SecretOptions, SchemeOptions {
  readonly payload: string;
  /** A new one when left out. */
  readonly id?: string | undefined;
  /** Unix seconds; now when left out. */
  readonly timestampSeconds?: number | undefined;
  readonly url?: string | undefined;
  readonly format: 'headers' | 'json' | 'http';
}

/** Signs a body and prints the headers, or the whole request as `verify-sig --request` reads it. */
export async function runSign(options: SignOptions, terminal: Terminal): Promise<void> {
  if (options.payload === '-' && options.secretFile === '-') {
    throw new EvtgenError('usage', 'only one option can read stdin (-)');
  }
  const scheme = chosenScheme(options) ?? standard;
  const { own: secrets } = await readSecrets(options, terminal);
  const body = await readBytes(options.payload, terminal, '--payload');
  const request = {
    body,
    id: options.id ?? createUuidv7()(),
    timestamp: options.timestampSeconds ?? Math.floor(Date.now() / 1000),
    url: options.url,
  };
  const headers = signedBy(() => signatureHeaders(scheme, request, secrets), scheme.title);
  const target =
    options.url === undefined ? undefined : (scheme.targetUrl?.(options.url, body) ?? options.url);
  if (target !== options.url) terminal.note(`send it to ${target}`);
  if (options.format === 'json') {
    const url = target === options.url ? {} : { url: target };
    terminal.result(JSON.stringify({ schemaVersion: 1, scheme: scheme.id, ...url, headers }, undefined, 2));
    return;
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (options.format === 'headers') {
    for (const line of lines) terminal.result(line);
    return;
  }
  const url = new URL(target ?? 'https://localhost/');
  const head = [
    `POST ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    `content-length: ${body.length}`,
    ...lines,
  ];
  // Bytes as they are: a body need not be text, and a line end after it would be part of it.
  process.stdout.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}

function signedBy<T>(sign: () => T, title: string): T {
  try {
    return sign();
  } catch (error) {
    if (error instanceof KeyError || error instanceof RangeError) {
      throw new EvtgenError('not_signable', `cannot sign for ${title}: ${error.message}`);
    }
    throw error;
  }
}
