import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseKinds } from '../helpers/databases.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { eventually } from '../helpers/eventually.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { createWebhookBench } from '../helpers/webhook-bench.ts';
import type { WebhookBench } from '../helpers/webhook-bench.ts';

describe.each(databaseKinds)('slow endpoints on $kind', ({ kind, open }) => {
  // PGlite runs in this process, where it delays everybody.
  const events = kind === 'pglite' ? 5 : 20;
  const database = useDatabase({ kind, open });
  let bench: WebhookBench;

  beforeEach(async () => {
    bench = createWebhookBench(database.sql);
  });
  afterEach(() => bench.close());

  it('delay none of the 48 others: one of 50 hangs, one takes its time', async () => {
    const [hung, slow, quick] = [await bench.receive(), await bench.receive(), await bench.receive()];
    hung.answer = () => undefined;
    slow.answer = (_request, response) => void setTimeout(() => response.writeHead(200).end(), 40);
    const hungId = await bench.subscribe(hung.url);
    const slowId = await bench.subscribe(slow.url);
    const quickIds: string[] = [];
    for (let count = 0; count < 48; count += 1) quickIds.push(await bench.subscribe(quick.url));
    bench.work({ attemptTimeoutMs: 60_000, perEndpoint: 3, graceMs: 10 });
    for (let count = 0; count < events; count += 1) await bench.emit();

    await waitUntil(() => quick.requests.length === quickIds.length * events, 30_000);
    // When the last of the quick ones was through, the hanging one had taken its few sockets and nothing else.
    expect(hung.requests.length).toBeLessThanOrEqual(3 + 8);
    for (const id of quickIds) await bench.settled(id, events);
    await bench.settled(slowId, events);
    await bench.settled(hungId, events, 'pending');
    await eventually('the cursor is at the head', async () => {
      const [cursor] = await bench.store.cursors.list();
      return cursor?.lag === 0;
    });
  });

  it.skipIf(kind === 'pglite')(
    'take no room from the retries of others for longer than a second',
    async () => {
      const [hung, quick] = [await bench.receive(), await bench.receive()];
      hung.answer = () => undefined;
      const seen = new Set<unknown>();
      quick.answer = ({ headers }, response) => {
        const isRetry = seen.has(headers['webhook-id']);
        seen.add(headers['webhook-id']);
        response.writeHead(isRetry ? 200 : 500).end();
      };
      // More of them than there are attempts at once.
      for (let count = 0; count < 70; count += 1) {
        await bench.subscribe(hung.url, { maxPerSecond: 1_000, eventTypes: ['order.created'] });
      }
      const id = await bench.subscribe(quick.url, { eventTypes: ['user.created'], retrySchedule: [0.005] });
      bench.work({ attemptTimeoutMs: 60_000, graceMs: 10 });
      await bench.emit();
      await eventually('all of them hang', () => hung.requests.length === 70);
      for (let count = 0; count < 3; count += 1) await bench.emit({ eventType: 'user.created' });
      await bench.settled(id, 3);
      expect(quick.requests).toHaveLength(6);
    },
  );

  it('hold no stop up; what they have not answered is attempted again', async () => {
    const receiver = await bench.receive();
    receiver.answer = () => undefined;
    const first = await bench.subscribe(receiver.url);
    const ordered = await bench.subscribe(receiver.url, { isOrdered: true });
    const worker = bench.work({ attemptTimeoutMs: 60_000, graceMs: 20, spillAfterMs: 60_000 });
    await bench.emit();
    await eventually('both are under way', () => receiver.requests.length === 2);
    await worker.stop();
    // Nobody knows what became of them, so neither counts as an attempt.
    expect(await bench.deliveriesOf(first)).toEqual([]);
    expect(await bench.deliveriesOf(ordered)).toMatchObject([{ state: 'pending', attempts: [] }]);

    receiver.answer = (_request, response) => void response.writeHead(200).end();
    bench.work();
    await bench.settled(first, 1);
    await bench.settled(ordered, 1);
    expect(receiver.requests).toHaveLength(4);
  });

  it('that are under way in a row of their own give it back when the worker stops', async () => {
    const receiver = await bench.receive();
    receiver.answer = () => undefined;
    const id = await bench.subscribe(receiver.url);
    const worker = bench.work({ attemptTimeoutMs: 60_000, graceMs: 20, spillAfterMs: 10 });
    await bench.emit();
    await bench.settled(id, 1, 'pending');
    await worker.stop();
    receiver.answer = (_request, response) => void response.writeHead(200).end();
    bench.work();
    await bench.settled(id, 1);
    expect(await bench.deliveriesOf(id)).toMatchObject([{ attempts: [{ status: 200 }] }]);
  });
});
