import { describe, expect, it } from 'vitest';
import { hmacScheme } from '../../src/verify/schemes/hmac.ts';
import { detectScheme, schemes } from '../../src/verify/schemes/index.ts';
import { KeyError, type Scheme } from '../../src/verify/schemes/scheme.ts';
import { judge } from '../../src/verify/verdict.ts';
import { bytes, fields, messageOf, official, rotation } from './messages.ts';

interface Vector {
  readonly name: string;
  readonly scheme: string;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly url?: string;
  readonly at?: number;
}

const envelope = Buffer.from(rotation.body).toString();
const SLACK_BODY =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
  '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
  '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14' +
  'd10d2c447fce8b6703c';
const SQUARE_BODY =
  '{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f",' +
  '"created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}';
const { 'webhook-id': id, 'webhook-timestamp': timestamp } = official.headers;

/** Published by the providers, or computed over published parts (the standards' list of vectors). */
const vectors: readonly Vector[] = [
  {
    name: 'Standard Webhooks v1',
    scheme: 'standard',
    secret: official.secret,
    headers: official.headers,
    body: '{"test": 2432232314}',
    at: 1_614_265_330,
  },
  {
    name: 'Standard Webhooks v1a',
    scheme: 'standard',
    secret: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
    headers: {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature':
        'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    },
    body: '{"test": 2432232314}',
    at: 1_614_265_330,
  },
  {
    name: 'Standard Webhooks, unicode',
    scheme: 'standard',
    secret: rotation.newSecret,
    headers: {
      'webhook-id': 'msg_u',
      'webhook-timestamp': '1767323045',
      'webhook-signature': 'v1,zf7KSnXGkenutmAAD422v2qQDf4lpZHhMa+Nz2lUJFA=',
    },
    body: '{"name":"Zoë ✓ 🚀"}',
    at: 1_767_323_045,
  },
  {
    name: 'Standard Webhooks, empty body',
    scheme: 'standard',
    secret: rotation.newSecret,
    headers: {
      'webhook-id': 'msg_e',
      'webhook-timestamp': '1767323045',
      'webhook-signature': 'v1,zpIl2xDhdbV4T3yeIdsW9XGYxMij7H4GyAHbrIFk5iE=',
    },
    body: '',
    at: 1_767_323_045,
  },
  {
    name: 'Svix',
    scheme: 'svix',
    secret: official.secret,
    headers: {
      'svix-id': id,
      'svix-timestamp': timestamp,
      'svix-signature': official.headers['webhook-signature'],
    },
    body: '{"test": 2432232314}',
    at: 1_614_265_330,
  },
  {
    name: 'Stripe',
    scheme: 'stripe',
    secret: 'whsec_test_secret',
    headers: {
      'stripe-signature': 't=1614265330,v1=3c5817089d739023dd6190f70a3757e04f7a2fd8b5dab12c2e000f51970dccff',
    },
    body: '{"id":"evt_test_webhook","object":"event"}',
    at: 1_614_265_330,
  },
  {
    name: 'Stripe, the envelope',
    scheme: 'stripe',
    secret: 'whsec_test_secret',
    headers: {
      'stripe-signature': 't=1767323045,v1=10bfb4fc1826adfd9abe7e5af9a81f6b735e3b6317d4ccf8fbb7ffd4a3579d2a',
    },
    body: envelope,
    at: 1_767_323_045,
  },
  {
    name: 'GitHub (octokit)',
    scheme: 'github',
    secret: 'mysecret',
    headers: {
      'x-hub-signature-256': 'sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3',
    },
    body: '{"foo":"bar"}',
  },
  {
    name: 'GitHub (docs)',
    scheme: 'github',
    secret: "It's a Secret to Everybody",
    headers: {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: 'Hello, World!',
  },
  {
    name: 'GitHub, the envelope',
    scheme: 'github',
    secret: 'mysecret',
    headers: {
      'x-hub-signature-256': 'sha256=4f2d14f130a9d17b40208c450768b3fb2c7e33f8891878223649b5045ae38e3c',
    },
    body: envelope,
  },
  {
    name: 'Slack (bolt)',
    scheme: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: SLACK_BODY,
    at: 1_531_420_618,
  },
  {
    name: 'Slack, the envelope',
    scheme: 'slack',
    secret: 'slack_signing_secret',
    headers: {
      'x-slack-request-timestamp': '1767323045',
      'x-slack-signature': 'v0=77a3348cc6a0031724856da98129589caff2f9872ff6a7afa4c58872379c6a9a',
    },
    body: envelope,
    at: 1_767_323_045,
  },
  {
    name: 'Shopify',
    scheme: 'shopify',
    secret: 'my_shared_secret',
    headers: { 'x-shopify-hmac-sha256': 's68VRtuV9Qrf5Dig4AxhKNKGJh1wgVhY40xWzr9M+98=' },
    body: '{"id":820982911946154508,"email":"jon@example.com"}',
  },
  {
    name: 'Shopify, new header',
    scheme: 'shopify',
    secret: 'my_shared_secret',
    headers: { 'shopify-hmac-sha256': 'p45xP+SetaKASAr7zso3vCdvlLbW5uWc1oWWlSVjF4M=' },
    body: envelope,
  },
  {
    name: 'Square',
    scheme: 'square',
    secret: 'Ibxx_5AKakO-3qeNVR61Dw',
    headers: { 'x-square-hmacsha256-signature': 'GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=' },
    body: SQUARE_BODY,
    url: 'https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9',
  },
  {
    name: 'Twilio',
    scheme: 'twilio',
    secret: '12345',
    headers: {
      'x-twilio-signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
  },
  {
    name: 'Convoy, advanced',
    scheme: 'convoy',
    secret: 'convoy-webhook-secret',
    headers: {
      'x-convoy-signature':
        't=1700000000,v1=77b8b9269f25a199846a55a2bd25b3fba151c70fdae60bb1dcd87fbbc943c55c',
    },
    body: '{"event":"charge.success","amount":1000,"currency":"NGN"}',
    at: 1_700_000_000,
  },
];

function judgeVector({ scheme, secret, headers, body, url, at = 0 }: Vector, change: { body?: string } = {}) {
  const message = messageOf(fields(headers), bytes(change.body ?? body), { url });
  const found = schemes.find((each) => each.id === scheme) ?? detectScheme(message.headers);
  if (found === null) throw new Error('no scheme');
  return judge({ message, scheme: found, secrets: [secret], nowSeconds: at });
}

describe('a scheme', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    'of %s takes its vector',
    (_name, vector) => {
      expect(judgeVector(vector)).toMatchObject({ ok: true, code: null });
      expect(judgeVector(vector, { body: `${vector.body}x=1` }).ok).toBe(false);
    },
  );

  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    'of %s is known by the headers',
    (_name, vector) => {
      expect(detectScheme(fields(vector.headers))?.id).toBe(vector.scheme);
    },
  );

  it('is not seen where no header of any is', () => {
    expect(detectScheme({ 'content-type': ['application/json'] })).toBeNull();
  });

  const signing = {
    body: bytes('{"total":4200}'),
    id: 'msg_1',
    timestamp: 1_767_323_045,
    url: 'https://shop.example/hooks?x=1',
  };
  const secretOf = (scheme: Scheme): string =>
    scheme.id === 'standard' || scheme.id === 'svix' ? official.secret : 'whsec_a literal secret';
  const accepts = (scheme: Scheme, headers: Record<string, string>, secrets: string[]): boolean =>
    judge({
      scheme,
      secrets,
      nowSeconds: signing.timestamp,
      message: messageOf({ ...fields(headers), 'content-type': ['application/json'] }, signing.body, {
        url: signing.url,
      }),
    }).ok;

  it.each(schemes.filter(({ id: name }) => name !== 'twilio').map((scheme) => [scheme.id, scheme] as const))(
    'of %s signs what it takes',
    (_id, scheme) => {
      const secret = secretOf(scheme);
      expect(accepts(scheme, scheme.sign({ ...signing, secret }), [secret])).toBe(true);
      expect(accepts(scheme, scheme.sign({ ...signing, secret }), [`${secret}AAAB`])).toBe(false);
      expect(() => scheme.sign({ ...signing, secret: '' })).toThrow(KeyError);
    },
  );

  it('of v1a signs with the private key and takes it by the public one', () => {
    const scheme = schemes.find((each) => each.id === 'standard');
    const secret =
      'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
    if (scheme === undefined) throw new Error('no scheme');
    const headers = scheme.sign({ ...signing, secret });
    expect(accepts(scheme, headers, ['whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='])).toBe(true);
    expect(accepts(scheme, headers, [official.secret])).toBe(false);
  });

  it('of Hook0 signs the headers that it names', () => {
    const headers = {
      'x-event-id': 'evt_1',
      'x-event-type': 'order.created',
      'x-hook0-signature':
        't=1767323045,h=x-event-id x-event-type,v1=' +
        hmacScheme({
          signatureHeader: 'x',
          signaturePrefix: '',
          template: '{body}',
          timestampHeader: undefined,
          idHeader: undefined,
          algorithm: 'sha256',
          encoding: 'hex',
          keyEncoding: 'utf8',
        }).sign({
          ...signing,
          secret: 'whsec_a literal secret',
          body: Buffer.concat([
            bytes('1767323045.x-event-id x-event-type.evt_1.order.created.'),
            signing.body,
          ]),
        })['x'],
    };
    const scheme = schemes.find((each) => each.id === 'hook0');
    if (scheme === undefined) throw new Error('no scheme');
    expect(accepts(scheme, headers, ['whsec_a literal secret'])).toBe(true);
    expect(accepts(scheme, { ...headers, 'x-event-id': 'evt_2' }, ['whsec_a literal secret'])).toBe(false);
  });
});

