import { cause, type Cause } from '../causes.ts';
import type { Scheme, VerifyKey } from '../schemes/scheme.ts';

/** A key that may have been used, and what then is wrong with the secret. */
export interface SecretVariant {
  readonly key: VerifyKey;
  readonly causes: readonly Cause[];
}

const USED_LITERALLY = cause(
  'secret_used_literally',
  'the characters of the secret were used as the key; its base64 must be decoded first',
);

/** The keys that one secret yields when it is read otherwise than the scheme does, likeliest first. */
export function* secretVariants(secret: string, scheme: Scheme): Generator<SecretVariant> {
  // Where base64 is decoded, only who takes the characters for the key stumbles over a blank or a quote among them.
  const alsoLiterally = takesLiterally(scheme) ? [] : [USED_LITERALLY];
  const trimmed = secret.trim();
  const blanks =
    trimmed === secret ? [] : [cause('secret_whitespace', 'the secret has white space around it')];
  if (blanks.length > 0) yield* properly(trimmed, scheme, blanks);
  for (const space of ['\n', '\r\n', ' ']) {
    const found = cause('secret_whitespace', `the sender's secret ends with ${JSON.stringify(space)}`);
    yield { key: literal(`${secret}${space}`), causes: [found, ...alsoLiterally] };
  }
  const unquoted = /^(?<quote>["'`])(?<inner>.*)\k<quote>$/s.exec(trimmed)?.groups?.['inner'];
  if (unquoted !== undefined) {
    const found = cause('secret_quoted', 'the secret has quotes around it');
    yield* properly(unquoted, scheme, [found, ...blanks]);
  }
  for (const quote of ['"', "'"]) {
    const found = cause('secret_quoted', 'the sender has quotes around the secret');
    yield { key: literal(`${quote}${secret}${quote}`), causes: [found, ...alsoLiterally] };
  }
  const bare = secret.replace(/^whsec_/, '');
  if (takesLiterally(scheme)) {
    yield* decodedKeys(bare);
    const prefix = bare === secret ? `whsec_${secret}` : bare;
    const message =
      bare === secret
        ? 'the sender has "whsec_" before the secret; it is part of the key'
        : 'the sender left "whsec_" out of the key, where it is part of it';
    yield { key: literal(prefix), causes: [cause('secret_prefix', message)] };
    return;
  }
  for (const text of [secret, bare, `whsec_${bare}`]) {
    yield { key: literal(text), causes: [USED_LITERALLY] };
  }
  if (/^[\w-]+=*$/.test(bare) && /[-_]|[^=]$/.test(bare)) {
    const message = 'the secret is base64url or lacks its padding; standard base64 with padding is meant';
    yield { key: bytes(Buffer.from(bare, 'base64url')), causes: [cause('secret_base64url', message)] };
  }
  if (/^(?:[\da-f]{2})+$/i.test(bare)) {
    const message = 'the secret was read as hex; it is base64';
    yield { key: bytes(Buffer.from(bare, 'hex')), causes: [cause('secret_used_decoded', message)] };
  }
}

function* decodedKeys(bare: string): Generator<SecretVariant> {
  const encodings: readonly (readonly [encoding: 'base64' | 'base64url' | 'hex', written: RegExp])[] = [
    ['base64', /^[A-Za-z\d+/]+=*$/],
    ['base64url', /^[\w-]+=*$/],
    ['hex', /^(?:[\da-f]{2})+$/i],
  ];
  for (const [encoding, written] of encodings) {
    if (!written.test(bare)) continue;
    const message = `the secret was decoded from ${encoding}; its characters themselves are the key`;
    const key = bytes(Buffer.from(bare, encoding));
    yield { key, causes: [cause('secret_used_decoded', message)] };
  }
}

function* properly(secret: string, scheme: Scheme, causes: readonly Cause[]): Generator<SecretVariant> {
  try {
    yield { key: scheme.keyOf(secret), causes };
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
