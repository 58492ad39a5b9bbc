import { randomBytes } from 'node:crypto';

/** What a symmetric Standard Webhooks secret starts with; the rest is the key in base64. */
const SECRET_PREFIX = 'whsec_';

const SECRET_BYTES = 32;
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

export type SecretProblem = 'empty' | 'asymmetric' | 'not_base64' | 'length';

/** A signing secret that cannot be used. The message never contains the secret. */
export class SecretError extends Error {
  override readonly name: string = 'SecretError';
  readonly problem: SecretProblem;

  constructor(problem: SecretProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** A new secret: `whsec_` and 32 random bytes in base64. */
export function createSecret(random: (size: number) => Uint8Array = randomBytes): string {
  return SECRET_PREFIX + Buffer.from(random(SECRET_BYTES)).toString('base64');
}

/**
 * The HMAC key of a secret, with or without its prefix (Standard Webhooks 1.0.0, "Signature scheme").
 * @throws SecretError when it is not 24 to 64 bytes in standard base64 with padding.
 */
export function decodeSecret(secret: string): Uint8Array {
  // JavaScript hands on a variable of the environment that is not set.
  if (typeof secret !== 'string') throw new SecretError('empty', 'the secret is not set');
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  if (text === '') throw new SecretError('empty', 'the secret is empty');
  if (/^wh[sp]k_/.test(text)) {
    throw new SecretError(
      'asymmetric',
      'the secret is an ed25519 key (whsk_, whpk_); v1 needs a whsec_ secret',
    );
  }
  const key = Buffer.from(text, 'base64');
  // Buffer skips characters it does not know, so only a round trip shows that all of them were read.
  if (key.toString('base64') !== text) {
    const hint = /^[\w-]+=*$/.test(text) && /[-_]/.test(text) ? ' (it looks like base64url)' : '';
    throw new SecretError('not_base64', `the secret is not standard base64 with padding${hint}`);
  }
  if (key.length < MIN_SECRET_BYTES || key.length > MAX_SECRET_BYTES) {
    throw new SecretError(
      'length',
      `the secret has ${key.length} bytes; ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} are allowed`,
    );
  }
  return key;
}