describe('a scheme put together from parts', () => {
  const parts = {
    signatureHeader: 'X-Signature',
    signaturePrefix: 'sha512=',
    template: '{id}|{timestamp}|{url}|{body}',
    timestampHeader: 'X-Time',
    idHeader: 'X-Id',
    algorithm: 'sha512',
    encoding: 'base64url',
    keyEncoding: 'hex',
  } as const;
  const request = { body: bytes('a body'), id: 'id_1', timestamp: 1_767_323_045, url: 'https://a.example/x' };

  it('signs and takes what its template says', () => {
    const scheme = hmacScheme(parts);
    const headers = fields(scheme.sign({ ...request, secret: 'c0ffee' }));
    const message = messageOf(headers, request.body, { url: request.url });
    const evidence = { scheme, secrets: ['c0ffee'], nowSeconds: request.timestamp, message };
    expect(judge(evidence)).toMatchObject({ ok: true, id: 'id_1', timestamp: request.timestamp });
    expect(judge({ ...evidence, message: { ...message, url: 'https://b.example/x' } }).ok).toBe(false);
    expect(judge({ ...evidence, nowSeconds: request.timestamp + 301 }).code).toBe('timestamp_too_old');
  });

  it.each([
    ['{timestamp}', 'has no {body}'],
    ['{body}{nonce}', 'has {nonce}, which is not known'],
  ])('refuses the template %s', (template, message) => {
    expect(() => hmacScheme({ ...parts, template })).toThrow(message);
  });

  it('refuses a placeholder without its header, and a secret that is not what it should be', () => {
    expect(() => hmacScheme({ ...parts, idHeader: undefined })).toThrow('{id}');
    expect(() => hmacScheme({ ...parts, timestampHeader: undefined })).toThrow('{timestamp}');
    expect(() => hmacScheme(parts).sign({ ...request, secret: 'no hex' })).toThrow('is not hex');
  });
});
