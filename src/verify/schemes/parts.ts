import { createHmac } from 'node:crypto';
import { headerOf, type HeaderFields } from '../message.ts';
import { KeyError, type Algorithm, type Encoding, type Unreadable, type VerifyKey } from './scheme.ts';

/** The five minutes that nearly all providers allow. */
export const FIVE_MINUTES = 300;

const DIGEST_BYTES = { sha1: 20, sha256: 32, sha384: 48, sha512: 64, ed25519: 64 } as const;

/** The one value of a header. */
export function readHeader(headers: HeaderFields, name: string): { value: string } | Unreadable {
  const count = headers[name]?.length ?? 0;
  if (count > 1) {
    return unreadable('header_duplicated', `the header ${name} appears ${count} times`, name);
  }
  const value = headerOf(headers, name);
  return value === undefined
    ? unreadable('header_missing', `the header ${name} is missing`, name)
    : { value };
}

/** Digits that are signed as they stand, so they must be canonical. */
export function readSeconds(headers: HeaderFields, name: string): { value: string } | Unreadable {
  const read = readHeader(headers, name);
  if (!('value' in read) || isSeconds(read.value)) return read;
  return unreadable('header_malformed', `the header ${name} is not a whole number of seconds`, name);
}

export function isSeconds(text: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(text);
}

export function unreadable(code: Unreadable['code'], message: string, header: string | null): Unreadable {
  return { ok: false, code, message, header };
}

/** The bytes of a signature as it is written; null unless it is exactly one digest in exactly this encoding. */
export function decodeDigest(text: string, encoding: Encoding, algorithm: Algorithm): Uint8Array | null {
  const bytes = decode(text, encoding);
  return bytes?.length === DIGEST_BYTES[algorithm] ? bytes : null;
}

/** Null where the text is not exactly that encoding: Buffer skips what it does not know. */
export function decode(text: string, encoding: Encoding): Uint8Array | null {
  if (encoding === 'hex') return /^(?:[\da-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : null;
  const bytes = Buffer.from(text, encoding);
  return text !== '' && bytes.toString(encoding) === text ? bytes : null;
}

export function digest(
  algorithm: Exclude<Algorithm, 'ed25519'>,
  key: Uint8Array,
  parts: readonly (string | Uint8Array)[],
): Buffer {
  const hmac = createHmac(algorithm, key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

export function joinBytes(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

/** The characters of the secret are the key. @throws KeyError for an empty one. */
export function literalKey(secret: string): VerifyKey & { kind: 'hmac' } {
  if (secret === '') throw new KeyError('the secret is empty');
  return { kind: 'hmac', bytes: Buffer.from(secret, 'utf8') };
}

/** `t=1,v1=a,v1=b`: every value of each name, in order. */
export function readPairs(text: string): ReadonlyMap<string, readonly string[]> {
  const pairs = new Map<string, string[]>();
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    if (at < 1) continue;
    const name = part.slice(0, at).trim();
    pairs.set(name, [...(pairs.get(name) ?? []), part.slice(at + 1).trim()]);
  }
  return pairs;
}

export function seconds(timestamp: number): string {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new RangeError('a webhook timestamp is a whole number of seconds since 1970');
  }
  return String(timestamp);
}
