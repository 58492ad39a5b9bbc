import type { IdempotencyStore } from './idempotency.ts';
import type { ResendStore } from './resend.ts';
import type { Endpoint, Page, SubscriptionStore } from './subscription-ports.ts';

/** The reader that fans events out to subscriptions; names its cursor and its lease. */
export const WEBHOOKS_READER = 'webhooks';

/** One HTTP try. */
export interface Attempt {
  /** ISO 8601. */
  readonly at: string;
  readonly durationMs: number;
  readonly status?: number | undefined;
  /** The beginning of the response body. */
  readonly body?: string | undefined;
  /** Why there was no response, e.g. `timeout`. */
  readonly failure?: string | undefined;
  readonly error?: string | undefined;
}

/**
 * `pending` deliveries of a subscription that is not active are parked. `skipped`: left behind when it was enabled
 * again. `cancelled`: it was deleted.
 */
export type DeliveryState = 'pending' | 'delivered' | 'exhausted' | 'skipped' | 'cancelled';

export interface Delivery {
  readonly position: number;
  readonly subscriptionId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly state: DeliveryState;
  readonly isReplay: boolean;
  readonly attempts: readonly Attempt[];
  /** ISO 8601; pending deliveries only. */
  readonly nextAttemptAt: string | undefined;
}

/** A delivery with its event: the envelope as JSON text, without `position`; undefined when it is no longer kept. */
export interface DeliveryDetail extends Delivery {
  readonly body: string | undefined;
}

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  /** An event type, or a pattern like `order.*`. */
  readonly eventType?: string | undefined;
}

/** Which delivery. */
export interface DeliveryKey {
  readonly position: number;
  readonly subscriptionId: string;
  readonly eventId: string;
  readonly eventType: string;
}

/** What became of an attempt, or of an event that was put off. */
export interface DeliveryResult extends DeliveryKey {
  readonly state: 'pending' | 'delivered';
  /** None when the attempt is put off or still running. */
  readonly attempt: Attempt | undefined;
  /** pending: time until it may be claimed. */
  readonly delayMs: number;
  /** pending, still running: nobody else may claim it before the delay has passed. */
  readonly leaseToken: string | undefined;
}

/** A delivery that was claimed for an attempt, with its event. */
export interface ClaimedDelivery extends DeliveryKey {
  readonly leaseToken: string;
  readonly attemptCount: number;
  readonly isReplay: boolean;
  readonly endpoint: Endpoint;
  /** Of the schema that the event was logged with. */
  readonly version: number;
  /** The envelope as JSON text, without `position`. */
  readonly body: string;
}

export interface ClaimOptions {
  readonly limit: number;
  readonly limitPerSubscription: number;
  readonly leaseMs: number;
  /** Subscriptions that have no room for more. */
  readonly except: readonly string[];
}

export interface ExhaustedDelivery extends DeliveryKey {
  readonly attempt: Attempt;
  /** Of the row, when there is one. */
  readonly leaseToken: string | undefined;
  readonly error: string;
  readonly deadLetterId: string;
  /** Undefined for a fault that is not the endpoint's, which does not count. */
  readonly deactivateAfter: Deactivation | undefined;
}

/** When a subscription is switched off for failing. */
export interface Deactivation {
  /** Failures in a row; any success begins anew. */
  readonly failures: number;
  /**
   * What counts as one: a `delivery` that used up every attempt, or every failed `attempt`. By attempts, an outage
   * of minutes switches a busy endpoint off, and its later retries are never made.
   */
  readonly unit: 'delivery' | 'attempt';
}

/** What a failure did to its subscription. */
export interface CountedFailure {
  /** Failures in a row with this one; undefined for what does not count: replays, and faults of ours. */
  readonly failureCount: number | undefined;
  readonly isDeactivated: boolean;
}

export interface DeliveryStore {
  /** Writes first results in one statement; pairs that have a row are left alone. */
  insert(results: readonly DeliveryResult[]): Promise<void>;
  /**
   * Writes the results of claimed deliveries in one statement. One whose lease was taken over by somebody else is
   * left alone, unless it succeeded.
   */
  update(results: readonly DeliveryResult[]): Promise<void>;
  /** Ends a delivery as a dead letter; undefined when it had been settled otherwise meanwhile. */
  exhaust(delivery: ExhaustedDelivery): Promise<CountedFailure | undefined>;
  /** Counts a failed attempt that is to be retried, where attempts are counted. */
  countAttempt(subscriptionId: string, deactivateAfter: Deactivation): Promise<CountedFailure>;
  /** Milliseconds until the next delivery may be claimed; 0 when one is due, undefined when none is pending. */
  dueInMs(): Promise<number | undefined>;
  /**
   * Claims due deliveries, the subscriptions in turn. An ordered one gives its first pending delivery or none; one
   * with `maxPerSecond` no more than its rate leaves, over all processes.
   */
  claim(options: ClaimOptions): Promise<ClaimedDelivery[]>;
  /** The pairs with `from < position <= to` that have a row, as `position:subscriptionId`. */
  recorded(from: number, to: number): Promise<ReadonlySet<string>>;
  /** The newest position that has a row, 0 when there is none. */
  newest(): Promise<number>;
  /** Newest first; `page.after` is a position. */
  list(subscriptionId: string, page: Page, filter?: DeliveryFilter | undefined): Promise<Delivery[]>;
  find(subscriptionId: string, eventId: string): Promise<DeliveryDetail | undefined>;
}

export interface WebhookStore {
  readonly subscriptions: SubscriptionStore;
  readonly deliveries: DeliveryStore;
  readonly resends: ResendStore;
  readonly idempotencyKeys: IdempotencyStore;
}
