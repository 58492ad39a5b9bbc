import { createHmac, createSecretKey } from 'node:crypto';
import type { Hmac, KeyObject } from 'node:crypto';
import { decodeSecret } from './secret.ts';

/** Header names of Standard Webhooks 1.0.0. */
export const ID_HEADER = 'webhook-id';
export const TIMESTAMP_HEADER = 'webhook-timestamp';
export const SIGNATURE_HEADER = 'webhook-signature';

/** What is signed and with what. */
export interface SignInput {
  /** The event id; the same on every retry. It must not contain a dot. */
  readonly id: string;
  /** Time of the attempt, in whole Unix seconds. */
  readonly timestamp: number;
  /** The exact bytes that are sent. */
  readonly body: Uint8Array;
  /** Every secret that is valid now, or its `signingKey`; during a rotation the new one and then the old one. */
  readonly secrets: readonly (string | KeyObject)[];
}

/**
 * A secret made ready for many signatures.
 * @throws SecretError when it cannot be used.
 */
export function signingKey(secret: string): KeyObject {
  return createSecretKey(decodeSecret(secret));
}

/** HMAC-SHA256 over `{id}.{timestamp}.{body}`; the timestamp as it stands in the header. */
export function computeSignature(
  key: Uint8Array | KeyObject,
  id: string,
  timestamp: string,
  body: Uint8Array,
): Uint8Array {
  return hmac(key, id, timestamp, body).digest();
}

function hmac(key: Uint8Array | KeyObject, id: string, timestamp: string, body: Uint8Array): Hmac {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
}

/**
 * The value of `webhook-signature`: one `v1,<base64>` for each secret, separated by spaces.
 * @throws SecretError when a secret cannot be used.
 * @throws RangeError when the id is empty or has a dot, the timestamp is no whole number of seconds, or there is
 * no secret.
 */
export function sign(input: SignInput): string {
  // A dot in the id would let the boundary between id and timestamp be moved without breaking the signature.
  if (input.id === '' || input.id.includes('.'))
    throw new RangeError('a webhook id must not be empty or contain a dot');
  if (Number.isSafeInteger(input.timestamp) === false || input.timestamp < 0) {
    throw new RangeError('a webhook timestamp is a whole number of seconds since 1970');
  }
  if (input.secrets.length === 0) throw new RangeError('signing needs at least one secret');
  const timestamp = String(input.timestamp);
  return input.secrets
    .map((secret) => {
      const key = typeof secret === 'string' ? decodeSecret(secret) : secret;
      return `v1,${hmac(key, input.id, timestamp, input.body).digest('base64')}`;
    })
    .join(' ');
}

/**
 * The three headers of a signed attempt.
 * @throws SecretError, RangeError as `sign` does.
 */
export function signatureHeaders(input: SignInput): Record<string, string> {
  return {
    [ID_HEADER]: input.id,
    [TIMESTAMP_HEADER]: String(input.timestamp),
    [SIGNATURE_HEADER]: sign(input),
  };
}
