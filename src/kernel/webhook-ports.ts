import type { EventFilter } from './filter.ts';

/** The reader that fans events out to subscriptions; names its cursor and its lease. */
export const WEBHOOKS_READER = 'webhooks';

/**
 * `disabled`: switched off by its owner. `deactivated`: switched off by us, because it failed too often or
 * answered 410. `deleted`: only its dead letters are still readable.
 */
export type SubscriptionState = 'active' | 'disabled' | 'deactivated' | 'deleted';

/**
 * How an event is written into a request. `envelope`: as it is. `standard`: the body that Standard Webhooks advises.
 * `cloudevents-binary` and `cloudevents-structured`: the two modes of CloudEvents over HTTP. `thin`: ids only.
 */
export type PayloadProfile =
  | 'envelope'
  | 'standard'
  | 'cloudevents-binary'
  | 'cloudevents-structured'
  | 'thin';

/** What the owner of a subscription decides. */
export interface SubscriptionSettings {
  readonly url: string;
  readonly description: string | undefined;
  readonly eventTypes: EventFilter;
  readonly payload: PayloadProfile;
  /** The version of each event type that it gets; one that is not listed comes in its newest. */
  readonly versions: Readonly<Record<string, number>>;
  /** One delivery at a time, by position: a failing one holds back those after it. */
  readonly isOrdered: boolean;
  /** Attempts a second at most; undefined is no limit. */
  readonly maxPerSecond: number | undefined;
  /** Delays before the retries, in seconds; undefined is the schedule of the application. */
  readonly retrySchedule: readonly number[] | undefined;
}

/** A webhook endpoint and its filter. */
export interface Subscription extends SubscriptionSettings {
  readonly id: string;
  readonly tenant: string | undefined;
  readonly state: SubscriptionState;
  readonly stateReason: string | undefined;
  /** Only events after it are delivered. */
  readonly startPosition: number;
  /** Deliveries in a row that used up every attempt. */
  readonly failureCount: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A subscription with what an attempt needs; the texts are sealed, see `SecretBox`. */
export interface Endpoint extends Subscription {
  readonly sealedSecret: string;
  /** The secret before a rotation, while it still signs. */
  readonly sealedPreviousSecret: string | undefined;
  readonly sealedHeaders: string | undefined;
}

export interface NewSubscription extends SubscriptionSettings {
  readonly id: string;
  readonly tenant: string | undefined;
  readonly sealedSecret: string;
  readonly sealedHeaders: string | undefined;
}

/** Whose rows a caller may see. `undefined` is a tenant of its own: that of applications without tenants. */
export type Tenant = string | undefined;

export interface Page {
  /** Id after which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
}

export interface SubscriptionStore {
  /** Starts the subscription at the newest position. */
  create(subscription: NewSubscription): Promise<Subscription>;
  /** By id, ascending; without the deleted ones. */
  list(tenant: Tenant, page: Page): Promise<Subscription[]>;
  /** Undefined when there is none, it is deleted, or it belongs to another tenant. */
  find(tenant: Tenant, id: string): Promise<Subscription | undefined>;
  /** Cancels pending deliveries and wipes the secret; false when `find` would give undefined. */
  remove(tenant: Tenant, id: string): Promise<boolean>;
  /**
   * Makes a stopped subscription active again; one that is active is returned as it is.
   * @param from `resume`: parked deliveries and the events since the stop are delivered. `skip`: it goes on at the
   * newest position, and what was parked stays so.
   */
  enable(tenant: Tenant, id: string, from: 'resume' | 'skip'): Promise<Subscription | undefined>;
  /** Stops an active subscription and remembers the position; false when it was not active. */
  stop(id: string, state: 'disabled' | 'deactivated', reason: string): Promise<boolean>;
  /** Grows with every committed change that the fan-out has to know of. */
  change(): Promise<number>;
  /** All active subscriptions, of every tenant. */
  endpoints(): Promise<Endpoint[]>;
}

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
  /** Failed deliveries in a row that deactivate the subscription. */
  readonly deactivateAfter: number;
}

export interface Exhaustion {
  /** Undefined for a replay, which never counts. */
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
  exhaust(delivery: ExhaustedDelivery): Promise<Exhaustion | undefined>;
  claim(options: ClaimOptions): Promise<ClaimedDelivery[]>;
  /** The pairs with `from < position <= to` that have a row, as `position:subscriptionId`. */
  recorded(from: number, to: number): Promise<ReadonlySet<string>>;
  /** The newest position that has a row, 0 when there is none. */
  newest(): Promise<number>;
  /** Newest first; `page.after` is a position. */
  list(subscriptionId: string, page: Page): Promise<Delivery[]>;
}

export interface WebhookStore {
  readonly subscriptions: SubscriptionStore;
  readonly deliveries: DeliveryStore;
}
