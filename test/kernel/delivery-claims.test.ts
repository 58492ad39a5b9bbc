import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimedDelivery, DeliveryResult, DeliveryStore } from '../../src/kernel/webhook-ports.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWebhookBench } from '../helpers/webhook-bench.ts';
import type { WebhookBench } from '../helpers/webhook-bench.ts';

const URL = 'https://receiver.example/';

describe.each(databaseKinds)('claims of deliveries on $kind', ({ kind, open }) => {
  const database = useDatabase({ kind, open });
  let bench: WebhookBench;

  beforeEach(async () => {
    bench = createWebhookBench(database.sql);
    await database.sql.query(
      `with logged as (
         insert into evtgen.events (event_id, event_type, version, audience, occurred_at, body)
         select 'ord_' || n, 'order.created', 1, 'public', now(), '{}' from generate_series(1, 1000) n
         returning insert_id
       )
       insert into evtgen.positions (position, insert_id) select row_number() over (), insert_id from logged`,
      [],
    );
  });
  afterEach(() => bench.close());

  const deliveries = (): DeliveryStore => bench.store.deliveries;

  const pending = (
    subscriptionId: string,
    position: number,
    more: Partial<DeliveryResult> = {},
  ): DeliveryResult => ({
    position,
    subscriptionId,
    eventId: `ord_${position}`,
    eventType: 'order.created',
    state: 'pending',
    attempt: undefined,
    delayMs: 0,
    leaseToken: undefined,
    ...more,
  });

  /** Puts positions from 1 on off. */
  const putOff = (subscriptionId: string, count: number, delayMs = 0): Promise<void> =>
    deliveries().insert(
      Array.from({ length: count }, (_, index) => pending(subscriptionId, index + 1, { delayMs })),
    );

  const claim = (
    limit: number,
    limitPerSubscription = 4,
    except: string[] = [],
  ): Promise<ClaimedDelivery[]> =>
    deliveries().claim({ limit, limitPerSubscription, leaseMs: 60_000, except });

  const deliver = (claimed: readonly ClaimedDelivery[]): Promise<void> =>
    deliveries().update(claimed.map((delivery) => ({ ...delivery, ...DELIVERED })));

  const countBySubscription = (claimed: readonly ClaimedDelivery[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { subscriptionId } of claimed) counts[subscriptionId] = (counts[subscriptionId] ?? 0) + 1;
    return counts;
  };

  it('are made of every subscription in turn, however much one of them has waiting', async () => {
    const [busy, quiet] = [await bench.subscribe(URL), await bench.subscribe(URL)];
    await putOff(busy, 500);
    await putOff(quiet, 6);
    expect(countBySubscription(await claim(4))).toEqual({ [busy]: 2, [quiet]: 2 });
    // Whoever was served goes to the end of the line.
    const turns: ClaimedDelivery[] = [];
    for (let turn = 1; turn <= 4; turn += 1) turns.push(...(await claim(1)));
    expect(countBySubscription(turns)).toEqual({ [busy]: 2, [quiet]: 2 });
    expect(countBySubscription(await claim(100))).toEqual({ [busy]: 4, [quiet]: 2 });
    expect(countBySubscription(await claim(100, 4, [busy]))).toEqual({});
  });

  it('have nothing to look for while nothing is due', async () => {
    const id = await bench.subscribe(URL);
    expect(await deliveries().dueInMs()).toBeUndefined();
    await putOff(id, 1, 60_000);
    expect(await deliveries().dueInMs()).toBeGreaterThan(50_000);
    await deliveries().insert([pending(id, 2)]);
    expect(await deliveries().dueInMs()).toBe(0);
    const claimed = await claim(10);
    expect(claimed).toMatchObject([{ position: 2, eventId: 'ord_2', subscriptionId: id, body: '{}' }]);
    // That of the one claimed ends with its lease, should nobody be heard of again.
    expect(await deliveries().dueInMs()).toBeGreaterThan(50_000);
    await deliver(claimed);
    expect(await claim(10)).toEqual([]);
  });

  it('come back when the lease has ended', async () => {
    const id = await bench.subscribe(URL);
    await putOff(id, 1);
    const lease = { limit: 1, limitPerSubscription: 1, leaseMs: 20, except: [] };
    const [lost] = await deliveries().claim(lease);
    const again = await eventually('it is claimed again', async () => (await deliveries().claim(lease))[0]);
    expect(again).toMatchObject({ position: 1 });
    // Whoever comes back late does not end the delivery of the other.
    await deliveries().update([{ ...(lost as ClaimedDelivery), ...FAILED }]);
    expect(await bench.deliveriesOf(id)).toMatchObject([{ state: 'pending', attempts: [] }]);
  });

  it('pass over a subscription that is not active, and find it again when it is', async () => {
    const id = await bench.subscribe(URL);
    await putOff(id, 3);
    const [leased] = await claim(1);
    await bench.store.subscriptions.stop(id, 'disabled', 'by its owner');
    expect(await claim(10)).toEqual([]);
    await bench.store.subscriptions.enable(undefined, id, 'resume');
    expect(await deliveries().dueInMs()).toBe(0);
    expect((await claim(10)).map(({ position }) => position)).not.toContain(leased?.position);
    await deliveries().update([{ ...(leased as ClaimedDelivery), ...FAILED }]);
    expect((await claim(10)).map(({ position }) => position)).toEqual([leased?.position]);
  });

  it('keep the rate of a subscription, whoever makes them', async () => {
    const id = await bench.subscribe(URL, { maxPerSecond: 50 });
    const unlimited = await bench.subscribe(URL);
    await putOff(id, 500);
    await putOff(unlimited, 500);
    const started = await databaseMs();
    let [limited, others] = [0, 0];
    const claimFor = async (): Promise<void> => {
      while ((await databaseMs()) - started < 400) {
        const counts = countBySubscription(await claim(8));
        limited += counts[id] ?? 0;
        others += counts[unlimited] ?? 0;
      }
    };
    await Promise.all(Array.from({ length: 4 }, claimFor));
    const elapsedMs = (await databaseMs()) - started;
    // A tenth of a second's worth at once, and then the rate.
    expect(limited).toBeLessThanOrEqual(5 + Math.ceil(elapsedMs * 0.05));
    expect(limited).toBeGreaterThan(5);
    expect(others).toBeGreaterThan(limited);
  });

  it('wait for a rate below one a second, and no longer when it is lifted', async () => {
    const id = await bench.subscribe(URL, { maxPerSecond: 0.01 });
    await putOff(id, 3);
    expect(await claim(10)).toHaveLength(1);
    expect(await claim(10)).toHaveLength(0);
    expect(await deliveries().dueInMs()).toBeGreaterThan(50_000);
    await database.sql.query(`update evtgen.subscriptions set max_per_second = null where id = $1`, [id]);
    expect(await claim(10)).toHaveLength(2);
  });

  it('give an ordered subscription its first pending one or none', async () => {
    const id = await bench.subscribe(URL, { isOrdered: true });
    await putOff(id, 5);
    const [first, ...more] = await claim(10);
    expect([first?.position, more]).toEqual([1, []]);
    expect(await claim(10)).toEqual([]);
    // Its retry is in an hour: until then nothing is due.
    await deliveries().update([{ ...(first as ClaimedDelivery), ...FAILED, delayMs: 3_600_000 }]);
    expect(await claim(10)).toEqual([]);
    expect(await deliveries().dueInMs()).toBeGreaterThan(50_000);
    await database.sql.query(`update evtgen.deliveries set due_at = now() where position = 1`, []);
    await deliver(await claim(10));
    expect(await deliveries().dueInMs()).toBe(0);
    expect((await claim(10)).map(({ position }) => position)).toEqual([2]);
  });

  it.skipIf(kind === 'pglite')('miss nothing that is put off while they are made', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => bench.subscribe(URL)));
    let isAllPutOff = false;
    let delivered = 0;
    const claimAll = async (): Promise<void> => {
      while (delivered < ids.length * 60) {
        const claimed = await claim(16, 2);
        await deliver(claimed);
        delivered += claimed.length;
        if (claimed.length === 0 && isAllPutOff && (await deliveries().dueInMs()) !== 0) break;
      }
    };
    const putOffAll = async (id: string): Promise<void> => {
      for (let position = 1; position <= 60; position += 1)
        await deliveries().insert([pending(id, position)]);
    };
    const putting = Promise.all(ids.map(putOffAll)).then(() => (isAllPutOff = true));
    await Promise.all([putting, claimAll(), claimAll(), claimAll()]);
    expect(delivered).toBe(ids.length * 60);
  });

  async function databaseMs(): Promise<number> {
    const { rows } = await database.sql.query(
      `select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms`,
      [],
    );
    return Number(rows[0]?.['ms']);
  }
});

const attempt = { at: '2026-01-01T00:00:00.000Z', durationMs: 1 };
const DELIVERED = { state: 'delivered', attempt: { ...attempt, status: 200 }, delayMs: 0 } as const;
const FAILED = { state: 'pending', attempt: { ...attempt, status: 500 }, delayMs: 0 } as const;
