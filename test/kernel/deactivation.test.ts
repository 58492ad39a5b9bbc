import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliver } from '../../src/kernel/deliver.ts';
import { plainSecretBox } from '../../src/kernel/secret-box.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { eventually } from '../helpers/eventually.ts';
import { always } from '../helpers/receiver.ts';
import { createWebhookBench } from '../helpers/webhook-bench.ts';
import type { WebhookBench } from '../helpers/webhook-bench.ts';

describe.each(databaseKinds)('failing subscriptions on $kind', (databaseKind) => {
  const database = useDatabase(databaseKind);
  let bench: WebhookBench;

  beforeEach(async () => {
    bench = createWebhookBench(database.sql);
  });
  afterEach(() => bench.close());

  const alertsOf = (kind: string): unknown[] => bench.alerts.filter((alert) => alert.kind === kind);
  const failureCountOf = async (id: string): Promise<number | undefined> =>
    (await bench.store.subscriptions.find(undefined, id))?.failureCount;

  it('are tried by their own schedule, where they have one', async () => {
    const receiver = await bench.receive();
    receiver.answer = always(500);
    const own = await bench.subscribe(receiver.url, { retrySchedule: [0.001, 0.001, 0.001, 0.001] });
    const never = await bench.subscribe(receiver.url, { retrySchedule: [] });
    const shared = await bench.subscribe(receiver.url);
    bench.work({ retryScheduleMs: [1, 1] });
    await bench.emit();
    const counts: number[] = [];
    for (const id of [own, never, shared]) {
      await bench.settled(id, 1, 'exhausted');
      counts.push((await bench.deliveriesOf(id))[0]?.attempts.length ?? 0);
    }
    expect(counts).toEqual([5, 1, 3]);
  });

  it('are switched off by failed deliveries, and the alerts have all that a person needs', async () => {
    const receiver = await bench.receive();
    receiver.answer = always(503, 'out of order');
    const id = await bench.subscribe(`${receiver.url}?token=do-not-tell`, { retrySchedule: [0.001] });
    bench.work({ deactivateAfter: { failures: 3, unit: 'delivery' } });
    const eventIds: string[] = [];
    for (let count = 1; count <= 3; count += 1) {
      eventIds.push(await bench.emit());
      await bench.settled(id, count, 'exhausted');
    }
    await eventually('it is deactivated', () => alertsOf('subscription.deactivated').length === 1);
    const known = {
      subscriptionId: id,
      eventType: 'order.created',
      lastStatus: 503,
      lastBody: 'out of order',
    };
    expect(alertsOf('subscription.failing')).toEqual([
      expect.objectContaining({
        ...known,
        eventId: eventIds[1],
        message:
          `the webhook ${receiver.url} is failing: 2 deliveries in a row, at 3 it is deactivated; ` +
          `the last was order.created ${eventIds[1]}: HTTP 503`,
      }),
    ]);
    expect(alertsOf('subscription.deactivated')).toEqual([
      expect.objectContaining({ ...known, eventId: eventIds[2] }),
    ]);
    expect(JSON.stringify(bench.alerts)).not.toContain('do-not-tell');
    expect(await bench.store.subscriptions.find(undefined, id)).toMatchObject({
      state: 'deactivated',
      stateReason: '3 deliveries in a row failed',
    });
  });

  it('are switched off by failed attempts, where these are counted', async () => {
    const receiver = await bench.receive();
    receiver.answer = always(500);
    const id = await bench.subscribe(receiver.url, { retrySchedule: Array.from({ length: 9 }, () => 0.001) });
    bench.work({ deactivateAfter: { failures: 4, unit: 'attempt' } });
    await bench.emit();
    await eventually('it is deactivated', () => alertsOf('subscription.deactivated').length === 1);
    expect(receiver.requests).toHaveLength(4);
    expect(alertsOf('subscription.failing')).toHaveLength(1);
    // Parked, with its attempts, and no dead letter.
    await eventually('its last attempt is written', async () => {
      const [delivery] = await bench.deliveriesOf(id);
      return delivery?.state === 'pending' && delivery.attempts.length === 4;
    });
    expect(alertsOf('dead_letter.delivery_exhausted')).toEqual([]);
  });

  it('are not to blame for a fault of ours, nor told what it was', async () => {
    const anything = { safeParse: (data: unknown) => ({ success: true as const, data }) };
    const older = {
      version: 1,
      schema: anything,
      downcast: () => {
        throw new Error('no total for jo@example.com');
      },
    };
    const definition = {
      eventType: 'order.created',
      version: 2,
      audience: 'public',
      schema: anything,
    } as const;
    const transport = {
      send: () => Promise.reject(new Error('never reached')),
      close: () => Promise.resolve(),
    };
    const registry = { 'order.created': { ...definition, older: [older] } };
    const id = await bench.subscribe('https://receiver.example/', {
      versions: { 'order.created': 1 },
      retrySchedule: [0.001],
    });
    bench.work({
      deliver: createDeliver({ transport, secretBox: plainSecretBox, registry }),
      deactivateAfter: { failures: 1, unit: 'attempt' },
    });
    await bench.emit({ version: 2 });
    await bench.settled(id, 1, 'exhausted');
    expect(await bench.store.subscriptions.find(undefined, id)).toMatchObject({
      state: 'active',
      failureCount: 0,
    });
    const [delivery] = await bench.deliveriesOf(id);
    expect(delivery?.attempts.map(({ failure }) => failure)).toEqual(['cast_failed', 'cast_failed']);
    const letters = await bench.store.deadLetters.list('all', {}, { after: undefined, limit: 10 });
    expect(letters).toHaveLength(1);
    expect(JSON.stringify([delivery, letters])).not.toContain('jo@example.com');
    await eventually('a person is told', () => alertsOf('dead_letter.delivery_exhausted').length === 1);
    expect(JSON.stringify(bench.alerts)).toContain('jo@example.com');
  });

  it('begin anew with any success', async () => {
    const receiver = await bench.receive();
    const id = await bench.subscribe(receiver.url, { retrySchedule: [0.001, 0.001] });
    receiver.answer = (_request, response) =>
      void response.writeHead(receiver.requests.length % 3 === 0 ? 200 : 500).end();
    bench.work({ deactivateAfter: { failures: 3, unit: 'attempt' } });
    for (let count = 1; count <= 4; count += 1) {
      await bench.emit();
      await bench.settled(id, count);
    }
    expect(await failureCountOf(id)).toBe(0);
    expect(alertsOf('subscription.deactivated')).toEqual([]);
  });

  it.each(['delivery', 'attempt'] as const)('are not judged by replays, counting each %s', async (unit) => {
    const receiver = await bench.receive();
    const id = await bench.subscribe(receiver.url, { retrySchedule: [] });
    bench.work({ deactivateAfter: { failures: 2, unit } });
    receiver.answer = always(500);
    await bench.emit();
    await bench.settled(id, 1, 'exhausted');
    expect(await failureCountOf(id)).toBe(1);
    await database.sql.query(
      `update evtgen.deliveries set state = 'pending', attempt_count = 0, is_replay = true, due_at = now()`,
      [],
    );
    await eventually('the replay failed', async () => {
      const [delivery] = await bench.deliveriesOf(id);
      return delivery?.state === 'exhausted' && delivery.attempts.length === 2;
    });
    expect(await failureCountOf(id)).toBe(1);
    expect(alertsOf('subscription.deactivated')).toEqual([]);
  });
});
