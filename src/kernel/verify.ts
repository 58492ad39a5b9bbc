import { timingSafeEqual } from 'node:crypto';
import { decodeSecret } from './secret.ts';
import { computeSignature, ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER } from './sign.ts';

/** How far a timestamp may be off, in both directions; what all official libraries use. */
const DEFAULT_TOLERANCE_SECONDS = 300;

const SIGNATURE_BYTES = 32;

/** A web `Headers`, or a record as node:http gives it; names in any case. */
export type HeaderSource =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyInput {
  readonly headers: HeaderSource;
  /** The body exactly as it came over the wire, before any parsing. */
  readonly body: Uint8Array;
  /** Any one of them may match; two are current during a rotation. */
  readonly secrets: readonly string[];
  readonly toleranceSeconds?: number | undefined;
  /** The receiver's clock, in Unix seconds; now when left out. */
  readonly nowSeconds?: number | undefined;
}

export type VerifyFailureCode =
  | 'header_missing'
  | 'header_malformed'
  | 'unknown_version'
  | 'signature_mismatch'
  | 'timestamp_too_old'
  | 'timestamp_too_new';

export interface VerifySuccess {
  readonly ok: true;
  /** `webhook-id`: the same on every retry, so it is the key to drop repeats by. */
  readonly id: string;
  readonly timestamp: number;
  /** Which of `secrets` matched. */
  readonly secretIndex: number;
}

export interface VerifyFailure {
  readonly ok: false;
  readonly code: VerifyFailureCode;
  readonly message: string;
  /** The header at fault, where one is. */
  readonly header?: string | undefined;
  /** For the two clock codes: receiver's clock minus timestamp. */
  readonly ageSeconds?: number | undefined;
}

export type VerifyResult = VerifySuccess | VerifyFailure;

/**
 * Checks a received webhook (Standard Webhooks 1.0.0, "Verifying webhook authenticity"). The signature is judged
 * first and the clock only for a signature that matches, so a clock failure is known to be nothing else.
 * @throws SecretError when a secret cannot be used; RangeError when there is none, or for a clock or tolerance that is
 * no number.
 */
export function verify(input: VerifyInput): VerifyResult {
  if (input.secrets.length === 0) throw new RangeError('verifying needs at least one secret');
  // Nothing is older than NaN: it would let every replay through.
  for (const value of [input.toleranceSeconds ?? 0, input.nowSeconds ?? 0]) {
    if (Number.isNaN(value) || value < 0) {
      throw new RangeError('clock and tolerance are numbers of seconds, 0 or more');
    }
  }
  const keys = input.secrets.map((secret) => decodeSecret(secret));

  const id = readHeader(input.headers, ID_HEADER);
  const timestamp = readHeader(input.headers, TIMESTAMP_HEADER);
  const signatures = readHeader(input.headers, SIGNATURE_HEADER);
  if (id === undefined) return missing(ID_HEADER);
  if (timestamp === undefined) return missing(TIMESTAMP_HEADER);
  if (signatures === undefined) return missing(SIGNATURE_HEADER);
  if (id.includes('.')) return malformed(ID_HEADER, 'contains a dot');
  // parseInt would read `1767323045abc`; the digits are signed as they stand, so they must be canonical.
  if (/^(?:0|[1-9]\d{0,14})$/.test(timestamp) === false) {
    return malformed(TIMESTAMP_HEADER, 'is not a whole number of seconds');
  }

  const candidates = parseSignatures(signatures);
  if (!Array.isArray(candidates)) return candidates;
  const secretIndex = keys.findIndex((key) => {
    const expected = computeSignature(key, id, timestamp, input.body);
    return candidates.some((candidate) => timingSafeEqual(candidate, expected));
  });
  if (secretIndex === -1) {
    return failure(
      'signature_mismatch',
      'no signature matches the body, id and timestamp with any of the secrets',
    );
  }
  const clock = checkClock(Number(timestamp), input);
  return clock ?? { ok: true, id, timestamp: Number(timestamp), secretIndex };
}

function checkClock(timestamp: number, input: VerifyInput): VerifyFailure | undefined {
  const tolerance = input.toleranceSeconds ?? DEFAULT_TOLERANCE_SECONDS;
  const ageSeconds = (input.nowSeconds ?? Math.floor(Date.now() / 1000)) - timestamp;
  const allowed = `${tolerance} s are allowed`;
  if (ageSeconds > tolerance) {
    const text = `the signature matches, but the timestamp is ${ageSeconds} s in the past; ${allowed}`;
    return { ...failure('timestamp_too_old', text, TIMESTAMP_HEADER), ageSeconds };
  }
  if (-ageSeconds > tolerance) {
    const text = `the signature matches, but the timestamp is ${-ageSeconds} s in the future; ${allowed}`;
    return { ...failure('timestamp_too_new', text, TIMESTAMP_HEADER), ageSeconds };
  }
  return undefined;
}

/** The well-formed v1 signatures of the list; entries of other versions are skipped, as the specification asks. */
function parseSignatures(value: string): Uint8Array[] | VerifyFailure {
  const found: Uint8Array[] = [];
  let hasV1 = false;
  let hasOther = false;
  for (const entry of value.split(' ').filter((part) => part !== '')) {
    const comma = entry.indexOf(',');
    if (comma < 1) continue;
    if (entry.slice(0, comma) !== 'v1') {
      hasOther = true;
      continue;
    }
    hasV1 = true;
    const text = entry.slice(comma + 1);
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length === SIGNATURE_BYTES && bytes.toString('base64') === text) found.push(bytes);
  }
  if (found.length > 0) return found;
  if (hasV1) return malformed(SIGNATURE_HEADER, 'has a v1 signature that is not 32 bytes in base64');
  if (hasOther) return failure('unknown_version', 'no signature has version v1', SIGNATURE_HEADER);
  return malformed(SIGNATURE_HEADER, 'is not a list of `v1,<base64>`');
}

function readHeader(headers: HeaderSource, name: string): string | undefined {
  const value = isHeaders(headers) ? headers.get(name) : readRecord(headers, name);
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
}

function isHeaders(headers: HeaderSource): headers is { get(name: string): string | null } {
  return typeof headers['get'] === 'function';
}

function readRecord(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string | undefined {
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name);
  const value = key === undefined ? undefined : headers[key];
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : value.join(' ');
}

function missing(header: string): VerifyFailure {
  return failure('header_missing', `the header ${header} is missing`, header);
}

function malformed(header: string, what: string): VerifyFailure {
  return failure('header_malformed', `the header ${header} ${what}`, header);
}

function failure(code: VerifyFailureCode, message: string, header?: string): VerifyFailure {
  return { ok: false, code, message, header };
}
