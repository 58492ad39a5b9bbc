import { describe, expect, it } from 'vitest';
import type { Deliver, Outcome } from '../../src/kernel/deliver.ts';
import { measureDeliver, measurePublisher, measureStore, watchHealth } from '../../src/kernel/measure.ts';
import type { Publisher } from '../../src/kernel/ports.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { createPrometheusMetrics } from '../../src/metrics/prometheus.ts';
import { openPglite } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
import { createManualClock } from '../helpers/manual-clock.ts';

describe('what is measured', () => {
  it('of the store: events that were emitted, sequenced and given up', async () => {
    const { sql, close } = await openPglite();
    const metrics = createPrometheusMetrics();
    const store = measureStore({ ...createEventStore(sql), ...createWebhookStore(sql) }, metrics);
    const refused = {
      ...newEvent({ eventType: 'order.updated' }),
      position: undefined,
      error: 'data.total: is text',
    };
    await sql.transaction(async (tx) => {
      await store.log.append(tx, newEvent({}));
      await store.log.append(tx, newEvent({}));
      await store.log.appendPipelineError(tx, { ...refused, id: 'letter', stage: 'emit', reader: undefined });
    });
    const lease = await store.leases.acquire('sequencer', 'test', 60_000);
    if (lease === undefined) throw new Error('the lease is taken');
    await store.log.stamp(lease, 10);
    await close();
    const text = metrics.text();
    expect(text).toContain('evtgen_events_emitted_total{event_type="order.created",outcome="logged"} 2\n');
    expect(text).toContain(
      'evtgen_events_emitted_total{event_type="order.updated",outcome="dead_lettered"} 1\n',
    );
    expect(text).toContain('evtgen_events_sequenced_total 2\n');
    expect(text).toContain('evtgen_dead_letters_total{kind="pipeline_error"} 1\n');
  });

  it('of a publisher: batches it took, batches it did not, and how old the events were', async () => {
    const clock = createManualClock();
    const metrics = createPrometheusMetrics();
    let isDown = true;
    const publisher: Publisher = {
      name: 'redis-streams',
      async publish() {
        if (isDown) throw new Error('connect ECONNREFUSED');
        await clock.sleep(200);
      },
      close: () => Promise.resolve(),
    };
    const measured = measurePublisher(publisher, metrics, clock);
    const timestamp = new Date(clock.now() - 2_000).toISOString();
    const events = [1, 2].map((position) => ({ ...newEvent({ timestamp }), position }));
    await expect(measured.publish(events)).rejects.toThrow('ECONNREFUSED');
    isDown = false;
    const publishing = measured.publish(events);
    await clock.advance(200);
    await publishing;
    const text = metrics.text();
    expect(text).toContain('evtgen_publish_failures_total{publisher="redis-streams"} 1\n');
    expect(text).toContain('evtgen_events_published_total{publisher="redis-streams"} 2\n');
    expect(text).toContain('evtgen_publish_duration_seconds_sum{publisher="redis-streams"} 0.2\n');
    expect(text).toContain('evtgen_publish_delay_seconds_sum{publisher="redis-streams"} 4.4\n');
  });

  it('of attempts: what came of them and how long they took', async () => {
    const metrics = createPrometheusMetrics();
    const attempts = [{ status: 200 }, { status: 503 }, { failure: 'timeout' }];
    const rest = { isGone: false, retryAfter: undefined, ownFault: undefined };
    const outcomes = attempts.map((attempt): Outcome => ({
      ...rest,
      isSuccess: attempt.status === 200,
      attempt: { at: '2026-01-01T00:00:00.000Z', durationMs: 50, ...attempt },
    }));
    const deliver = measureDeliver(() => Promise.resolve(outcomes.shift()!), metrics);
    for (const _ of attempts) await deliver(...([] as unknown as Parameters<Deliver>));
    const text = metrics.text();
    for (const outcome of ['success', 'http_5xx', 'timeout']) {
      expect(text).toContain(`evtgen_delivery_attempts_total{outcome="${outcome}"} 1\n`);
    }
    expect(text).toMatch(/evtgen_delivery_attempt_duration_seconds_sum 0\.15/);
  });

  it('of the process: its parts, who leads, how far behind, and who listens', () => {
    const metrics = createPrometheusMetrics();
    const since = '2026-01-01T00:00:00.000Z';
    const parts = [
      { name: 'sequencer', state: 'standby', since } as const,
      { name: 'reader:redis-streams', state: 'failing', since, lag: 12 } as const,
    ];
    watchHealth({ health: () => ({ ok: false, parts }) }, { clients: () => 3 }, metrics);
    const text = metrics.text();
    expect(text).toContain('evtgen_part_up{part="sequencer"} 1\n');
    expect(text).toContain('evtgen_part_up{part="reader:redis-streams"} 0\n');
    expect(text).toContain('evtgen_leader{part="sequencer"} 0\n');
    expect(text).toContain('evtgen_reader_lag_events{reader="reader:redis-streams"} 12\n');
    expect(text).toContain('evtgen_stream_clients 3\n');
  });
});
