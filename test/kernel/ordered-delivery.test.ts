import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../faults/random.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { eventually } from '../helpers/eventually.ts';
import type { Receiver } from '../helpers/receiver.ts';
import { createWebhookBench } from '../helpers/webhook-bench.ts';
import type { WebhookBench } from '../helpers/webhook-bench.ts';

const seed = Number(process.env['EVTGEN_TEST_SEED'] ?? Date.now() % 1_000_000);
const ORDERED = { isOrdered: true } as const;

describe.each(databaseKinds)('an ordered subscription on $kind', ({ kind, open }) => {
  const half = kind === 'pglite' ? 8 : 20;
  const database = useDatabase({ kind, open });
  let bench: WebhookBench;

  beforeEach(async () => {
    bench = createWebhookBench(database.sql);
  });
  afterEach(() => bench.close());

  const positionsOf = (receiver: Receiver): number[] =>
    receiver.requests.map(({ body }) => (JSON.parse(String(body)) as { position: number }).position);

  it(`is served one at a time by position, whatever fails (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const receiver = await bench.receive();
    let [atOnce, mostAtOnce] = [0, 0];
    receiver.answer = (_request, response) => {
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      const status = random() < 0.3 ? 500 : 200;
      setTimeout(
        () => {
          atOnce -= 1;
          response.writeHead(status).end();
        },
        Math.floor(random() * 4),
      );
    };
    const retrySchedule = Array.from({ length: 30 }, () => 0.001);
    const id = await bench.subscribe(receiver.url, { ...ORDERED, retrySchedule });
    const first = bench.work();
    bench.work();
    for (let order = 1; order <= half; order += 1) await bench.emit();
    await eventually('some are delivered', () => receiver.requests.length > 5);
    // Whoever takes over goes on where it stood.
    await first.stop();
    bench.work();
    for (let order = 1; order <= half; order += 1) await bench.emit();
    await bench.settled(id, 2 * half);

    const positions = positionsOf(receiver);
    expect(positions).toEqual(positions.toSorted((left, right) => left - right));
    expect(positions.length).toBeGreaterThan(2 * half);
    expect(mostAtOnce).toBe(1);
  });

  it('waits for one that fails until it is a dead letter, and nobody else waits', async () => {
    const [strict, loose] = [await bench.receive(), await bench.receive()];
    let isUp = false;
    strict.answer = (_request, response) => void response.writeHead(isUp ? 200 : 500).end();
    const ordered = await bench.subscribe(strict.url, { ...ORDERED, retrySchedule: [3_600] });
    const other = await bench.subscribe(loose.url);
    bench.work();
    for (let order = 1; order <= 5; order += 1) await bench.emit();
    await bench.settled(other, 5);
    await bench.settled(ordered, 5, 'pending');
    await eventually('the first one was tried', () => strict.requests.length === 1);

    // As if the hour were over; it fails for the last time, and makes way.
    await database.sql.query(
      `update evtgen.deliveries set due_at = now() where subscription_id = $1 and position = 1`,
      [ordered],
    );
    await bench.settled(ordered, 1, 'exhausted');
    await eventually('the attempt of the second one is written', async () => {
      const second = (await bench.deliveriesOf(ordered)).find(({ position }) => position === 2);
      return second?.attempts.length === 1;
    });
    isUp = true;
    await database.sql.query(
      `update evtgen.deliveries set due_at = now() where subscription_id = $1 and state = 'pending'`,
      [ordered],
    );
    await bench.settled(ordered, 4);
    expect(positionsOf(strict)).toEqual([1, 1, 2, 2, 3, 4, 5]);
  });

  it('is in order from the first event that is read after it was made so', async () => {
    const receiver = await bench.receive();
    receiver.answer = (_request, response) => void response.writeHead(500).end();
    const id = await bench.subscribe(receiver.url, { retrySchedule: [3_600] });
    bench.work();
    await bench.emit();
    await bench.emit();
    await bench.settled(id, 2, 'pending');
    await eventually('both were tried', () => receiver.requests.length === 2);
    await database.sql.query(
      `with counted as (update evtgen.subscription_changes set change = change + 1)
       update evtgen.subscriptions set is_ordered = true`,
      [],
    );
    await bench.emit();
    await bench.settled(id, 3, 'pending');
    receiver.answer = (_request, response) => void response.writeHead(200).end();
    await database.sql.query(`update evtgen.deliveries set due_at = now() where position = 1`, []);
    await bench.settled(id, 1);
    expect(positionsOf(receiver).slice(2)).toEqual([1]);
  });
});
