import { raiseAlert } from './alert.ts';
import type { Alert, AlertHook } from './alert.ts';
import type { Outcome } from './deliver.ts';
import type { Clock, Logger } from './ports.ts';
import { nextDelayMs, policyOf } from './retry.ts';
import type { RetryPolicy } from './retry.ts';
import type { IdSource } from './uuid.ts';
import type { Endpoint, SubscriptionStore } from './subscription-ports.ts';
import type {
  CountedFailure,
  Deactivation,
  DeliveryKey,
  DeliveryResult,
  DeliveryStore,
} from './webhook-ports.ts';

/** Unless configured otherwise. */
export const DEACTIVATE_AFTER: Deactivation = { failures: 5, unit: 'delivery' };

export interface SettlerOptions {
  readonly store: {
    readonly subscriptions: Pick<SubscriptionStore, 'stop'>;
    readonly deliveries: Pick<DeliveryStore, 'exhaust' | 'countAttempt'>;
  };
  /** For subscriptions without a schedule of their own. */
  readonly policy: RetryPolicy;
  readonly deactivateAfter: Deactivation;
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
  readonly isReplay: boolean;
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

  function report(
    kind: Alert['kind'],
    { endpoint, eventId, eventType }: AttemptedDelivery,
    outcome: Outcome,
    what: string,
    deadLetterId?: string | undefined,
  ): void {
    const error = outcome.ownFault ?? describeOutcome(outcome);
    const { status: lastStatus, body: lastBody } = outcome.attempt;
    const subject = { eventId, eventType, subscriptionId: endpoint.id, tenant: endpoint.tenant };
    const message = `the webhook ${nameOf(endpoint)} ${what}; the last was ${eventType} ${eventId}: ${error}`;
    raiseAlert({ kind, message, deadLetterId, ...subject, lastStatus, lastBody, error }, alert, logger);
  }

  function reportFailures(
    delivery: AttemptedDelivery,
    outcome: Outcome,
    { failureCount, isDeactivated }: CountedFailure,
  ): void {
    const { failures, unit } = deactivateAfter;
    const noun = unit === 'delivery' ? 'deliveries' : 'attempts';
    if (isDeactivated) {
      const what = `is deactivated, because ${failureCount} ${noun} in a row failed`;
      report('subscription.deactivated', delivery, outcome, what);
    } else if (failureCount === Math.ceil(failures / 2)) {
      const what = `is failing: ${failureCount} ${noun} in a row, at ${failures} it is deactivated`;
      report('subscription.failing', delivery, outcome, what);
    }
  }

  return async (delivery, outcome) => {
    if (outcome.isSuccess) return deliveredResult(delivery, outcome);
    const { attempt } = outcome;
    const { endpoint, attemptCount, isReplay, position, subscriptionId, eventId, eventType } = delivery;
    const key = { position, subscriptionId, eventId, eventType, leaseToken: delivery.leaseToken };

    // The delivery stays pending: while its subscription is not active nobody claims it.
    if (outcome.isGone && (await store.subscriptions.stop(endpoint.id, 'deactivated', 'it answered 410'))) {
      report('subscription.deactivated', delivery, outcome, 'is deactivated, because it answered 410');
    }
    const { retryAfter, date } = outcome;
    const failed = { attemptCount: attemptCount + 1, status: attempt.status, retryAfter, date };
    const delayMs = nextDelayMs(policyOf(endpoint, policy), { ...failed, nowMs: clock.now() });
    if (delayMs !== undefined) {
      if (deactivateAfter.unit === 'attempt' && isReplay === false && outcome.ownFault === undefined) {
        const counted = await store.deliveries.countAttempt(endpoint.id, deactivateAfter);
        reportFailures(delivery, outcome, counted);
      }
      return { ...key, state: 'pending', attempt, delayMs };
    }

    const error = describeOutcome(outcome);
    const deadLetterId = createId();
    const counted = await store.deliveries.exhaust({
      ...key,
      attempt,
      error,
      deadLetterId,
      deactivateAfter: outcome.ownFault === undefined ? deactivateAfter : undefined,
    });
    if (counted === undefined) return undefined;
    const made = `${failed.attemptCount} ${failed.attemptCount === 1 ? 'attempt' : 'attempts'}`;
    const what = `has a dead letter after ${made}`;
    report('dead_letter.delivery_exhausted', delivery, outcome, what, deadLetterId);
    reportFailures(delivery, outcome, counted);
    return undefined;
  };
}

/** What a success means, which needs no decision. */
export function deliveredResult(
  {
    position,
    subscriptionId,
    eventId,
    eventType,
    leaseToken,
  }: DeliveryKey & Pick<DeliveryResult, 'leaseToken'>,
  { attempt }: Outcome,
): DeliveryResult {
  return {
    position,
    subscriptionId,
    eventId,
    eventType,
    leaseToken,
    state: 'delivered',
    attempt,
    delayMs: 0,
  };
}

/** Origin and path only: in the rest of their URLs people keep tokens. */
function nameOf(endpoint: Endpoint): string {
  const { origin, pathname } = new URL(endpoint.url);
  return origin + pathname;
}

function describeOutcome(outcome: Outcome): string {
  const { status, failure, error } = outcome.attempt;
  return status === undefined ? `${failure}: ${error}` : `HTTP ${status}`;
}
