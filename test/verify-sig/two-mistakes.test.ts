import { createHash, createHmac } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { verify, type SchemeName } from '../../src/verify/index.ts';
import { official } from './messages.ts';

const NOW = 1_767_323_045;
const STANDARD = official.secret;
const KEY = Buffer.from(STANDARD.slice(6), 'base64');
const LITERAL = 'shpss_0123456789abcdef0123456789abcdef';
const BODY = '{"total":4200,"name":"Zoë"}';
const PRETTY = JSON.stringify({ b: [1, 2], a: 'é/ü' }, null, 2);
const COMPACT = '{"b":[1,2],"a":"é/ü"}';
const URL = 'https://shop.example/hooks?x=1';
const HASHED = `${URL}&bodySHA256=${createHash('sha256').update(BODY).digest('hex')}`;

type Headers = Record<string, string>;
interface Received {
  readonly headers: Headers;
  readonly body?: string | Buffer;
  readonly secrets?: readonly string[];
  readonly scheme?: SchemeName;
  readonly url?: string;
}

function mac(
  key: string | Uint8Array,
  text: string | Buffer,
  encoding: 'hex' | 'base64' = 'base64',
  hash = 'sha256',
) {
  return createHmac(hash, key).update(text).digest(encoding);
}

function standard(signature: string, change: Headers = {}): Headers {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW),
    'webhook-signature': signature,
    ...change,
  };
}

const SIGNED = `msg_1.${NOW}.${BODY}`;
const json = { 'content-type': 'application/json' };

