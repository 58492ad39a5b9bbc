// https://www.twilio.com/docs/usage/security#validating-requests
import { createHash } from 'node:crypto';
import { headerOf, type Message } from '../message.ts';
import { decodeDigest, digest, literalKey, readHeader, unreadable } from './parts.ts';
import { KeyError, type Scheme } from './scheme.ts';

const HEADER = 'x-twilio-signature';

const twilio: Scheme = {
  id: 'twilio',
  title: 'Twilio',
  headers: [HEADER, 'i-twilio-idempotency-token'],
  algorithms: ['sha1'],
  encoding: 'base64',
  signsUrl: true,
  clock: null,
  read(message) {
    const header = readHeader(message.headers, HEADER);
    if (!('value' in header)) return header;
    const bytes = decodeDigest(header.value, 'base64', 'sha1');
    if (bytes === null) {
      return unreadable('header_malformed', `the header ${HEADER} is not 20 bytes in base64`, HEADER);
    }
    if (message.url === undefined) {
      return unreadable(
        'url_missing',
        'Twilio signs the URL, and the capture does not say it: give --url',
        null,
      );
    }
    const isForm = isFormOf(message);
    return {
      ok: true,
      id: headerOf(message.headers, 'i-twilio-idempotency-token') ?? null,
      timestamp: null,
      signatures: [{ algorithm: 'sha1', bytes }],
      signed: ({ body, url }) => {
        const hash = hashInUrl(url);
        // The hash in the URL stands for the body; with neither hash nor form the body is not signed at all.
        if (hash !== null && hash !== sha256(body)) return [];
        if (hash === null && !isForm && body.length > 0) return [];
        const fields = hash === null ? formText(body) : '';
        return withAndWithoutPort(url).map((each) => Buffer.from(each + fields));
      },
    };
  },
  signedText(message) {
    const { url, body } = message;
    return url === undefined || !isFormOf(message) ? null : Buffer.from(url + formText(body));
  },
  targetUrl,
  keyOf: literalKey,
  sign({ body, secret, url }) {
    if (url === undefined) throw new KeyError('Twilio signs the URL: give it');
    const text = targetUrl(url, body) + (looksLikeJson(body) ? '' : formText(body));
    return { [HEADER]: digest('sha1', literalKey(secret).bytes, [text]).toString('base64') };
  },
};

export default twilio;

function isFormOf({ headers, body }: Message): boolean {
  const type = headerOf(headers, 'content-type');
  return type === undefined ? !looksLikeJson(body) : /^application\/x-www-form-urlencoded/i.test(type);
}

function looksLikeJson(body: Uint8Array): boolean {
  return /^\s*[[{]/.test(Buffer.from(body.subarray(0, 64)).toString('latin1'));
}

/** Names in the order of their bytes, each with its value; the values of a repeated name once each, in order. */
function formText(body: Uint8Array): string {
  const fields = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(Buffer.from(body).toString('utf8'))) {
    fields.set(name, (fields.get(name) ?? new Set()).add(value));
  }
  return [...fields]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, values]) =>
      [...values]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('');
}

/** Twilio signs with the port or without it, by product. */
function withAndWithoutPort(url: string): string[] {
  const match = /^(?<scheme>https?):\/\/(?<host>[^/?#:]+)(?<port>:\d+)?(?<rest>[/?#].*)?$/s.exec(url)?.groups;
  if (match === undefined) return [url];
  const { scheme, host, port, rest = '' } = match;
  const standard = scheme === 'https' ? ':443' : ':80';
  return [url, `${scheme}://${host}${port === undefined ? standard : ''}${rest}`];
}

function hashInUrl(url: string): string | null {
  return /[?&]bodySHA256=(?<hash>[\da-fA-F]+)/.exec(url)?.groups?.['hash']?.toLowerCase() ?? null;
}

/** A body that is no form is signed by its hash in the URL. */
function targetUrl(url: string, body: Uint8Array): string {
  if (!looksLikeJson(body)) return url;
  const hash = sha256(body);
  return hashInUrl(url) === hash ? url : `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${hash}`;
}

function sha256(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}
