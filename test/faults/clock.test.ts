import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Attempt } from '../../src/kernel/webhook-ports.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { startChanges } from './pipeline.ts';
import { ALL_WELL, grows, rounds, TEST_TIMEOUT_MS, usePipeline } from './use-pipeline.ts';

const HOUR_MS = 3_600_000;
/** The longest that a receiver asks for, the last delay of the schedule, and a busy machine. */
const LATE_MS = 10_000;
const REFUSED_SHARE = 0.3;
/** Not lost to a busy machine: only a jump that counts as time would reach it. */
const LEASE_TTL_MS = 30_000;

describe.skipIf(isMissing(postgres))('a clock that is set under load', () => {
  const pipeline = usePipeline();

  it(
    'by an hour either way loses nothing, no lease, and holds no retry back',
    async () => {
      const { database, receiver, random } = pipeline;
      let offset = 0;
      const clock = { ...systemClock, now: () => Date.now() + offset };
      const refusedAt = new Map<string, number>();
      const gaps: number[] = [];
      const acknowledged: typeof receiver.requests = [];
      receiver.answer = (request, response) => {
        const id = String(request.headers['webhook-id']);
        const before = refusedAt.get(id);
        if (before !== undefined) gaps.push(performance.now() - before);
        refusedAt.delete(id);
        if (random() > REFUSED_SHARE) {
          acknowledged.push(request);
          return void response.writeHead(204).end();
        }
        refusedAt.set(id, performance.now());
        response.writeHead(503, retryAfter(random)).end();
      };
      const retryScheduleMs = Array.from({ length: 20 }, () => 100);
      pipeline.run({ clock, leaseTtlMs: LEASE_TTL_MS, retryScheduleMs });
      const changes = startChanges(database.url, random);
      await grows(() => acknowledged.length);
      const leases = await epochs();
      let jumps = 0;
      for (let round = 0; round < rounds; round += 1) {
        for (const target of [HOUR_MS, 0, -HOUR_MS, 0]) {
          offset = target;
          jumps += 1;
          await grows(() => acknowledged.length, 40);
          await grows(() => gaps.length, 5);
        }
      }
      await changes.stop();
      // An hour behind, when dates lie furthest ahead, everything has to come to an end.
      offset = -HOUR_MS;
      const latest = (): number => Math.round(Math.max(0, ...gaps));
      const verdicts = await pipeline.report('clock set', `, by an hour ${jumps + 1} times`);
      process.stderr.write(`  ${gaps.length} retries, the latest ${latest()} ms after it was refused\n`);
      expect(verdicts.broker).toMatchObject(ALL_WELL.broker);
      for (const { lost, ghosts } of verdicts.webhooks)
        expect({ lost, ghosts }).toEqual({ lost: [], ghosts: [] });
      expect(await epochs()).toEqual(leases);
      expect(leases).toHaveLength(3);
      expect(gaps.length).toBeGreaterThan(jumps);
      expect(latest()).toBeLessThan(LATE_MS);
      expect(refusedAt.size).toBe(0);

      const { rows } = await database.pool.query<{ attempts: Attempt[] }>(
        'select attempts from evtgen.deliveries',
      );
      const durations = rows.flatMap(({ attempts }) => attempts.map(({ durationMs }) => durationMs));
      expect(Math.min(...durations)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...durations)).toBeLessThan(LATE_MS);
    },
    TEST_TIMEOUT_MS,
  );

  async function epochs(): Promise<unknown[]> {
    const { rows } = await pipeline.database.pool.query(
      'select role, epoch from evtgen.leases order by role',
    );
    return rows;
  }
});

/** Nothing, a second, or the date of it by the receiver's own clock, which nobody sets. */
function retryAfter(random: () => number): Record<string, string> {
  const choice = random();
  if (choice < 0.6) return {};
  return { 'retry-after': choice < 0.8 ? '1' : new Date(Date.now() + 1_000).toUTCString() };
}
