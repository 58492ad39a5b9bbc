import { systemClock } from './clock.ts';
import type { Deliver, Outcome } from './deliver.ts';
import type { GaugeSample, Metrics } from './metrics.ts';
import type { Clock, EventStore, Publisher } from './ports.ts';
import type { WebhookStore } from './webhook-ports.ts';
import type { Worker } from './worker.ts';

/** The store, counting what is emitted, sequenced and given up. Without `metrics` nothing is wrapped, here and below. */
export function measureStore<Tx, Store extends EventStore<Tx> & Pick<WebhookStore, 'deliveries'>>(
  store: Store,
  metrics: Metrics | undefined,
): Store {
  if (metrics === undefined) return store;
  const { log, cursors, deliveries } = store;
  const deadLetter = (kind: string): void => metrics.count('evtgen_dead_letters_total', 1, { kind });

  return {
    ...store,
    log: {
      ...log,
      async append(tx: Tx, event): Promise<boolean> {
        if ((await log.append(tx, event)) === false) return false;
        const labels = { event_type: event.eventType, outcome: 'logged' };
        metrics.count('evtgen_events_emitted_total', 1, labels);
        return true;
      },
      async appendPipelineError(tx: Tx, error): Promise<boolean> {
        if ((await log.appendPipelineError(tx, error)) === false) return false;
        const labels = { event_type: error.eventType, outcome: 'dead_lettered' };
        metrics.count('evtgen_events_emitted_total', 1, labels);
        deadLetter('pipeline_error');
        return true;
      },
      async stamp(lease, limit) {
        const stamped = await log.stamp(lease, limit);
        if (stamped.count > 0) metrics.count('evtgen_events_sequenced_total', stamped.count);
        return stamped;
      },
    } satisfies EventStore<Tx>['log'],
    cursors: {
      ...cursors,
      async setAside(lease, error): Promise<void> {
        await cursors.setAside(lease, error);
        deadLetter('pipeline_error');
      },
    } satisfies EventStore<Tx>['cursors'],
    deliveries: {
      ...deliveries,
      async exhaust(delivery) {
        const exhaustion = await deliveries.exhaust(delivery);
        if (exhaustion !== undefined) deadLetter('delivery_exhausted');
        return exhaustion;
      },
    } satisfies WebhookStore['deliveries'],
  };
}

/** The publisher, counting and timing its batches. */
export function measurePublisher(
  publisher: Publisher,
  metrics: Metrics | undefined,
  clock: Clock = systemClock,
): Publisher {
  if (metrics === undefined) return publisher;
  const labels = { publisher: publisher.name };

  return {
    name: publisher.name,
    close: () => publisher.close(),
    async publish(events): Promise<void> {
      const startedAt = clock.monotonic();
      try {
        await publisher.publish(events);
      } catch (error) {
        metrics.count('evtgen_publish_failures_total', 1, labels);
        throw error;
      }
      metrics.observe('evtgen_publish_duration_seconds', (clock.monotonic() - startedAt) / 1_000, labels);
      metrics.count('evtgen_events_published_total', events.length, labels);
      const now = clock.now();
      for (const { timestamp } of events) {
        const delay = Math.max(0, now - Date.parse(timestamp)) / 1_000;
        metrics.observe('evtgen_publish_delay_seconds', delay, labels);
      }
    },
  };
}

/** `deliver`, counting and timing its attempts. */
export function measureDeliver(deliver: Deliver, metrics: Metrics | undefined): Deliver {
  if (metrics === undefined) return deliver;
  return async (...delivery) => {
    const outcome = await deliver(...delivery);
    metrics.count('evtgen_delivery_attempts_total', 1, { outcome: outcomeLabel(outcome) });
    metrics.observe('evtgen_delivery_attempt_duration_seconds', outcome.attempt.durationMs / 1_000);
    return outcome;
  };
}

/** Reads the gauges off the worker and the stream of this process. */
export function watchHealth(
  worker: Pick<Worker, 'health'>,
  stream: { clients(): number },
  metrics: Metrics | undefined,
): void {
  if (metrics === undefined) return;
  metrics.watch(() => {
    const samples: GaugeSample[] = [{ name: 'evtgen_stream_clients', value: stream.clients() }];
    for (const { name, state, lag } of worker.health().parts) {
      const isUp = state === 'active' || state === 'standby';
      samples.push({ name: 'evtgen_part_up', value: isUp ? 1 : 0, labels: { part: name } });
      samples.push({ name: 'evtgen_leader', value: state === 'active' ? 1 : 0, labels: { part: name } });
      if (lag !== undefined) {
        samples.push({ name: 'evtgen_reader_lag_events', value: lag, labels: { reader: name } });
      }
    }
    return samples;
  });
}

function outcomeLabel({ isSuccess, attempt }: Outcome): string {
  if (isSuccess) return 'success';
  return attempt.status === undefined
    ? String(attempt.failure)
    : `http_${Math.floor(attempt.status / 100)}xx`;
}
