import type { HeaderFields, Message } from '../../src/verify/message.ts';

/** Signed messages with known values; standards: the official vector and one computed for a rotation. */

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/index.test.ts */
export const official = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  body: bytes('{"test": 2432232314}'),
};

export const rotation = {
  newSecret: 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
  oldSecret: 'whsec_/+7dzLuqmYh3ZlVEMyIRAP/u3cy7qpmI',
  headers: {
    'webhook-id': ['evt_01'],
    'webhook-timestamp': ['1767323045'],
    'webhook-signature': [
      'v1,rH5ZM9N8JfBS8/Ho0AkwosLT6pRWXP8OnieHyLpDR5c= v1,m/XwkC0Ahpae+90i/S/PYGJvGUe4LUI7GTC/TTuJOoA=',
    ],
  },
  body: bytes(
    '{"eventId":"evt_01","eventType":"order.created","version":1,"timestamp":"2026-01-02T03:04:05.000Z",' +
      '"source":"/orders-api","data":{"id":"ord_1","total":4200}}',
  ),
};

export function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** The official message as it comes over the wire. */
export function rawRequest(
  change: { newline?: string; body?: Uint8Array; headers?: readonly string[] } = {},
) {
  const body = change.body ?? official.body;
  const head = [
    'POST /hooks?x=1 HTTP/1.1',
    'Host: localhost',
    ...(change.headers ?? [`Content-Length: ${body.length}`]),
    ...Object.entries(official.headers).map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(head.join(change.newline ?? '\r\n')), body]);
}

export function messageOf(headers: HeaderFields, body: Uint8Array, change: Partial<Message> = {}): Message {
  return {
    headers,
    body,
    announcedBytes: undefined,
    overlong: undefined,
    method: 'POST',
    url: undefined,
    receivedAt: undefined,
    ...change,
  };
}

/** Headers as a provider's package or `sign` gives them. */
export function fields(record: Readonly<Record<string, string>>): HeaderFields {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name.toLowerCase(), [value]]));
}
