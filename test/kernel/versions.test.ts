import { describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { envelopeText } from '../../src/kernel/envelope.ts';
import { CastError } from '../../src/kernel/errors.ts';
import { createPayloads } from '../../src/kernel/payload.ts';
import type { OutboundEvent } from '../../src/kernel/payload.ts';
import { versionsOf } from '../../src/kernel/registry.ts';
import type { EventDefinition, EventRegistry, OlderVersion } from '../../src/kernel/registry.ts';
import { createVersions } from '../../src/kernel/versions.ts';

// Version 1 had a total in cents, version 2 an amount, version 3 has a currency beside it.
const v1 = z.object({ id: z.string(), totalCents: z.int() });
const v2 = z.object({ id: z.string(), amount: z.number() });
const v3 = z.object({ id: z.string(), amount: z.number(), currency: z.string() });

const first: OlderVersion = {
  version: 1,
  schema: v1,
  downcast: ({ id, amount }: z.infer<typeof v2>) => ({ id, totalCents: Math.round(amount * 100) }),
  upcast: ({ id, totalCents }: z.infer<typeof v1>) => ({ id, amount: totalCents / 100 }),
  deprecation: { since: '2026-01-01', sunset: '2026-07-01T12:00:00Z' },
};
// What comes out is parsed: the currency, which version 2 does not declare, is stripped.
const second: OlderVersion = { version: 2, schema: v2, downcast: (data) => data };
const definition: EventDefinition = {
  eventType: 'order.created',
  version: 3,
  audience: 'public',
  schema: v3,
  older: [first, second],
};
const registryOf = (changed: Partial<EventDefinition> = {}): EventRegistry => ({
  'order.created': { ...definition, ...changed },
});

const DATA: Readonly<Record<number, unknown>> = {
  1: { id: 'ord_1', totalCents: 4_200 },
  2: { id: 'ord_1', amount: 42 },
  3: { id: 'ord_1', amount: 42, currency: 'EUR' },
};

function logged(version: number): OutboundEvent {
  const head = {
    eventId: 'evt_1',
    eventType: 'order.created',
    version,
    timestamp: '2026-01-02T03:04:05.000Z',
  };
  return {
    ...head,
    position: 7,
    body: envelopeText({ ...head, source: '/orders-api', data: DATA[version] }),
  };
}

test('a definition offers its versions in ascending order', () => {
  expect(versionsOf(definition)).toEqual([1, 2, 3]);
  expect(versionsOf({ ...definition, older: undefined })).toEqual([3]);
});

describe('the version that is served', () => {
  const { served } = createVersions(registryOf());

  test.each([
    ['the pinned one, where casters lead down', 3, 1, 1],
    ['the one it was logged with, when pinned to it', 1, 1, 1],
    ['the newest, without a pin', 3, undefined, 3],
    ['a newer one that a caster leads up to', 1, 2, 2],
    ['its own, when no casters lead up to the pinned one', 2, 3, 2],
    ['its own, when no casters lead up to the newest', 1, undefined, 1],
    ['its own, when that is newer than what this process knows', 4, undefined, 4],
  ])('is %s', (_, version, pinned, expected) => {
    expect(served(logged(version), pinned)).toBe(expected);
  });

  test('is that of the event when there is no registry, or the type is not in it', () => {
    expect(createVersions().served(logged(2), undefined)).toBe(2);
    expect(served({ ...logged(1), eventType: 'webhook.ping' }, undefined)).toBe(1);
    expect(served({ ...logged(1), eventType: 'constructor' }, undefined)).toBe(1);
  });
});

describe('casting', () => {
  const { cast } = createVersions(registryOf());

  test('goes step by step, each schema stripping what its version does not declare', () => {
    expect(cast(logged(3), DATA[3], 2)).toEqual(DATA[2]);
    expect(cast(logged(3), DATA[3], 1)).toEqual(DATA[1]);
    expect(cast(logged(1), DATA[1], 2)).toEqual(DATA[2]);
    expect(cast(logged(2), DATA[2], 2)).toBe(DATA[2]);
  });

  const failing = (downcast: OlderVersion['downcast']): (() => unknown) => {
    const versions = createVersions(registryOf({ older: [{ ...first, downcast }, second] }));
    return () => versions.cast(logged(3), DATA[3], 1);
  };

  test('fails when a caster throws, or makes what its schema refuses, or none leads there', () => {
    const broken = failing(() => {
      throw new TypeError('amount is undefined');
    });
    expect(broken).toThrow(CastError);
    expect(broken).toThrow('order.created evt_1 has no version 1: amount is undefined');
    expect(failing((data) => data)).toThrow(/its schema refuses what the caster made: totalCents: /);
    expect(() => cast(logged(3), DATA[3], 9)).toThrow('has no version 9: no caster leads there');
    // An older process meets an event of a version that it does not know yet: another one, or a retry, will do.
    expect(() => cast({ ...logged(3), version: 4 }, DATA[3], 1)).toThrow(CastError);
  });
});

describe('payloads of pinned subscriptions', () => {
  const pinned = (version: number) => ({
    payload: 'envelope' as const,
    versions: { 'order.created': version },
  });
  const unpinned = { payload: 'envelope' as const, versions: {} };
  const bodyOf = (payload: { readonly body: Uint8Array }): unknown => JSON.parse(String(payload.body));

  test('carry the data of their version, and say which it is', () => {
    const payloadOf = createPayloads({ registry: registryOf() });
    const event = logged(3);
    const envelope = { ...JSON.parse(event.body), position: 7 };
    expect(bodyOf(payloadOf(pinned(1), event))).toEqual({ ...envelope, version: 1, data: DATA[1] });
    expect(bodyOf(payloadOf(unpinned, event))).toEqual(envelope);
    const binary = payloadOf({ ...pinned(2), payload: 'cloudevents-binary' }, event);
    expect([binary.headers['ce-eventversion'], bodyOf(binary)]).toEqual(['2', DATA[2]]);
  });

  test('tell of a deprecation by RFC 9745 and RFC 8594, and only then', () => {
    const payloadOf = createPayloads({ registry: registryOf() });
    expect(payloadOf(pinned(1), logged(3)).headers).toEqual({
      'content-type': 'application/json',
      deprecation: '@1767225600',
      sunset: 'Wed, 01 Jul 2026 12:00:00 GMT',
    });
    expect(payloadOf(pinned(2), logged(3)).headers).toEqual({ 'content-type': 'application/json' });
  });

  test('are written once for all subscriptions that want them alike', () => {
    let casts = 0;
    const downcast = (data: unknown): unknown => {
      casts += 1;
      return data;
    };
    const older = [first, { ...second, downcast }];
    const payloadOf = createPayloads({ registry: registryOf({ older }) });
    const event = logged(3);
    const written = new Set(Array.from({ length: 1_000 }, () => payloadOf(pinned(2), event)));
    expect([written.size, casts]).toEqual([1, 1]);
    expect(payloadOf(pinned(1), event)).not.toBe(payloadOf(pinned(2), event));
    expect(payloadOf(pinned(2), logged(3))).not.toBe(payloadOf(pinned(2), event));
  });

  test('that are thin need no caster', () => {
    const downcast = (): never => {
      throw new Error('not to be called');
    };
    const older = [{ ...first, downcast }, second];
    const payloadOf = createPayloads({ registry: registryOf({ older }) });
    expect(bodyOf(payloadOf({ ...pinned(1), payload: 'thin' }, logged(3)))).toEqual({
      eventId: 'evt_1',
      eventType: 'order.created',
      version: 1,
      timestamp: '2026-01-02T03:04:05.000Z',
      source: '/orders-api',
      position: 7,
    });
  });
});
