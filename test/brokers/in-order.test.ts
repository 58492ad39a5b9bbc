import { expect, test } from 'vitest';
import { awsMessage, sendInBatches, type AwsBatchAnswer } from '../../src/brokers/aws-batches.ts';
import { brokerCloudEvents } from '../../src/brokers/cloud-event.ts';
import { batchesOf, sendInOrder } from '../../src/brokers/in-order.ts';
import { UnpublishableError } from '../../src/kernel/errors.ts';
import type { PublishedEvent } from '../../src/kernel/event.ts';
import { newEvent, type EventParts } from '../helpers/events.ts';

function event(eventId: string, subject: string | undefined, parts: EventParts = {}): PublishedEvent {
  const { actor: _actor, ...logged } = newEvent({ eventId, subject, ...parts });
  return { ...logged, position: 1 };
}

const message = (eventId: string, subject: string | undefined, bytes = 1) => ({
  event: event(eventId, subject),
  bytes,
});
const idsOf = (batches: readonly (readonly { event: PublishedEvent }[])[]): string[][] =>
  batches.map((batch) => batch.map((each) => each.event.eventId));

test('an event waits for the one before it of its subject, and for no other', async () => {
  const started: string[] = [];
  const confirm = new Map<string, () => void>();
  const events = [
    event('a1', 'a'),
    event('a2', 'a'),
    event('b1', 'b'),
    event('n1', undefined),
    event('n2', undefined),
  ];
  const sent = sendInOrder(events, ({ eventId }) => {
    started.push(eventId);
    return new Promise<void>((resolve) => void confirm.set(eventId, resolve));
  });
  await Promise.resolve();
  expect(started).toEqual(['a1', 'b1', 'n1', 'n2']);
  confirm.get('a1')?.();
  await new Promise(setImmediate);
  expect(started).toEqual(['a1', 'b1', 'n1', 'n2', 'a2']);
  for (const resolve of confirm.values()) resolve();
  await sent;
});

test('after a refusal nothing later of its subject is sent, and the failure is told when all is still', async () => {
  const started: string[] = [];
  let isSlowOneDone = false;
  const events = [event('a1', 'a'), event('a2', 'a'), event('b1', 'b')];
  const sent = sendInOrder(events, async ({ eventId }) => {
    started.push(eventId);
    if (eventId === 'a1') throw new Error('nacked');
    await new Promise(setImmediate);
    isSlowOneDone = true;
  });
  await expect(sent).rejects.toThrow('nacked');
  expect(started).toEqual(['a1', 'b1']);
  expect(isSlowOneDone).toBe(true);
});

test('batches keep to count and bytes, and where part may fail no subject is in one twice', () => {
  const messages = [
    message('a1', 'a'),
    message('b1', 'b'),
    message('a2', 'a'),
    message('n1', undefined),
    message('n2', undefined),
  ];
  const roomy = { count: 10, bytes: 10 };
  expect(idsOf(batchesOf(messages, { ...roomy, isPartial: true }))).toEqual([
    ['a1', 'b1'],
    ['a2', 'n1', 'n2'],
  ]);
  expect(idsOf(batchesOf(messages, { ...roomy, isPartial: false }))).toEqual([
    ['a1', 'b1', 'a2', 'n1', 'n2'],
  ]);
  expect(idsOf(batchesOf(messages, { ...roomy, count: 2, isPartial: false }))).toEqual([
    ['a1', 'b1'],
    ['a2', 'n1'],
    ['n2'],
  ]);
  expect(
    idsOf(batchesOf([message('x', 'x', 6), message('y', 'y', 5)], { ...roomy, isPartial: false })),
  ).toEqual([['x'], ['y']]);
});

const cloudEvents = brokerCloudEvents({});
const awsMessages = (...events: PublishedEvent[]) =>
  events.map((each) => awsMessage(each, cloudEvents, true));

test('a batch of AWS that was taken in part fails, and nothing is sent after it', async () => {
  const batches: string[][] = [];
  const refuse = { Failed: [{ Id: '1', Code: 'InternalFailure', Message: 'try again' }] };
  const sent = sendInBatches(
    awsMessages(event('a1', 'a'), event('b1', 'b'), event('a2', 'a')),
    1_000_000,
    (entries): Promise<AwsBatchAnswer> => {
      batches.push(entries.map(({ MessageDeduplicationId }) => String(MessageDeduplicationId)));
      return Promise.resolve(refuse);
    },
  );
  await expect(sent).rejects.toThrow('1 of 2 events were refused, the first with InternalFailure: try again');
  expect(batches).toEqual([['a1:1', 'b1:1']]);
});

test('a message that AWS refuses for what it is becomes a dead letter', async () => {
  const answer = { Failed: [{ Id: '1', Code: 'InvalidMessageContents', Message: 'characters' }] };
  const sent = sendInBatches(awsMessages(event('a1', 'a'), event('b1', 'b')), 1_000_000, () =>
    Promise.resolve(answer),
  );
  await expect(sent).rejects.toThrow(UnpublishableError);
  await expect(sent).rejects.toMatchObject({ eventId: 'b1' });
});

test('group and deduplication id keep to what AWS allows, and versions of an event are no repeats', () => {
  const [plain, spaced, newer, single] = awsMessages(
    event('a1', 'ord_1'),
    event('a2', 'Zoë 🚀'),
    event('a1', 'ord_1', { version: 2 }),
    event('a3', undefined),
  );
  expect(plain?.entry).toMatchObject({ MessageGroupId: 'ord_1', MessageDeduplicationId: 'a1:1' });
  expect(spaced?.entry.MessageGroupId).toMatch(/^[0-9a-f]{64}$/);
  expect(newer?.entry.MessageDeduplicationId).toBe('a1:2');
  expect(single?.entry.MessageGroupId).toBe('a3');
});
