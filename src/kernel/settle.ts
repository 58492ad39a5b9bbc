import { raiseAlert } from './alert.ts';
import type { Outcome } from './deliver.ts';
import type { AlertHook, Clock, Logger } from './ports.ts';
import { nextDelayMs } from './retry.ts';
import type { RetryPolicy } from './retry.ts';
import type { IdSource } from './uuid.ts';
import type {
  DeliveryKey,
  DeliveryResult,
  DeliveryStore,
  Endpoint,
  Exhaustion,
  SubscriptionStore,
} from './webhook-ports.ts';

/** Deliveries in a row that used up every attempt before a subscription is deactivated. */
export const DEACTIVATE_AFTER = 5;

export interface SettlerOptions {
  readonly store: {
    readonly subscriptions: Pick<SubscriptionStore, 'stop'>;
    readonly deliveries: Pick<DeliveryStore, 'exhaust'>;
  };
  readonly policy: RetryPolicy;
  readonly deactivateAfter: number;
  readonly alert?: AlertHook | undefined;
  readonly logger?: Logger | undefined;
  readonly clock: Clock;
  readonly createId: IdSource;
}

/** A delivery whose attempt is over. */
export interface AttemptedDelivery extends DeliveryKey {
  readonly endpoint: Endpoint;
  /** Attempts of the current budget before this one. */
  readonly attemptCount: number;
  /** Of the row, when it has one. */
  readonly leaseToken: string | undefined;
}

/**
 * Decides what an outcome means for the delivery and for its subscription. Gives the row to be written, or
 * undefined when the delivery ended as a dead letter and was written here.
 */
export type Settle = (delivery: AttemptedDelivery, outcome: Outcome) => Promise<DeliveryResult | undefined>;

export function createSettle(options: SettlerOptions): Settle {
  const { store, policy, deactivateAfter, alert, logger, clock, createId } = options;

  function report(delivery: AttemptedDelivery, outcome: Outcome, exhaustion: Exhaustion | undefined): void {
    const { endpoint, eventType } = delivery;
    const { failureCount, isDeactivated } = exhaustion ?? { failureCount: undefined, isDeactivated: true };
    const context = {
      eventId: delivery.eventId,
      eventType,
      subscriptionId: endpoint.id,
      tenant: endpoint.tenant,
      lastStatus: outcome.attempt.status,
      lastBody: outcome.attempt.body,
      error: describeOutcome(outcome),
    };
    const { error } = context;
    if (exhaustion !== undefined) {
      const message = `${eventType} could not be delivered to ${endpoint.url} and is a dead letter now: ${error}`;
      raiseAlert({ kind: 'dead_letter.delivery_exhausted', message, ...context }, alert, logger);
    }
    if (isDeactivated) {
      const reason =
        exhaustion === undefined ? 'it answered 410' : `${failureCount} deliveries in a row failed`;
      const message = `the webhook ${endpoint.url} is deactivated: ${reason}`;
      raiseAlert({ kind: 'subscription.deactivated', message, ...context }, alert, logger);
    } else if (failureCount === Math.ceil(deactivateAfter / 2)) {
      const message = `the webhook ${endpoint.url} is failing: ${failureCount} of ${deactivateAfter} deliveries in a row`;
      raiseAlert({ kind: 'subscription.failing', message, ...context }, alert, logger);
    }
  }

  return async (delivery, outcome) => {
    const { attempt } = outcome;
    const { endpoint, attemptCount, ...key } = delivery;
    if (outcome.isSuccess) return { ...key, state: 'delivered', attempt, delayMs: 0 };

    // The delivery stays pending: while its subscription is not active nobody claims it.
    if (outcome.isGone && (await store.subscriptions.stop(endpoint.id, 'deactivated', 'it answered 410'))) {
      report(delivery, outcome, undefined);
    }
    const failed = { attemptCount: attemptCount + 1, status: attempt.status, retryAfter: outcome.retryAfter };
    const delayMs = nextDelayMs(policy, { ...failed, nowMs: clock.now() });
    if (delayMs !== undefined) return { ...key, state: 'pending', attempt, delayMs };

    const exhaustion = await store.deliveries.exhaust({
      ...key,
      attempt,
      error: describeOutcome(outcome),
      deadLetterId: createId(),
      deactivateAfter,
    });
    if (exhaustion !== undefined) report(delivery, outcome, exhaustion);
    return undefined;
  };
}

function describeOutcome(outcome: Outcome): string {
  const { status, failure, error } = outcome.attempt;
  return status === undefined ? `${failure}: ${error}` : `HTTP ${status}`;
}
