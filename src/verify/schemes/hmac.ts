import {
  decode,
  decodeDigest,
  digest,
  FIVE_MINUTES,
  isSeconds,
  joinBytes,
  readHeader,
  seconds,
  unreadable,
} from './parts.ts';
import { headerOf } from '../message.ts';
import {
  KeyError,
  type Algorithm,
  type Encoding,
  type Scheme,
  type SignedParts,
  type VerifyKey,
} from './scheme.ts';

/** The parts of a scheme that has no file of its own. */
export interface HmacParts {
  /** The header that holds the signature. */
  readonly signatureHeader: string;
  /** What stands before the signature in its header, such as `sha256=`. */
  readonly signaturePrefix: string;
  /** What is signed: text with `{body}`, `{timestamp}`, `{id}` and `{url}`. */
  readonly template: string;
  readonly timestampHeader: string | undefined;
  readonly idHeader: string | undefined;
  readonly algorithm: Exclude<Algorithm, 'ed25519'>;
  readonly encoding: Encoding;
  /** How the secret is written: as the key itself, or the key's bytes. */
  readonly keyEncoding: Encoding | 'utf8';
}

const PLACEHOLDER = /\{(?<name>body|timestamp|id|url)\}/;

/** A scheme put together by the user's flags. @throws RangeError naming a part that is missing or unknown. */
export function hmacScheme(parts: HmacParts): Scheme {
  checkTemplate(parts);
  const signatureHeader = parts.signatureHeader.toLowerCase();
  const timestampHeader = parts.timestampHeader?.toLowerCase();
  const idHeader = parts.idHeader?.toLowerCase();
  const keyOf = (secret: string): VerifyKey & { kind: 'hmac' } => keyBytes(secret, parts.keyEncoding);
  const fill = (id: string, { body, url, timestamp }: SignedParts): Uint8Array => {
    const values: Readonly<Record<string, string | Uint8Array>> = { body, url, timestamp, id };
    return joinBytes(
      ...parts.template
        .split(/(\{(?:body|timestamp|id|url)\})/)
        .map((piece) => values[PLACEHOLDER.exec(piece)?.groups?.['name'] ?? ''] ?? piece),
    );
  };
  return {
    id: 'hmac',
    title: `HMAC in ${signatureHeader}`,
    headers: [signatureHeader],
    algorithms: [parts.algorithm],
    encoding: parts.encoding,
    signsUrl: parts.template.includes('{url}'),
    clock: timestampHeader === undefined ? null : { toleranceSeconds: FIVE_MINUTES, isBothWays: true },
    read({ headers, url }) {
      const header = readHeader(headers, signatureHeader);
      if (!('value' in header)) return header;
      const { signaturePrefix: prefix, encoding, algorithm } = parts;
      const text = header.value.startsWith(prefix) ? header.value.slice(prefix.length) : null;
      const bytes = text === null ? null : decodeDigest(text, encoding, algorithm);
      if (bytes === null) {
        const message = `the header ${signatureHeader} is not ${prefix}<${algorithm} in ${encoding}>`;
        return unreadable('header_malformed', message, signatureHeader);
      }
      const timestamp = timestampHeader === undefined ? null : readHeader(headers, timestampHeader);
      if (timestamp !== null && !('value' in timestamp)) return timestamp;
      if (timestamp !== null && timestampHeader !== undefined && !isSeconds(timestamp.value)) {
        return unreadable(
          'header_malformed',
          `the header ${timestampHeader} is not a whole number of seconds`,
          timestampHeader,
        );
      }
      const id = idHeader === undefined ? null : readHeader(headers, idHeader);
      if (id !== null && !('value' in id)) return id;
      if (parts.template.includes('{url}') && url === undefined) {
        return unreadable(
          'url_missing',
          'the URL is signed, and the capture does not say it: give --url',
          null,
        );
      }
      const idText = id?.value ?? '';
      return {
        ok: true,
        id: id?.value ?? null,
        timestamp: timestamp?.value ?? null,
        signatures: [{ algorithm, bytes }],
        signed: (signed) => [fill(idText, signed)],
      };
    },
    keyOf,
    signedText({ headers, body, url = '' }) {
      const id = idHeader === undefined ? '' : headerOf(headers, idHeader);
      const timestamp = timestampHeader === undefined ? '' : headerOf(headers, timestampHeader);
      return id === undefined || timestamp === undefined ? null : fill(id, { body, url, timestamp });
    },
    sign({ body, secret, id, timestamp, url = '' }) {
      const text = timestampHeader === undefined ? '' : seconds(timestamp);
      const signed = fill(id, { body, url, timestamp: text });
      const value = digest(parts.algorithm, keyOf(secret).bytes, [signed]).toString(parts.encoding);
      return {
        ...(idHeader === undefined ? {} : { [idHeader]: id }),
        ...(timestampHeader === undefined ? {} : { [timestampHeader]: text }),
        [signatureHeader]: `${parts.signaturePrefix}${value}`,
      };
    },
  };
}

function checkTemplate({ template, timestampHeader, idHeader }: HmacParts): void {
  const used = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  const unknown = used.find((name) => name !== undefined && !/^(?:body|timestamp|id|url)$/.test(name));
  if (unknown !== undefined) throw new RangeError(`the signed text has {${unknown}}, which is not known`);
  if (!used.includes('body')) throw new RangeError('the signed text has no {body}');
  if (used.includes('timestamp') && timestampHeader === undefined) {
    throw new RangeError('the signed text has {timestamp}: say in which header it stands');
  }
  if (used.includes('id') && idHeader === undefined) {
    throw new RangeError('the signed text has {id}: say in which header it stands');
  }
}

function keyBytes(secret: string, encoding: Encoding | 'utf8'): VerifyKey & { kind: 'hmac' } {
  const bytes = encoding === 'utf8' ? Buffer.from(secret, 'utf8') : decode(secret, encoding);
  if (bytes === null || bytes.length === 0) {
    throw new KeyError(secret === '' ? 'the secret is empty' : `the secret is not ${encoding}`);
  }
  return { kind: 'hmac', bytes };
}
