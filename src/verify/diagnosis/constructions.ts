import { cause, type Cause } from '../causes.ts';
import { headerOf, type Message } from '../message.ts';
import { isOver } from '../match.ts';
import { decode, joinBytes } from '../schemes/parts.ts';
import type { Algorithm, Encoding, Scheme, Signature, VerifyKey } from '../schemes/scheme.ts';

const HASH_OF_LENGTH: ReadonlyMap<number, Exclude<Algorithm, 'ed25519'>> = new Map([
  [20, 'sha1'],
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
]);
const ENCODINGS: readonly Encoding[] = ['hex', 'base64', 'base64url'];

interface Written {
  readonly signature: Signature;
  readonly encoding: Encoding;
}

/**
 * Ways to sign that a sender may have taken instead: the right digest in another encoding, or another string of
 * bytes signed. Tried with every key that a secret can stand for; a match is certain.
 */
export function findConstruction(message: Message, scheme: Scheme, keys: readonly VerifyKey[]): Cause | null {
  const [header = ''] = scheme.headers;
  const written = digestsIn(headerOf(message.headers, header) ?? '');
  if (written.length === 0) return null;
  for (const { what, bytes, isRight } of constructions(message, scheme)) {
    for (const { signature, encoding } of written) {
      if (!keys.some((key) => isOver(signature, key, bytes))) continue;
      const { algorithm } = signature;
      return isRight
        ? cause('signature_encoding', `the signature is right, but written in ${encoding}`, header)
        : cause(
            'signed_otherwise',
            `the signature is the HMAC-${algorithm.toUpperCase()} of ${what}`,
            header,
          );
    }
  }
  return null;
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

function constructions(message: Message, scheme: Scheme): Construction[] {
  const { headers, body, url } = message;
  const id = ['webhook-id', 'svix-id']
    .map((name) => headerOf(headers, name))
    .find((value) => value !== undefined);
  const timestamp =
    ['webhook-timestamp', 'svix-timestamp', 'x-slack-request-timestamp']
      .map((name) => headerOf(headers, name))
      .find((value) => value !== undefined) ??
    /(?:^|,)t=(?<t>\d+)/.exec(headerOf(headers, scheme.headers[0] ?? '') ?? '')?.groups?.['t'];
  const made: (Construction | null)[] = [
    of(
      scheme,
      ['standard', 'svix'],
      'id, timestamp and body',
      id === undefined || timestamp === undefined ? null : joinBytes(`${id}.${timestamp}.`, body),
    ),
    of(
      scheme,
      ['stripe'],
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
    of(scheme, ['github', 'shopify', 'outpost'], 'the body alone', body),
    of(scheme, ['square'], 'URL and body', url === undefined ? null : joinBytes(url, body)),
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
