import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt } from '../../src/kernel/webhook-ports.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { judge } from './judge.ts';
import { startMisbehavingReceivers, type MisbehavingReceivers } from './misbehaving.ts';
import { committedRevisions, startChanges, subscribeTo } from './pipeline.ts';
import {
  figuresOf,
  NOTHING_AMISS,
  PATIENCE_MS,
  rounds,
  seed,
  TENANTS,
  TEST_TIMEOUT_MS,
  usePipeline,
} from './use-pipeline.ts';

const ATTEMPT_TIMEOUT_MS = 2_000;
/** Whoever waits for one that hangs is later than this. */
const LATE_MS = ATTEMPT_TIMEOUT_MS;
const MAX_STORED_BYTES = 16 * 1024;

describe.skipIf(isMissing(postgres))('receivers that misbehave, under load', () => {
  let bad: MisbehavingReceivers;

  beforeEach(async () => {
    bad = await startMisbehavingReceivers();
  });
  afterEach(() => bad.close());
  const pipeline = usePipeline();

  it(
    'delay nobody else, and each is told apart',
    async () => {
      const { database, receiver } = pipeline;
      const arrivals = new Map<string, number>();
      receiver.answer = ({ body }, response) => {
        arrivals.set(JSON.parse(body.toString('utf8')).eventId, Date.now());
        response.writeHead(204).end();
      };
      pipeline.run({
        resolve: bad.resolve,
        attemptTimeoutMs: ATTEMPT_TIMEOUT_MS, // The rest of the schedule is beyond the test.
        retryScheduleMs: [100, 60_000],
      });
      // A rate that the machine keeps up with: a queue would delay everybody.
      const changes = startChanges(database.url, pipeline.random, { concurrency: 1 });
      await waitUntil(() => arrivals.size >= 50 * rounds, PATIENCE_MS * rounds);
      const before = arrivals.size;
      for (const { id, url } of bad.receivers) await subscribeTo(database.pool, { id, url, tenant: 'odd' });
      await waitUntil(() => arrivals.size >= before + 100 * rounds, PATIENCE_MS * rounds);
      const during = arrivals.size;
      // Every one has failed at least once.
      await waitUntil(async () => {
        const seen = await attemptsOf();
        return bad.receivers.every(({ id }) => (seen.get(id)?.length ?? 0) > 0) && bad.internalAnswers() > 10;
      }, PATIENCE_MS);
      await changes.stop();

      const committed = await committedRevisions(database.pool);
      await waitUntil(() => arrivals.size >= committed.length, PATIENCE_MS);
      const delays = [...(await delaysOf(arrivals)).entries()].map(([, delay]) => delay);
      const [alone, together] = [delays.slice(0, before), delays.slice(before)].map(percentiles);
      process.stderr.write(
        `misbehaving receivers: seed ${seed}, ${committed.length} changes committed, ${during - before} beside them; ` +
          `p50/p95/max from the commit to the others: ${alone} ms without them, ${together} ms beside them\n`,
      );
      for (const tenant of TENANTS) {
        const verdict = judge(await committedRevisions(database.pool, tenant), pipeline.webhooksOf(tenant));
        process.stderr.write(`  well-behaved, ${tenant}: ${figuresOf(verdict)}\n`);
        expect({ ...verdict, reordered: [] }).toMatchObject(NOTHING_AMISS);
      }
      expect(together?.[1]).toBeLessThan(LATE_MS);

      const attempts = await attemptsOf();
      for (const { id, expected } of bad.receivers) {
        const words = new Map<string | number, number>();
        for (const attempt of attempts.get(id) ?? []) {
          words.set(wordOf(attempt), (words.get(wordOf(attempt)) ?? 0) + 1);
        }
        const counted = [...words].map(([word, count]) => `${word} ${count}`).join(', ');
        process.stderr.write(`  ${id}: ${counted}\n`);
        expect([id, new Set(words.keys())]).toEqual([id, expected]);
      }
      for (const { body } of [...attempts.values()].flat()) {
        expect(Buffer.byteLength(body ?? '')).toBeLessThanOrEqual(MAX_STORED_BYTES);
      }
      expect(attempts.get('10 MB')?.some(({ body }) => body?.length === MAX_STORED_BYTES)).toBe(true);
      expect(bad.internalConnections()).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );

  /** All attempts that were written down, by the kind of receiver. */
  async function attemptsOf(): Promise<Map<string, Attempt[]>> {
    const { rows } = await pipeline.database.pool.query<{ kind: string; attempts: Attempt[] }>(
      'select subscription_id as kind, attempts from evtgen.deliveries',
    );
    const all = new Map<string, Attempt[]>();
    for (const { kind, attempts } of rows) all.set(kind, [...(all.get(kind) ?? []), ...attempts]);
    return all;
  }

  /** Milliseconds from the insert of each event, which its commit follows at once, in the order of arrival. */
  async function delaysOf(arrivals: ReadonlyMap<string, number>): Promise<Map<string, number>> {
    const { rows } = await pipeline.database.pool.query<{ event_id: string; recorded_at: Date }>(
      'select event_id, recorded_at from evtgen.events',
    );
    const recorded = new Map(rows.map((row) => [row.event_id, row.recorded_at.getTime()]));
    return new Map([...arrivals].map(([id, at]) => [id, at - (recorded.get(id) ?? at)]));
  }
});

function wordOf({ failure, status }: Attempt): string | number {
  return failure ?? status ?? 'nothing';
}

function percentiles(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [0.5, 0.95, 1].map((share) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
}
