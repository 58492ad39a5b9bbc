import { HTTP } from 'cloudevents';
import type { CloudEvent } from 'cloudevents';
import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { attributeHeader } from '../../src/kernel/cloudevents.ts';
import { createDeliver } from '../../src/kernel/deliver.ts';
import type { DelivererOptions } from '../../src/kernel/deliver.ts';
import { envelopeText } from '../../src/kernel/envelope.ts';
import type { Envelope } from '../../src/kernel/event.ts';
import { createPayloads } from '../../src/kernel/payload.ts';
import type { OutboundEvent, Payload } from '../../src/kernel/payload.ts';
import type { OutboundRequest } from '../../src/kernel/ports.ts';
import { createSecret } from '../../src/kernel/secret.ts';
import { plainSecretBox } from '../../src/kernel/secret-box.ts';
import { DEFAULT_SETTINGS } from '../../src/kernel/subscriptions.ts';
import type { Endpoint, PayloadProfile } from '../../src/kernel/subscription-ports.ts';

const PROFILES: readonly PayloadProfile[] = [
  'envelope',
  'standard',
  'thin',
  'cloudevents-binary',
  'cloudevents-structured',
];

/** What emit lets through: attributes of any text but control characters, data of plain JSON. */
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/\p{Cc}/u.test(value));
const envelopes: fc.Arbitrary<Envelope> = fc.record(
  {
    eventId: fc.uuid({ version: 7 }),
    eventType: fc.constantFrom('order.created', 'order.line_added', 'invoice.payment.refunded'),
    version: fc.integer({ min: 1, max: 99 }),
    timestamp: fc
      .date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    source: fc.webPath().map((path) => `/orders-api${path}`),
    data: fc.dictionary(fc.string(), fc.jsonValue()),
    subject: text,
    traceparent: fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
  },
  { requiredKeys: ['eventId', 'eventType', 'version', 'timestamp', 'source', 'data'] },
);
const positions = fc.option(fc.integer({ min: 1 }), { nil: undefined });

function outbound(envelope: Envelope, position?: number): OutboundEvent {
  const { eventId, eventType, version } = envelope;
  return { position, eventId, eventType, version, body: envelopeText(envelope) };
}

function wants(payload: PayloadProfile, versions: Record<string, number> = {}): Endpoint {
  const state = { state: 'active', stateReason: undefined, failureCount: 0, startPosition: 0 } as const;
  const rest = { tenant: undefined, createdAt: '2026-01-01T00:00:00.000Z', eventTypes: ['*'] };
  const sealed = {
    previousSecrets: [],
    sealedHeaders: undefined,
  };
  const sealedSecret = plainSecretBox.seal(createSecret(), 'sub_1');
  const url = 'https://receiver.example/hooks';
  return {
    ...DEFAULT_SETTINGS,
    id: 'sub_1',
    url,
    ...state,
    ...rest,
    ...sealed,
    sealedSecret,
    payload,
    versions,
  };
}

/** The request that an attempt would send. */
async function requestOf(
  endpoint: Endpoint,
  event: OutboundEvent,
  options: Partial<DelivererOptions> = {},
): Promise<OutboundRequest> {
  const sent: OutboundRequest[] = [];
  const transport: DelivererOptions['transport'] = {
    async send(request) {
      sent.push(request);
      return { status: 204, headers: {}, body: '' };
    },
    close: () => Promise.resolve(),
  };
  await createDeliver({ transport, secretBox: plainSecretBox, ...options })(endpoint, event);
  const [request] = sent;
  if (request === undefined) throw new Error('nothing was sent');
  return request;
}

function cloudEventOf({ headers, body }: Pick<Payload, 'headers' | 'body'>): CloudEvent<unknown> {
  // A copy: the package lower-cases and strips in place.
  const parsed = HTTP.toEvent({ headers: { ...headers }, body: Buffer.from(body).toString() });
  if (Array.isArray(parsed)) throw new Error('a batch');
  return parsed as CloudEvent<unknown>;
}

const bodyOf = (payload: Pick<Payload, 'body'>): unknown => JSON.parse(Buffer.from(payload.body).toString());

