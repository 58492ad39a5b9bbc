import { cause, type Cause } from '../causes.ts';
import { headerOf, type Message } from '../message.ts';
import { isOver } from '../match.ts';
import { decode, joinBytes } from '../schemes/parts.ts';
import type { Algorithm, Encoding, Reading, Scheme, Signature, Unreadable } from '../schemes/scheme.ts';
import type { SecretVariant } from './secret-variants.ts';

const HASH_OF_LENGTH: ReadonlyMap<number, Exclude<Algorithm, 'ed25519'>> = new Map([
  [20, 'sha1'],
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
]);
const ENCODINGS: readonly Encoding[] = ['hex', 'base64', 'base64url'];

const URL_ALONE = 'the URL alone';

interface Written {
  readonly signature: Signature;
  readonly encoding: Encoding;
}

/**
 * Ways to sign that a sender may have taken instead: the right digest written otherwise, another hash, or another
 * string of bytes signed. Tried with every key that a secret can stand for; a match is certain.
 * @param spend says whether so many bytes may still be hashed.
 */
export function findConstruction(
  message: Message,
  scheme: Scheme,
  read: Reading | Unreadable,
  keys: readonly SecretVariant[],
  spend: (bytes: number) => boolean,
): readonly Cause[] | null {
  const header = scheme.headers.find(
    (name, index) => (index === 0 || isSignature(name)) && message.headers[name] !== undefined,
  );
  const written = digestsIn((header === undefined ? undefined : headerOf(message.headers, header)) ?? '');
  if (header === undefined || written.length === 0) return null;
  for (const { what, bytes, isRight } of constructions(message, scheme, header)) {
    for (const { signature, encoding } of written) {
      const key = keys.find((each) => spend(bytes.length) && isOver(signature, each.key, bytes));
      if (key === undefined) continue;
      const { algorithm } = signature;
      if (what === URL_ALONE && /[?&]bodySHA256=/.test(message.url ?? '')) {
        const text = 'the signature of the URL is good, but bodySHA256 in it is not the hash of the body';
        return [cause('body_changed', text), ...key.causes];
      }
      if (!isRight || !scheme.algorithms.includes(algorithm)) {
        const text = `the signature is the HMAC-${algorithm.toUpperCase()} of ${what}`;
        return [cause('signed_otherwise', text, header), ...key.causes];
      }
      // It is signed as it should be: what cannot be read is another header.
      if (!read.ok && read.header !== header) return null;
      const text =
        read.ok || encoding !== scheme.encoding
          ? `the signature is written in ${encoding}; it must be in ${scheme.encoding}`
          : `the signature is not written as it must be: ${read.message}`;
      return [cause('signature_encoding', text, header), ...key.causes];
    }
  }
  return null;
}

function isSignature(header: string): boolean {
  return /signature|hmac/.test(header);
}

/** Every run of characters that is a digest in some encoding. */
function digestsIn(value: string): Written[] {
  const found: Written[] = [];
  for (const [text] of value.matchAll(/[A-Za-z\d+/_-]{20,}={0,2}/g)) {
    for (const encoding of ENCODINGS) {
      const bytes = decode(encoding === 'base64url' ? text.replace(/=+$/, '') : text, encoding);
      const algorithm = bytes === null ? undefined : HASH_OF_LENGTH.get(bytes.length);
      if (bytes === null || algorithm === undefined) continue;
      found.push({ signature: { algorithm, bytes }, encoding });
    }
  }
  return found;
}

interface Construction {
  readonly what: string;
  readonly bytes: Uint8Array;
  /** It is what the scheme itself signs. */
  readonly isRight: boolean;
}

function constructions(message: Message, scheme: Scheme, header: string): Construction[] {
  const { headers, body, url } = message;
  const id = ['webhook-id', 'svix-id']
    .map((name) => headerOf(headers, name))
    .find((value) => value !== undefined);
  const timestamp =
    ['webhook-timestamp', 'svix-timestamp', 'x-slack-request-timestamp']
      .map((name) => headerOf(headers, name))
      .find((value) => value !== undefined) ??
    /(?:^|,)t=(?<t>\d+)/.exec(headerOf(headers, header) ?? '')?.groups?.['t'];
  // Convoy's simple signature has no time.
  const isAdvanced = timestamp !== undefined;
  const own = scheme.signedText?.(message) ?? null;
  const made: (Construction | null)[] = [
    own === null ? null : { what: 'what the scheme signs', bytes: own, isRight: true },
    of(
      scheme,
      ['standard', 'svix'],
      'id, timestamp and body',
      id === undefined || timestamp === undefined ? null : joinBytes(`${id}.${timestamp}.`, body),
    ),
    of(
      scheme,
      ['stripe', 'hook0'],
      'timestamp and body with a dot between',
      timestamp === undefined ? null : joinBytes(`${timestamp}.`, body),
    ),
    of(
      scheme,
      ['slack'],
      '"v0", timestamp and body with colons between',
      timestamp === undefined ? null : joinBytes(`v0:${timestamp}:`, body),
    ),
    of(
      scheme,
      ['convoy'],
      'timestamp and body with a comma between',
      timestamp === undefined ? null : joinBytes(`${timestamp},`, body),
    ),
    of(
      scheme,
      [],
      'timestamp and body with nothing between',
      timestamp === undefined ? null : joinBytes(timestamp, body),
    ),
    of(
      scheme,
      [],
      'timestamp and body with a newline between',
      timestamp === undefined ? null : joinBytes(`${timestamp}\n`, body),
    ),
    of(scheme, [], 'body and timestamp', timestamp === undefined ? null : joinBytes(body, timestamp)),
    of(scheme, [], 'id and body with a dot between', id === undefined ? null : joinBytes(`${id}.`, body)),
    of(scheme, ['github', 'shopify', 'outpost', ...(isAdvanced ? [] : ['convoy'])], 'the body alone', body),
    of(scheme, ['square'], 'URL and body', url === undefined ? null : joinBytes(url, body)),
    of(scheme, [], URL_ALONE, url === undefined ? null : joinBytes(url)),
  ];
  return made.filter((each) => each !== null);
}

function of(
  scheme: Scheme,
  ownedBy: readonly string[],
  what: string,
  bytes: Uint8Array | null,
): Construction | null {
  return bytes === null ? null : { what, bytes, isRight: ownedBy.includes(scheme.id) };
}
