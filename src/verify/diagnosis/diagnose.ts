import { cause, type Cause } from '../causes.ts';
import { matches } from '../match.ts';
import type { Message } from '../message.ts';
import { schemes } from '../schemes/index.ts';
import type { Reading, Scheme, SignedParts, Unreadable, VerifyKey } from '../schemes/scheme.ts';
import { bodyVariants } from './body-variants.ts';
import { findConstruction } from './constructions.ts';
import { secretVariants, type SecretVariant } from './secret-variants.ts';
import { urlVariants } from './url-variants.ts';
import type { BodyVariant } from './variant.ts';

export interface Suspect {
  readonly message: Message;
  readonly scheme: Scheme;
  readonly read: Reading | Unreadable;
  /** As given. */
  readonly secrets: readonly string[];
  /** Secrets of other endpoints, with their names. */
  readonly otherSecrets: ReadonlyMap<string, string>;
  /** How many bytes the search may hash; it ends without a cause after that. */
  readonly effortBytes: number;
}

/** Variants of two kinds at once are tried for so many bodies of at most so many bytes. */
const MAX_PAIRED_BODIES = 60;
const MAX_PAIRED_BYTES = 1_000_000;

/** Writing a variant of a body takes about as long as hashing it so many times. */
const WRITING_A_BODY = 10;

/** The search as it goes on: what to try, and how much may still be hashed. */
interface Search {
  readonly suspect: Suspect;
  /** Of the secrets as the scheme reads them. */
  readonly usable: readonly SecretVariant[];
  /** Of the secrets as others read them. */
  readonly misread: readonly SecretVariant[];
  spend(bytes: number): boolean;
}

/**
 * Why a signature does not match: what was found is certain, since the signature does match once it is undone; else
 * `signature_mismatch` alone. More than one cause where only all of them together explain it.
 */
export function diagnose(suspect: Suspect): readonly Cause[] {
  const { message, scheme, read, secrets } = suspect;
  let left = suspect.effortBytes;
  const search: Search = {
    suspect,
    usable: usableKeys(scheme, secrets).map((key) => ({ key, causes: [] })),
    misread: secrets.flatMap((secret) => [...secretVariants(secret, scheme)]),
    spend: (bytes) => (left -= bytes + 200) > 0,
  };
  if (!read.ok) return causesOfUnreadable(search, read);
  const found = keysOfOtherKind(read, search) ?? fromVariants(search, read) ?? fromOtherSchemes(search);
  if (found !== null) return found;
  const { announcedBytes, body } = message;
  if (announcedBytes !== undefined && !isWholeJson(body)) {
    const text = `the capture holds ${body.length} of the ${announcedBytes} bytes of its body`;
    return [cause('body_truncated', text)];
  }
  return [cause('signature_mismatch', 'no signature matches the message with any of the secrets')];
}

function causesOfUnreadable(search: Search, read: Unreadable): readonly Cause[] {
  const own = cause(read.code, read.message, read.header);
  if (read.code !== 'header_missing' && read.code !== 'header_malformed') return [own];
  return fromOtherSchemes(search) ?? [own];
}

/** No key can match a signature of another kind. */
function keysOfOtherKind({ signatures }: Reading, { usable, suspect }: Search): readonly Cause[] | null {
  const [header = null] = suspect.scheme.headers;
  const isSymmetric = usable.length > 0 && usable.every(({ key }) => key.kind === 'hmac');
  const isPublic = usable.length > 0 && usable.every(({ key }) => key.kind === 'ed25519');
  if (isSymmetric && signatures.every(({ algorithm }) => algorithm === 'ed25519')) {
    const text =
      'all signatures are ed25519 (v1a), and the secret is symmetric: the public key, whpk_, is needed';
    return [cause('secret_of_other_kind', text, header)];
  }
  if (isPublic && signatures.every(({ algorithm }) => algorithm !== 'ed25519')) {
    const text = 'all signatures are symmetric (v1), and the key is ed25519: the secret, whsec_, is needed';
    return [cause('secret_of_other_kind', text, header)];
  }
  return null;
}

function fromVariants(search: Search, read: Reading): readonly Cause[] | null {
  const { usable, misread, suspect } = search;
  const { message, scheme, otherSecrets } = suspect;
  const parts: SignedParts = { body: message.body, url: message.url ?? '', timestamp: read.timestamp ?? '' };
  /** The causes that lie in the key, where one matches. */
  const match = (keys: readonly SecretVariant[], change: Partial<SignedParts>): readonly Cause[] | null => {
    const changed = { ...parts, ...change };
    const found = keys.find(({ key }) => search.spend(changed.body.length) && matches(read, key, changed));
    return found?.causes ?? null;
  };

  for (const [name, secret] of otherSecrets) {
    const keys = usableKeys(scheme, [secret]).map((key): SecretVariant => ({ key, causes: [] }));
    if (match(keys, {}) === null) continue;
    return [cause('secret_of_other_endpoint', `the message is signed with the secret of ${name}`)];
  }
  const misused = match(misread, {});
  if (misused !== null) return misused;
  const elsewhere = [
    ...(scheme.signsUrl
      ? [...urlVariants(message)].map(({ url, cause: found }) => ({ change: { url }, found }))
      : []),
    ...[...timestampVariants(read)].map(({ timestamp, cause: found }) => ({ change: { timestamp }, found })),
  ];
  for (const { change, found } of elsewhere) if (match(usable, change) !== null) return [found];
  const paired: BodyVariant[] = [];
  for (const { body, cause: changed } of bodyVariants(message)) {
    if (match(usable, { body }) !== null) return [changed];
    if (!search.spend(body.length * WRITING_A_BODY)) return null;
    if (body.length <= MAX_PAIRED_BYTES && paired.length < MAX_PAIRED_BODIES)
      paired.push({ body, cause: changed });
  }
  for (const { body, cause: changed } of paired) {
    const both = match(misread, { body });
    if (both !== null) return [...both, changed];
    for (const { change, found } of elsewhere) {
      if (match(usable, { ...change, body }) !== null) return [found, changed];
    }
  }
  return null;
}

/** The headers are of another scheme, or the sender signed in another way under these headers. */
function fromOtherSchemes(search: Search): readonly Cause[] | null {
  const { message, scheme, secrets, read: ownRead } = search.suspect;
  for (const other of schemes) {
    if (other.id === scheme.id || !other.headers.some((name) => message.headers[name] !== undefined))
      continue;
    const read = other.read(message);
    if (!read.ok) continue;
    const parts = { body: message.body, url: message.url ?? '', timestamp: read.timestamp ?? '' };
    const keys = usableKeys(other, secrets);
    if (keys.some((key) => search.spend(parts.body.length) && matches(read, key, parts))) {
      const [header] = other.headers.filter((name) => message.headers[name] !== undefined);
      return [cause('other_scheme', `the message is signed by ${other.title}: --scheme ${other.id}`, header)];
    }
  }
  const keys = [...search.usable, ...search.misread];
  return findConstruction(message, scheme, ownRead, keys, search.spend);
}

/** Cut JSON is none any more: what is whole has been made shorter in another way. */
function isWholeJson(body: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(body).toString('utf8'));
    return true;
  } catch {
    return false;
  }
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
