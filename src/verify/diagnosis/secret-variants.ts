import { cause, type Cause } from '../causes.ts';
import type { Scheme, VerifyKey } from '../schemes/scheme.ts';

/** A key that may have been used, and what then is wrong with the secret. */
export interface SecretVariant {
  readonly key: VerifyKey;
  readonly cause: Cause;
}

/** The keys that one secret yields when it is read otherwise than the scheme does, likeliest first. */
export function* secretVariants(secret: string, scheme: Scheme): Generator<SecretVariant> {
  const trimmed = secret.trim();
  if (trimmed !== secret) {
    const message = 'the secret has white space around it';
    yield* properly(trimmed, scheme, cause('secret_whitespace', message));
  }
  for (const space of ['\n', '\r\n', ' ']) {
    const message = `the sender's secret ends with ${JSON.stringify(space)}`;
    yield { key: literal(`${secret}${space}`), cause: cause('secret_whitespace', message) };
  }
  const unquoted = /^(?<quote>["'`])(?<inner>.*)\k<quote>$/s.exec(trimmed)?.groups?.['inner'];
  if (unquoted !== undefined) {
    yield* properly(unquoted, scheme, cause('secret_quoted', 'the secret has quotes around it'));
  }
  for (const quote of ['"', "'"]) {
    const message = 'the sender has quotes around the secret';
    yield { key: literal(`${quote}${secret}${quote}`), cause: cause('secret_quoted', message) };
  }
  const bare = secret.replace(/^whsec_/, '');
  if (takesLiterally(scheme)) {
    yield* decodedKeys(bare);
    const prefix = bare === secret ? `whsec_${secret}` : bare;
    const message =
      bare === secret
        ? 'the sender has "whsec_" before the secret; it is part of the key'
        : 'the sender left "whsec_" out of the key, where it is part of it';
    yield { key: literal(prefix), cause: cause('secret_prefix', message) };
    return;
  }
  const literally = 'the characters of the secret were used as the key; its base64 must be decoded first';
  for (const text of [secret, bare, `whsec_${bare}`]) {
    yield { key: literal(text), cause: cause('secret_used_literally', literally) };
  }
  if (/^[\w-]+=*$/.test(bare) && /[-_]|[^=]$/.test(bare)) {
    const message = 'the secret is base64url or lacks its padding; standard base64 with padding is meant';
    yield { key: bytes(Buffer.from(bare, 'base64url')), cause: cause('secret_base64url', message) };
  }
  if (/^(?:[\da-f]{2})+$/i.test(bare)) {
    const message = 'the secret was read as hex; it is base64';
    yield { key: bytes(Buffer.from(bare, 'hex')), cause: cause('secret_used_decoded', message) };
  }
}

function* decodedKeys(bare: string): Generator<SecretVariant> {
  const message = (how: string): string =>
    `the secret was decoded from ${how}; its characters themselves are the key`;
  if (/^[A-Za-z\d+/]+=*$/.test(bare)) {
    yield { key: bytes(Buffer.from(bare, 'base64')), cause: cause('secret_used_decoded', message('base64')) };
  }
  if (/^[\w-]+=*$/.test(bare)) {
    yield {
      key: bytes(Buffer.from(bare, 'base64url')),
      cause: cause('secret_used_decoded', message('base64url')),
    };
  }
  if (/^(?:[\da-f]{2})+$/i.test(bare)) {
    yield { key: bytes(Buffer.from(bare, 'hex')), cause: cause('secret_used_decoded', message('hex')) };
  }
}

function* properly(secret: string, scheme: Scheme, found: Cause): Generator<SecretVariant> {
  try {
    yield { key: scheme.keyOf(secret), cause: found };
  } catch {
    // Without its quotes or spaces it is no secret of this scheme either.
  }
}

function takesLiterally(scheme: Scheme): boolean {
  return scheme.id !== 'standard' && scheme.id !== 'svix';
}

function literal(text: string): VerifyKey {
  return bytes(Buffer.from(text, 'utf8'));
}

function bytes(key: Uint8Array): VerifyKey {
  return { kind: 'hmac', bytes: key };
}
