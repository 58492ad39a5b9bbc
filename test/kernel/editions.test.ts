import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { UnpublishableError } from '../../src/kernel/errors.ts';
import type { LoggedEvent, PublishedEvent } from '../../src/kernel/event.ts';
import { createEditions } from '../../src/kernel/editions.ts';
import { publishAll } from '../../src/kernel/publish.ts';
import type { EventDefinition, OlderVersion } from '../../src/kernel/registry.ts';
import { newEvent } from '../helpers/events.ts';

const older: OlderVersion = {
  version: 1,
  schema: z.object({ totalCents: z.int() }),
  downcast: ({ total }: { total: number }) => ({ totalCents: total * 100 }),
};
const definition: EventDefinition = {
  eventType: 'order.created',
  version: 2,
  audience: 'public',
  schema: z.object({ total: z.number() }),
  older: [older],
};

let sent: string[];
let refused: string[];
let refuseSending: ((events: readonly PublishedEvent[]) => Error | undefined) | undefined;

beforeEach(() => {
  sent = [];
  refused = [];
  refuseSending = undefined;
});

async function publish(
  events: readonly LoggedEvent[],
  changed: Partial<EventDefinition> = {},
): Promise<void> {
  const publisher = {
    async publish(batch: readonly PublishedEvent[]): Promise<void> {
      const error = refuseSending?.(batch);
      if (error !== undefined) throw error;
      for (const { position, version, body } of batch) {
        const envelope = JSON.parse(body) as { version: number; data: unknown };
        expect(envelope.version).toBe(version);
        sent.push(`${position} v${version} ${JSON.stringify(envelope.data)}`);
      }
    },
  };
  const editionsOf = createEditions({ 'order.created': { ...definition, ...changed } });
  await publishAll(publisher, events, editionsOf, async (event, reason) => {
    refused.push(`${event.position}: ${reason.message}`);
  });
}

const logged = (position: number, version = 2, data: unknown = { total: 42 }): LoggedEvent => ({
  ...newEvent({ eventId: `evt_${position}`, version, data }),
  position,
});

describe('brokers get an event', () => {
  test('in its newest version only', async () => {
    await publish([logged(1), logged(2)]);
    expect(sent).toEqual(['1 v2 {"total":42}', '2 v2 {"total":42}']);
  });

  test('in the older versions that are named as well, the newest first', async () => {
    await publish([logged(1), logged(2)], { publishVersions: [1] });
    expect(sent).toEqual([
      '1 v2 {"total":42}',
      '1 v1 {"totalCents":4200}',
      '2 v2 {"total":42}',
      '2 v1 {"totalCents":4200}',
    ]);
  });

  test('that was logged before the newest version: as it is, or cast up where a caster is given', async () => {
    const event = logged(1, 1, { totalCents: 4_200 });
    await publish([event], { publishVersions: [1, 2] });
    const upcast = ({ totalCents }: { totalCents: number }) => ({ total: totalCents / 100 });
    await publish([event], { older: [{ ...older, upcast }] });
    expect(sent).toEqual(['1 v1 {"totalCents":4200}', '1 v2 {"total":42}']);
  });
});

test('a version that cannot be made holds nothing back, and is told of once the rest is published', async () => {
  const downcast = (): never => {
    throw new TypeError('total is undefined');
  };
  const changed = { publishVersions: [1], older: [{ ...older, downcast }] };
  refuseSending = () => new Error('connect ECONNREFUSED');
  await expect(publish([logged(1), logged(2)], changed)).rejects.toThrow('ECONNREFUSED');
  expect(refused).toEqual([]);
  refuseSending = undefined;
  await publish([logged(1)], changed);
  expect(sent).toEqual(['1 v2 {"total":42}']);
  expect(refused).toEqual(['1: order.created evt_1 has no version 1: total is undefined']);
});

test('an event that a broker refuses is left out in all its versions', async () => {
  refuseSending = (batch) =>
    batch.some(({ eventId }) => eventId === 'evt_1')
      ? new UnpublishableError('evt_1', 'too large')
      : undefined;
  await publish([logged(1), logged(2)], { publishVersions: [1] });
  expect(sent).toEqual(['2 v2 {"total":42}', '2 v1 {"totalCents":4200}']);
  expect(refused).toEqual(['1: event evt_1 cannot be published: too large']);
});
