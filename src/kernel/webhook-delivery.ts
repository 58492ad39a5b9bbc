import type { AlertHook } from './alert.ts';
import { systemClock } from './clock.ts';
import type { Deliver } from './deliver.ts';
import { createWebhookFanOut } from './fan-out.ts';
import { measureDeliver } from './measure.ts';
import type { Metrics } from './metrics.ts';
import type { Clock, EventStore, Logger } from './ports.ts';
import { RETRY_SCHEDULE_SECONDS } from './retry.ts';
import { createRetryWorker } from './retry-worker.ts';
import { createSettle, DEACTIVATE_AFTER } from './settle.ts';
import { createSignal } from './signal.ts';
import type { Signal } from './signal.ts';
import { createUuidv7 } from './uuid.ts';
import type { IdSource } from './uuid.ts';
import type { Deactivation, WebhookStore } from './webhook-ports.ts';
import type { WorkerPart } from './worker.ts';

export interface WebhookDeliveryOptions {
  readonly store: Pick<EventStore<never>, 'log' | 'leases' | 'cursors'> & WebhookStore;
  readonly deliver: Deliver;
  readonly logSignal: Signal;
  /** Notified by the APIs when a replay or a resume made deliveries due. */
  readonly dueSignal?: Signal | undefined;
  /** Delays before the retries, in milliseconds; 1 m, 5 m, 30 m, 2 h and 24 h unless given. */
  readonly retryScheduleMs?: readonly number[] | undefined;
  /** So many times faster than that, for development; what a receiver asks for by `Retry-After` as well. */
  readonly retryTimeScale?: number | undefined;
  /** When a subscription is deactivated: after five failed deliveries in a row unless given. */
  readonly deactivateAfter?: Deactivation | undefined;
  /** Attempts at once for one endpoint, by the fan-out. */
  readonly perEndpoint?: number | undefined;
  /** The longest that an attempt can take, as given to `createDeliver`. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly spillAfterMs?: number | undefined;
  readonly idlePollMs?: number | undefined;
  /** How long `stop` waits for receivers; what they have not answered by then is attempted again. */
  readonly graceMs?: number | undefined;
  readonly metrics?: Metrics | undefined;
  readonly alert?: AlertHook | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Uniform in [0, 1); the jitter of retries. */
  readonly random?: (() => number) | undefined;
  readonly createId?: IdSource | undefined;
  readonly leaseTtlMs?: number | undefined;
}

/**
 * The two parts that deliver webhooks, for `createWorker`: the fan-out of new events and the retries.
 *
 * @throws RangeError for a delay in `retryScheduleMs` that is no time
 */
export function createWebhookDelivery(options: WebhookDeliveryOptions): readonly WorkerPart[] {
  const { store, logSignal, alert, logger, attemptTimeoutMs } = options;
  const clock = options.clock ?? systemClock;
  const dueSignal = options.dueSignal ?? createSignal();
  const deliver = measureDeliver(options.deliver, options.metrics);
  const settle = createSettle({
    store,
    policy: {
      scheduleMs: checkedSchedule(options.retryScheduleMs) ?? RETRY_SCHEDULE_SECONDS.map((s) => s * 1_000),
      random: options.random ?? Math.random,
      timeScale: options.retryTimeScale,
    },
    deactivateAfter: options.deactivateAfter ?? DEACTIVATE_AFTER,
    alert,
    logger,
    clock,
    createId: options.createId ?? createUuidv7(),
  });
  const shared = { store, deliver, settle, dueSignal, attemptTimeoutMs, clock, logger };
  const { perEndpoint, spillAfterMs, leaseTtlMs, idlePollMs, graceMs } = options;
  return [
    createWebhookFanOut({ ...shared, logSignal, perEndpoint, spillAfterMs, leaseTtlMs, graceMs }),
    createRetryWorker({ ...shared, idlePollMs, graceMs }),
  ];
}

function checkedSchedule(scheduleMs: readonly number[] | undefined): readonly number[] | undefined {
  for (const delay of scheduleMs ?? []) {
    // The database would take NaN for no time at all, and the delivery would wait for ever.
    if (Number.isFinite(delay) === false || delay < 0) {
      throw new RangeError(`the delays before retries must be milliseconds from 0 on, got ${delay}`);
    }
  }
  return scheduleMs;
}