/** Mistakes that come in pairs or look like others, and all that is to be said of them. */
const table: readonly (readonly [mistake: string, codes: string[], received: Received])[] = [
  [
    'the characters of the secret are the key, and the signature is in hex',
    ['signature_encoding', 'secret_used_literally'],
    { headers: standard(`v1,${mac(STANDARD, SIGNED, 'hex')}`) },
  ],
  [
    'the characters of the secret are the key, with a newline',
    ['secret_whitespace', 'secret_used_literally'],
    { headers: standard(`v1,${mac(`${STANDARD}\n`, SIGNED)}`) },
  ],
  [
    'the characters of the secret are the key, with quotes',
    ['secret_quoted', 'secret_used_literally'],
    { headers: standard(`v1,${mac(`"${STANDARD}"`, SIGNED)}`) },
  ],
  [
    'the characters of the secret are the key, and the body alone is signed',
    ['signed_otherwise', 'secret_used_literally'],
    { headers: standard(`v1,${mac(STANDARD, BODY)}`) },
  ],
  [
    'the secret has quotes, and blanks around them',
    ['secret_quoted', 'secret_whitespace'],
    { headers: standard(`v1,${mac(KEY, SIGNED)}`), secrets: [` "${STANDARD}"\n`] },
  ],
  [
    'another hash is used',
    ['signed_otherwise'],
    { headers: standard(`v1,${mac(KEY, SIGNED, 'base64', 'sha512')}`) },
  ],
  [
    'the id has a dot, and all else is right',
    ['header_malformed'],
    { headers: standard(`v1,${mac(KEY, `a.b.${NOW}.${BODY}`)}`, { 'webhook-id': 'a.b' }) },
  ],
  [
    'two of three headers have the names of Svix',
    ['header_missing'],
    {
      headers: {
        'svix-id': 'msg_1',
        'svix-timestamp': String(NOW),
        'webhook-signature': `v1,${mac(KEY, SIGNED)}`,
      },
    },
  ],
  [
    'milliseconds are signed, and another body',
    ['signature_mismatch', 'timestamp_in_milliseconds'],
    { headers: standard(`v1,${mac(KEY, `msg_1.${NOW}000.{}`)}`, { 'webhook-timestamp': `${NOW}000` }) },
  ],
  [
    'the header has milliseconds, and seconds are signed',
    ['timestamp_in_milliseconds'],
    { headers: standard(`v1,${mac(KEY, SIGNED)}`, { 'webhook-timestamp': `${NOW}123` }) },
  ],
  [
    'milliseconds are signed, and the body is written again',
    ['timestamp_in_milliseconds', 'body_reformatted'],
    { headers: standard(`v1,${mac(KEY, `msg_1.${NOW}000.${PRETTY}`)}`), body: COMPACT },
  ],
  [
    'the secret is symmetric, the signature is not',
    ['secret_of_other_kind'],
    { headers: standard(`v1a,${Buffer.alloc(64, 1).toString('base64')}`) },
  ],
  [
    'the key is public, the signature is symmetric',
    ['secret_of_other_kind'],
    {
      headers: standard(`v1,${mac(KEY, SIGNED)}`),
      secrets: ['whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='],
    },
  ],
  [
    'escapes are in capitals',
    ['body_escaped'],
    { headers: standard(`v1,${mac(KEY, `msg_1.${NOW}.{"a":"\\u00E9"}`)}`), body: '{"a":"é"}' },
  ],
  [
    'an editor makes line ends CRLF and adds one',
    ['body_line_ends'],
    {
      headers: standard(`v1,${mac(KEY, `msg_1.${NOW}.${PRETTY}`)}`),
      body: `${PRETTY.replaceAll('\n', '\r\n')}\r\n`,
    },
  ],
  [
    'an editor adds a byte order mark and a newline',
    ['body_bom'],
    { headers: standard(`v1,${mac(KEY, SIGNED)}`), body: `\uFEFF${BODY}\n` },
  ],
  [
    'several chunk sizes are left in',
    ['body_chunked'],
    {
      headers: standard(`v1,${mac(KEY, `msg_1.${NOW}.{"a":1}`)}`),
      body: '3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
    },
  ],
  [
    'the body is deflated without its header',
    ['body_compressed'],
    {
      headers: standard(`v1,${mac(KEY, SIGNED)}`, { 'content-encoding': 'deflate' }),
      body: deflateRawSync(BODY),
    },
  ],
  [
    'Hook0 in base64',
    ['signature_encoding'],
    { headers: { 'x-hook0-signature': `t=${NOW},v0=${mac(LITERAL, `${NOW}.${BODY}`)}` } },
  ],
  [
    'Stripe with SHA-1',
    ['signed_otherwise'],
    { headers: { 'stripe-signature': `t=${NOW},v1=${mac(LITERAL, `${NOW}.${BODY}`, 'hex', 'sha1')}` } },
  ],
  [
    'Stripe with a v0 only',
    ['unknown_version'],
    { headers: { 'stripe-signature': `t=${NOW},v0=${mac(LITERAL, `${NOW}.${BODY}`, 'hex')}` } },
  ],
  [
    'GitHub with SHA-1 in the newer header',
    ['signed_otherwise'],
    { headers: { 'x-hub-signature-256': `sha1=${mac(LITERAL, BODY, 'hex', 'sha1')}` } },
  ],
  [
    'the newer header of Shopify in hex',
    ['signature_encoding'],
    { headers: { 'shopify-hmac-sha256': mac(LITERAL, BODY, 'hex') } },
  ],
  [
    'the newer header of Shopify, taken for GitHub',
    ['other_scheme'],
    { headers: { 'shopify-hmac-sha256': mac(LITERAL, BODY) }, scheme: 'github' },
  ],
  [
    'Convoy in base64url',
    ['signature_encoding'],
    { headers: { 'x-convoy-signature': createHmac('sha256', LITERAL).update(BODY).digest('base64url') } },
  ],
  [
    'Twilio in hex',
    ['signature_encoding'],
    { headers: { 'x-twilio-signature': mac(LITERAL, `${URL}A1`, 'hex', 'sha1') }, body: 'A=1', url: URL },
  ],
  [
    'a body that the hash in the URL of Twilio is not of',
    ['body_changed'],
    {
      headers: { ...json, 'x-twilio-signature': mac(LITERAL, HASHED, 'base64', 'sha1') },
      body: '{}',
      url: HASHED,
    },
  ],
  [
    'a body that Twilio did not sign at all',
    ['signed_otherwise'],
    { headers: { ...json, 'x-twilio-signature': mac(LITERAL, URL, 'base64', 'sha1') }, url: URL },
  ],
  [
    'a body that Twilio did not sign, and that as a form has no fields',
    ['signed_otherwise'],
    {
      headers: { ...json, 'x-twilio-signature': mac(LITERAL, URL, 'base64', 'sha1') },
      body: '&&',
      url: URL,
    },
  ],
  [
    'a proxy ends TLS, and the body is written again',
    ['url_mismatch', 'body_reformatted'],
    {
      headers: { 'x-square-hmacsha256-signature': mac(LITERAL, URL + PRETTY) },
      body: COMPACT,
      url: URL.replace('https', 'http'),
    },
  ],
  [
    'nothing that anybody could know',
    ['signature_mismatch'],
    { headers: standard(`v1,${mac(KEY, `msg_1.${NOW}.{"a":1.0}`)}`), body: '{"a":1}' },
  ],
];

