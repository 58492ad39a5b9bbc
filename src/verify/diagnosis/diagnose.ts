import { cause, type Cause } from '../causes.ts';
import { matches } from '../match.ts';
import type { Message } from '../message.ts';
import { schemes } from '../schemes/index.ts';
import type { Reading, Scheme, SignedParts, Unreadable, VerifyKey } from '../schemes/scheme.ts';
import { bodyVariants } from './body-variants.ts';
import { findConstruction } from './constructions.ts';
import { secretVariants } from './secret-variants.ts';
import { urlVariants } from './url-variants.ts';

export interface Suspect {
  readonly message: Message;
  readonly scheme: Scheme;
  readonly read: Reading | Unreadable;
  /** As given. */
  readonly secrets: readonly string[];
  /** Secrets of other endpoints, with their names. */
  readonly otherSecrets: ReadonlyMap<string, string>;
}

/** Variants of two kinds at once are tried for so many bodies; each costs one HMAC for each key. */
const MAX_PAIRED_BODIES = 60;

/**
 * Why a signature does not match: what was found is certain, since the signature does match once it is undone; else
 * `signature_mismatch` alone. More than one cause where only both together explain it.
 */
export function diagnose(suspect: Suspect): readonly Cause[] {
  const { message, scheme, read } = suspect;
  const usable = usableKeys(scheme, suspect.secrets);
  if (!read.ok) return causesOfUnreadable(suspect, read, usable);
  const found = fromVariants(suspect, read, usable) ?? fromOtherSchemes(suspect, usable);
  if (found !== null) return found;
  const { announcedBytes, body } = message;
  if (announcedBytes !== undefined) {
    const text = `the capture holds ${body.length} of the ${announcedBytes} bytes of its body`;
    return [cause('body_truncated', text)];
  }
  return [cause('signature_mismatch', 'no signature matches the message with any of the secrets')];
}

function causesOfUnreadable(
  suspect: Suspect,
  read: Unreadable,
  usable: readonly VerifyKey[],
): readonly Cause[] {
  const own = cause(read.code, read.message, read.header);
  if (read.code !== 'header_missing' && read.code !== 'header_malformed') return [own];
  return fromOtherSchemes(suspect, usable) ?? [own];
}

function fromVariants(
  { message, scheme, secrets, otherSecrets }: Suspect,
  read: Reading,
  usable: readonly VerifyKey[],
): readonly Cause[] | null {
  const parts: SignedParts = { body: message.body, url: message.url ?? '', timestamp: read.timestamp ?? '' };
  const isBy = (keys: readonly VerifyKey[], change: Partial<SignedParts>): boolean =>
    keys.some((key) => matches(read, key, { ...parts, ...change }));

  for (const [name, secret] of otherSecrets) {
    if (!isBy(usableKeys(scheme, [secret]), {})) continue;
    return [cause('secret_of_other_endpoint', `the message is signed with the secret of ${name}`)];
  }
  const ownSecrets = secrets.flatMap((secret) => [...secretVariants(secret, scheme)]);
  for (const variant of ownSecrets) if (isBy([variant.key], {})) return [variant.cause];
  const urls = scheme.signsUrl ? [...urlVariants(message)] : [];
  for (const { url, cause: found } of urls) if (isBy(usable, { url })) return [found];
  for (const { timestamp, cause: found } of timestampVariants(read)) {
    if (isBy(usable, { timestamp })) return [found];
  }
  let paired = 0;
  for (const { body, cause: changed } of bodyVariants(message)) {
    if (isBy(usable, { body })) return [changed];
    if (paired >= MAX_PAIRED_BODIES) continue;
    paired += 1;
    for (const variant of ownSecrets) if (isBy([variant.key], { body })) return [variant.cause, changed];
    for (const { url, cause: moved } of urls) if (isBy(usable, { url, body })) return [moved, changed];
  }
  return null;
}

/** The headers are of another scheme, or the sender signed in another way under these headers. */
function fromOtherSchemes(suspect: Suspect, usable: readonly VerifyKey[]): readonly Cause[] | null {
  const { message, scheme, secrets } = suspect;
  for (const other of schemes) {
    const [signature = ''] = other.headers;
    if (other.id === scheme.id || message.headers[signature] === undefined) continue;
    const read = other.read(message);
    if (!read.ok) continue;
    const parts = { body: message.body, url: message.url ?? '', timestamp: read.timestamp ?? '' };
    if (usableKeys(other, secrets).some((key) => matches(read, key, parts))) {
      return [
        cause('other_scheme', `the message is signed by ${other.title}: --scheme ${other.id}`, signature),
      ];
    }
  }
  const variants = secrets.flatMap((secret) => [...secretVariants(secret, scheme)].map(({ key }) => key));
  const literal = secrets.map((secret): VerifyKey => ({ kind: 'hmac', bytes: Buffer.from(secret, 'utf8') }));
  const found = findConstruction(message, scheme, [...usable, ...literal, ...variants]);
  return found === null ? null : [found];
}

function* timestampVariants({ timestamp }: Reading): Generator<{ timestamp: string; cause: Cause }> {
  if (timestamp === null) return;
  const milliseconds = 'the header has seconds, but the timestamp was signed in milliseconds';
  yield { timestamp: `${timestamp}000`, cause: cause('timestamp_in_milliseconds', milliseconds) };
  if (timestamp.length > 3) {
    const message = 'the header has milliseconds, but the timestamp was signed in seconds';
    yield { timestamp: timestamp.slice(0, -3), cause: cause('timestamp_in_milliseconds', message) };
  }
}

/** The keys of those secrets that the scheme can use. */
function usableKeys(scheme: Scheme, secrets: readonly string[]): VerifyKey[] {
  return secrets.flatMap((secret) => {
    try {
      return [scheme.keyOf(secret)];
    } catch {
      // What cannot be used as it stands is still tried in its variants.
      return [];
    }
  });
}