describe('payload profiles', () => {
  test.each(PROFILES)(
    '%s: signed over the very bytes, as the standardwebhooks package checks',
    async (profile) => {
      await fc.assert(
        fc.asyncProperty(envelopes, positions, async (envelope, position) => {
          const endpoint = wants(profile);
          const { headers, body } = await requestOf(endpoint, outbound(envelope, position));
          expect(headers['webhook-id']).toBe(envelope.eventId);
          new Webhook(plainSecretBox.open(endpoint.sealedSecret, 'sub_1')).verify(Buffer.from(body), {
            ...headers,
          });
        }),
        { numRuns: 50 },
      );
    },
  );

  test('envelope is the text of the log with the position, byte by byte', () => {
    fc.assert(
      fc.property(envelopes, positions, (envelope, position) => {
        const payload = createPayloads()(wants('envelope'), outbound(envelope, position));
        const expected = JSON.stringify({ ...JSON.parse(envelopeText(envelope)), position });
        expect(Buffer.from(payload.body).toString()).toBe(expected);
        expect(payload.headers).toEqual({ 'content-type': 'application/json' });
      }),
    );
  });

  test('standard has the keys that Standard Webhooks advises, first', () => {
    fc.assert(
      fc.property(envelopes, positions, (envelope, position) => {
        const payload = createPayloads()(wants('standard'), outbound(envelope, position));
        const { eventType: type, timestamp, version, source, data } = envelope;
        const expected = JSON.stringify({ type, timestamp, version, source, data });
        expect(Buffer.from(payload.body).toString()).toBe(expected);
      }),
    );
  });

  test('thin is the envelope without its data', () => {
    fc.assert(
      fc.property(envelopes, positions, (envelope, position) => {
        const event = outbound(envelope, position);
        const { data: _, ...ids } = bodyOf(createPayloads()(wants('envelope'), event)) as Envelope;
        expect(bodyOf(createPayloads()(wants('thin'), event))).toStrictEqual(ids);
      }),
    );
  });
});

describe('CloudEvents', () => {
  const cloudEvents = { typePrefix: 'com.acme.', schemaBaseUrl: 'https://schemas.acme.example/events/' };
  const payloadOf = createPayloads({ cloudEvents });

  function expected(envelope: Envelope, position: number | undefined): Record<string, unknown> {
    const { eventId, eventType, version, timestamp, source, subject, traceparent } = envelope;
    return {
      specversion: '1.0',
      id: eventId,
      source,
      type: `com.acme.${eventType}`,
      time: timestamp,
      datacontenttype: 'application/json',
      dataschema: `https://schemas.acme.example/events/${eventType}/${version}`,
      eventversion: version,
      data: JSON.parse(JSON.stringify(envelope.data)),
      ...(subject !== undefined && { subject, partitionkey: subject }),
      ...(position !== undefined && { position: String(position) }),
      ...(traceparent !== undefined && { traceparent }),
    };
  }

  test('structured: one JSON document that the cloudevents package takes apart into what went in', () => {
    fc.assert(
      fc.property(envelopes, positions, (envelope, position) => {
        const payload = payloadOf(wants('cloudevents-structured'), outbound(envelope, position));
        expect(payload.headers).toEqual({ 'content-type': 'application/cloudevents+json; charset=utf-8' });
        const parsed = cloudEventOf(payload);
        expect(parsed.validate()).toBe(true);
        expect(JSON.parse(JSON.stringify(parsed))).toStrictEqual(expected(envelope, position));
      }),
    );
  });

  test('binary: headers of printable ASCII, which the package reads and one decoding restores', () => {
    fc.assert(
      fc.property(envelopes, positions, (envelope, position) => {
        const payload = payloadOf(wants('cloudevents-binary'), outbound(envelope, position));
        for (const [name, value] of Object.entries(payload.headers)) {
          expect(name).toMatch(/^(?:content-type|ce-[a-z0-9]{1,20})$/);
          expect(value).toMatch(/^[!-~]+$/);
        }
        expect(payload.headers).not.toHaveProperty('ce-datacontenttype');
        const parsed = cloudEventOf(payload);
        expect(parsed.validate()).toBe(true);
        const { data, ...attributes } = parsed.toJSON();
        // The package leaves header values encoded; everybody else decodes them once.
        const decoded = Object.entries(attributes)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [name, decodeURIComponent(String(value))]);
        const { data: sent, ...wanted } = expected(envelope, position);
        expect(Object.fromEntries(decoded)).toStrictEqual({
          ...wanted,
          eventversion: String(envelope.version),
        });
        expect(data).toStrictEqual(sent);
      }),
    );
  });

  test('header values are encoded as the specification shows', () => {
    expect(attributeHeader('Euro € 😀')).toBe('Euro%20%E2%82%AC%20%F0%9F%98%80');
    expect(attributeHeader('5% of "x"~/[]\u007F')).toBe('5%25%20of%20%22x%22~/[]%7F');
    // Half a character, as a cut text may end, becomes the replacement character.
    expect(attributeHeader('\uD83D')).toBe('%EF%BF%BD');
  });

  test('without options there is no prefix and no dataschema', () => {
    const envelope = {
      eventId: 'evt',
      eventType: 'order.created',
      version: 1,
      timestamp: '',
      source: '/',
      data: {},
    };
    const { headers } = createPayloads()(wants('cloudevents-binary'), outbound(envelope));
    expect(headers['ce-type']).toBe('order.created');
    expect(headers).not.toHaveProperty('ce-dataschema');
    expect(() => createPayloads({ cloudEvents: { schemaBaseUrl: '/schemas' } })).toThrow(TypeError);
  });
});