describe('mistakes in pairs, and those that look like others', () => {
  it.each(table)('%s', (_mistake, codes, received) => {
    const {
      body = BODY,
      headers,
      secrets = [headers['webhook-signature'] === undefined ? LITERAL : STANDARD],
    } = received;
    const verdict = verify({ ...received, secrets, body: Buffer.from(body), nowSeconds: NOW });
    expect([verdict.ok, verdict.causes.map(({ code }) => code)]).toEqual([false, codes]);
  });

  it('are told in sentences that fit', () => {
    const sentence = (signature: string) => {
      const headers = { 'x-hub-signature-256': signature };
      return verify({ headers, body: Buffer.from(BODY), secrets: [LITERAL] }).message;
    };
    expect(sentence(mac(LITERAL, BODY, 'hex'))).toBe(
      'the signature is not written as it must be: the header x-hub-signature-256 is not sha256=<32 bytes in hex>',
    );
    expect(sentence(`sha256=${mac(LITERAL, BODY)}`)).toBe(
      'the signature is written in base64; it must be in hex',
    );
  });

  it('are found for a scheme of one’s own too', () => {
    const scheme = {
      signatureHeader: 'X-Sig',
      signaturePrefix: '',
      template: '{timestamp}|{body}',
      timestampHeader: 'X-Time',
      idHeader: undefined,
      algorithm: 'sha256',
      encoding: 'hex',
      keyEncoding: 'utf8',
    } as const;
    const headers = { 'x-sig': mac(LITERAL, `${NOW}|${BODY}`), 'x-time': String(NOW) };
    const verdict = verify({ headers, scheme, body: Buffer.from(BODY), secrets: [LITERAL], nowSeconds: NOW });
    expect(verdict.code).toBe('signature_encoding');
  });
});

describe('the search for a cause', () => {
  const headers = standard(`v1,${mac(KEY, 'x')}`);
  const timed = (body: Buffer): number => {
    const start = performance.now();
    expect(verify({ headers, body, secrets: [STANDARD], nowSeconds: NOW }).code).toBe('signature_mismatch');
    return performance.now() - start;
  };

  // Time that grows with the square of the length would be minutes; the limit only has to hold on a busy machine.
  it.each([
    ['NUL bytes', Buffer.concat([Buffer.alloc(1_000_000), Buffer.from('a')])],
    ['blanks', Buffer.from(`${' '.repeat(1_000_000)}a`)],
    ['digits of a chunk size', Buffer.from('0'.repeat(1_000_000))],
    ['one long string', Buffer.from(JSON.stringify('x'.repeat(3_000_000)))],
    ['nothing but brackets', Buffer.from('['.repeat(1_000_000) + ']'.repeat(1_000_000))],
    ['many megabytes', Buffer.alloc(30_000_000, 'ab\r\n')],
  ])('ends soon for %s', { timeout: 60_000 }, (_what, body) => {
    expect(timed(body)).toBeLessThan(20_000);
  });

  it('is left out where it is not wanted', () => {
    const message = {
      headers: standard(`v1,${mac(KEY, SIGNED)}`),
      body: Buffer.from(`${BODY}\n`),
      nowSeconds: NOW,
    };
    expect(verify({ ...message, secrets: [STANDARD] }).code).toBe('body_trailing_newline');
    expect(verify({ ...message, secrets: [STANDARD], diagnose: false }).code).toBe('signature_mismatch');
    expect(verify({ ...message, body: Buffer.from(BODY), secrets: [STANDARD], diagnose: false }).ok).toBe(
      true,
    );
  });
});

describe('what JavaScript may hand in', () => {
  const good = {
    headers: standard(`v1,${mac(KEY, SIGNED)}`),
    body: Buffer.from(BODY),
    secrets: [STANDARD],
    nowSeconds: NOW,
  };

  it.each([
    ['a tolerance that is no number', { toleranceSeconds: Number.NaN }, RangeError],
    ['a tolerance below zero', { toleranceSeconds: -1 }, RangeError],
    ['a clock that is no number', { nowSeconds: Number.NaN }, RangeError],
    ['a parsed body', { body: JSON.parse(BODY) as Uint8Array }, TypeError],
    ['a secret that is not set', { secrets: [undefined as unknown as string] }, /not set/],
  ])('%s is refused and never taken for good', (_what, change, error) => {
    expect(verify(good).ok).toBe(true);
    expect(() => verify({ ...good, ...change })).toThrow(error);
  });
});
