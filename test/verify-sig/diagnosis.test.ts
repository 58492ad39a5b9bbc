import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHmac } from 'node:crypto';
import type { Message } from '../../src/verify/message.ts';
import { detectScheme, schemes } from '../../src/verify/schemes/index.ts';
import type { Scheme } from '../../src/verify/schemes/scheme.ts';
import { judge } from '../../src/verify/verdict.ts';
import { bytes, fields, messageOf, official } from './messages.ts';

const NOW = 1_767_323_045;
const URL = 'https://shop.example/hooks?x=1';
const LITERAL = 'whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0';
const OTHER = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
/** What is sent: text that serialisers, charsets and forms treat differently. */
const BODY = '{"total":4200,"name":"Zoë & <Söhne>","url":"https://a.example/x","id":820982911946154508}';

interface Broken {
  readonly headers: Message['headers'];
  readonly body?: string | Uint8Array;
  readonly url?: string;
  readonly announcedBytes?: number;
  readonly secrets?: readonly string[];
  readonly others?: ReadonlyMap<string, string>;
  readonly now?: number;
  readonly scheme?: string;
}

function scheme(id: string): Scheme {
  const found = schemes.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no scheme ${id}`);
  return found;
}

/** The headers of a good capture. */
function good(
  id: string,
  body: string | Uint8Array = BODY,
  secret = secretOf(id),
  timestamp = NOW,
): Message['headers'] {
  const content = typeof body === 'string' ? bytes(body) : body;
  return fields(scheme(id).sign({ body: content, secret, id: 'msg_1', timestamp, url: URL }));
}

function secretOf(id: string): string {
  return id === 'standard' || id === 'svix' ? official.secret : LITERAL;
}

/** Standard headers over a body, with a signature of our own making. */
function forged(
  key: string | Uint8Array,
  signed: string,
  encoding: 'hex' | 'base64' = 'base64',
  prefix = 'v1,',
) {
  return {
    'webhook-id': ['msg_1'],
    'webhook-timestamp': [String(NOW)],
    'webhook-signature': [prefix + createHmac('sha256', key).update(signed).digest(encoding)],
  };
}

const KEY = Buffer.from(official.secret.slice('whsec_'.length), 'base64');
const SIGNED = `msg_1.${NOW}.${BODY}`;
const PRETTY = JSON.stringify({ b: [1, 2], a: 'é/ü' }, null, 2);
const COMPACT = '{"b":[1,2],"a":"é/ü"}';

/** Each made from a good capture by one realistic mistake, and the code that is to come out. */
const table: readonly (readonly [mistake: string, code: string, broken: Broken])[] = [
  // Headers.
  [
    'a proxy drops the signature header',
    'header_missing',
    { headers: without(good('standard'), 'webhook-signature') },
  ],
  [
    'a proxy drops the timestamp header',
    'header_missing',
    { headers: without(good('slack'), 'x-slack-request-timestamp') },
  ],
  [
    'a proxy repeats the signature header',
    'header_duplicated',
    { headers: { ...good('github'), 'x-hub-signature-256': ['sha256=aa', 'sha256=bb'] } },
  ],
  ['the signature is cut', 'header_malformed', { headers: cut(good('stripe'), 'stripe-signature') }],
  [
    'the timestamp is a date',
    'header_malformed',
    { headers: { ...good('standard'), 'webhook-timestamp': ['2026-01-02T03:04:05Z'] } },
  ],
  [
    'only a later version is sent',
    'unknown_version',
    { headers: replaced(good('standard'), 'webhook-signature', 'v1,', 'v2,') },
  ],
  [
    'only SHA-1 is sent',
    'unknown_version',
    { headers: { 'x-hub-signature': ['sha1=aabb'], 'x-github-event': ['push'] } },
  ],
  ['the URL is not known', 'url_missing', { headers: good('square') }],
  // Clock.
  ['it is verified an hour late', 'timestamp_too_old', { headers: good('standard'), now: NOW + 3600 }],
  ['it is replayed a day later', 'timestamp_too_old', { headers: good('stripe'), now: NOW + 86_400 }],
  ["the receiver's clock is an hour behind", 'timestamp_too_new', { headers: good('svix'), now: NOW - 3600 }],
  [
    'the sender signs milliseconds',
    'timestamp_in_milliseconds',
    { headers: good('standard', BODY, official.secret, NOW * 1000) },
  ],
  [
    'the sender sends seconds and signs milliseconds',
    'timestamp_in_milliseconds',
    { headers: forged(KEY, `msg_1.${NOW}000.${BODY}`) },
  ],
  // Secret.
  [
    'the sender uses the characters of the secret',
    'secret_used_literally',
    { headers: forged(official.secret, SIGNED) },
  ],
  [
    'the sender uses the characters after the prefix',
    'secret_used_literally',
    { headers: forged(official.secret.slice(6), SIGNED) },
  ],
  [
    'the sender of Stripe decodes the secret',
    'secret_used_decoded',
    stripeSignedBy(Buffer.from(LITERAL.slice(6), 'base64')),
  ],
  [
    'the prefix is left out of a literal secret',
    'secret_prefix',
    { headers: good('stripe'), secrets: [LITERAL.slice(6)] },
  ],
  [
    'the secret was copied with quotes',
    'secret_quoted',
    { headers: good('github'), secrets: [`"${LITERAL}"`] },
  ],
  [
    'the sender kept the quotes of the .env file',
    'secret_quoted',
    { headers: good('github', BODY, `"${LITERAL}"`) },
  ],
  [
    'the secret was copied with a newline',
    'secret_whitespace',
    { headers: good('slack'), secrets: [`${LITERAL}\n`] },
  ],
  [
    'the sender read the secret with its newline',
    'secret_whitespace',
    { headers: good('slack', BODY, `${LITERAL}\n`) },
  ],
  [
    'the secret was written in base64url',
    'secret_base64url',
    {
      headers: forged(Buffer.from('-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_', 'base64url'), SIGNED),
      secrets: ['whsec_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_'],
    },
  ],
  [
    'it is the secret of another endpoint',
    'secret_of_other_endpoint',
    { headers: good('standard', BODY, OTHER), others: new Map([['refunds', OTHER]]) },
  ],
  ['it is a secret that nobody gave', 'signature_mismatch', { headers: good('standard', BODY, OTHER) }],
  // Body.
  [
    'JSON is parsed and written again',
    'body_reformatted',
    { headers: good('standard', PRETTY), body: COMPACT },
  ],
  [
    'JSON is parsed and written again for GitHub',
    'body_reformatted',
    { headers: good('github', '{"a": 1, "b": [1, 2]}'), body: '{"a":1,"b":[1,2]}' },
  ],
  [
    'compact JSON is pretty-printed by a tool',
    'body_reformatted',
    { headers: good('standard', COMPACT), body: PRETTY },
  ],
  [
    'keys come in another order',
    'body_key_order',
    { headers: good('standard', '{"a":1,"b":2}'), body: '{"b":2,"a":1}' },
  ],
  [
    'escapes are undone',
    'body_escaped',
    { headers: good('standard', String.raw`{"a":"\u00e9"}`), body: '{"a":"é"}' },
  ],
  [
    'escaped slashes of PHP are undone',
    'body_escaped',
    { headers: good('standard', String.raw`{"u":"https:\/\/a"}`), body: '{"u":"https://a"}' },
  ],
  [
    'the <> escapes of Go are undone',
    'body_escaped',
    { headers: good('standard', String.raw`{"a":"\u003cb\u003e"}`), body: '{"a":"<b>"}' },
  ],
  ['an editor adds a newline', 'body_trailing_newline', { headers: good('shopify'), body: `${BODY}\n` }],
  ['the newline at the end is trimmed', 'body_trailing_newline', { headers: good('shopify', `${BODY}\n`) }],
  [
    'git makes line ends CRLF',
    'body_line_ends',
    { headers: good('standard', PRETTY), body: PRETTY.replaceAll('\n', '\r\n') },
  ],
  [
    'CRLF is made LF',
    'body_line_ends',
    { headers: good('standard', PRETTY.replaceAll('\n', '\r\n')), body: PRETTY },
  ],
  ['an editor adds a byte order mark', 'body_bom', { headers: good('standard'), body: `\uFEFF${BODY}` }],
  ['white space is put around', 'body_whitespace', { headers: good('outpost'), body: `  ${BODY}  ` }],
  [
    'UTF-8 is read as Latin-1',
    'body_charset',
    { headers: good('standard'), body: Buffer.from(Buffer.from(BODY).toString('latin1')) },
  ],
  [
    'UTF-8 is written as Latin-1',
    'body_charset',
    { headers: good('standard', '{"name":"Zoë"}'), body: Buffer.from('{"name":"Zoë"}', 'latin1') },
  ],
  ['JSON is encoded twice', 'body_double_encoded', { headers: good('standard'), body: JSON.stringify(BODY) }],
  [
    'a gateway hands on base64',
    'body_base64',
    { headers: good('standard'), body: Buffer.from(BODY).toString('base64') },
  ],
  [
    'the JSON is taken out of the form',
    'body_form',
    { headers: good('github', `payload=${encodeURIComponent(BODY)}`) },
  ],
  [
    'the form is written again',
    'body_form',
    { headers: good('slack', 'text=a+b&x=1'), body: 'text=a%20b&x=1' },
  ],
  [
    'the body is still compressed',
    'body_compressed',
    { headers: { ...good('standard'), 'content-encoding': ['gzip'] }, body: gzipSync(BODY) },
  ],
  ['the body was decompressed', 'body_compressed', { headers: good('standard', gzipSync(BODY)) }],
  [
    'chunk sizes are left in',
    'body_chunked',
    { headers: good('standard', '{"a":1}'), body: '7\r\n{"a":1}\r\n0\r\n\r\n' },
  ],
  [
    'the body is cut by a limit',
    'body_truncated',
    { headers: good('standard'), body: BODY.slice(0, 40), announcedBytes: BODY.length },
  ],
  [
    'the body is of another message',
    'signature_mismatch',
    { headers: good('standard'), body: '{"total":4300}' },
  ],
  [
    'a number lost its digits',
    'signature_mismatch',
    { headers: good('standard'), body: BODY.replace('820982911946154508', '820982911946154500') },
  ],
  // URL, scheme, construction.
  ['a proxy ends TLS', 'url_mismatch', { headers: good('square'), url: URL.replace('https', 'http') }],
  [
    'a proxy changes the host',
    'url_mismatch',
    {
      headers: { ...good('square'), 'x-forwarded-host': ['shop.example'] },
      url: URL.replace('shop.example', '10.0.0.7:3000'),
    },
  ],
  [
    'the query is dropped',
    'signature_mismatch',
    { headers: good('square'), url: 'https://shop.example/hooks' },
  ],
  [
    'a slash is added to the path',
    'url_mismatch',
    { headers: good('square'), url: URL.replace('/hooks', '/hooks/') },
  ],
  [
    'the scheme of another provider is asked for',
    'other_scheme',
    { headers: good('github'), scheme: 'stripe' },
  ],
  ['the body alone is signed', 'signed_otherwise', { headers: forged(KEY, BODY) }],
  ['the id is left out', 'signed_otherwise', { headers: forged(KEY, `${NOW}.${BODY}`) }],
  ['the signature is in hex', 'signature_encoding', { headers: forged(KEY, SIGNED, 'hex') }],
  ['the version is left out', 'signature_encoding', { headers: forged(KEY, SIGNED, 'base64', '') }],
];

describe('the cause of a failure', () => {
  it.each(table)('where %s is %s', (_mistake, code, broken) => {
    expect(verdictOf(broken)).toMatchObject({ ok: false, code });
  });

  it('is found for at least 40 mistakes', () => {
    expect(table.length).toBeGreaterThanOrEqual(40);
  });

  it('may be two at once: the secret and the body', () => {
    const headers = forged(official.secret, `msg_1.${NOW}.${PRETTY}`);
    expect(verdictOf({ headers, body: COMPACT }).causes.map(({ code }) => code)).toEqual([
      'secret_used_literally',
      'body_reformatted',
    ]);
  });

  it('never shows a secret', () => {
    for (const [, , broken] of table) {
      const text = JSON.stringify(verdictOf(broken));
      for (const secret of [official.secret, LITERAL, OTHER]) expect(text).not.toContain(secret.slice(6));
    }
  });
});

function verdictOf(broken: Broken) {
  const { headers, body = BODY, url, announcedBytes, others, now = NOW } = broken;
  const content = typeof body === 'string' ? bytes(body) : body;
  const found = broken.scheme === undefined ? detectScheme(headers) : scheme(broken.scheme);
  if (found === null) throw new Error('no scheme');
  return judge({
    scheme: found,
    message: messageOf(headers, content, { url, announcedBytes }),
    secrets: broken.secrets ?? [secretOf(found.id)],
    otherSecrets: others,
    nowSeconds: now,
  });
}

function stripeSignedBy(key: Uint8Array): Broken {
  const hex = createHmac('sha256', key).update(`${NOW}.${BODY}`).digest('hex');
  return { headers: { 'stripe-signature': [`t=${NOW},v1=${hex}`] } };
}

function without(headers: Message['headers'], name: string): Message['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name));
}

function cut(headers: Message['headers'], name: string): Message['headers'] {
  return { ...headers, [name]: [headers[name]?.[0]?.slice(0, -6) ?? ''] };
}

function replaced(headers: Message['headers'], name: string, from: string, to: string): Message['headers'] {
  return { ...headers, [name]: [headers[name]?.[0]?.replace(from, to) ?? ''] };
}
