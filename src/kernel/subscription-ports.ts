import type { EventFilter } from './filter.ts';

/**
 * `disabled`: switched off by its owner. `deactivated`: switched off by us, because it failed too often or
 * answered 410. `deleted`: only its dead letters are still readable.
 */
export type SubscriptionState = 'active' | 'disabled' | 'deactivated' | 'deleted';

/**
 * How an event is written into a request. `envelope`: as it is. `standard`: the body that Standard Webhooks advises.
 * `cloudevents-binary` and `cloudevents-structured`: the two modes of CloudEvents over HTTP. `thin`: ids only.
 */
export type PayloadProfile = (typeof PAYLOAD_PROFILES)[number];

export const PAYLOAD_PROFILES = [
  'envelope',
  'standard',
  'cloudevents-binary',
  'cloudevents-structured',
  'thin',
] as const;

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

/** A subscription with what an attempt needs; the texts are sealed, see `SecretBox`. Nobody is shown it as it is. */
export interface Endpoint extends Subscription {
  readonly sealedSecret: string;
  /** The secrets before it, the last to expire first. */
  readonly previousSecrets: readonly PreviousSecret[];
  readonly sealedHeaders: string | undefined;
}

/** A secret that was rotated away. */
export interface PreviousSecret {
  readonly sealedSecret: string;
  /** Until when it signs too, in milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** How many secrets may sign beside the current one: each makes the requests longer. */
export const MAX_PREVIOUS_SECRETS = 5;

export interface NewSubscription extends SubscriptionSettings {
  readonly id: string;
  readonly tenant: string | undefined;
  readonly sealedSecret: string;
  readonly sealedHeaders: string | undefined;
}

export interface SubscriptionUpdate extends SubscriptionSettings {
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
  create(subscription: NewSubscription): Promise<Endpoint>;
  /** By id, ascending; without the deleted ones. */
  list(tenant: Tenant, page: Page): Promise<Endpoint[]>;
  /** Undefined when there is none, it is deleted, or it belongs to another tenant. */
  find(tenant: Tenant, id: string): Promise<Endpoint | undefined>;
  /**
   * Replaces what `revise` makes of the row, which nobody else changes meanwhile; undefined when `find` would give
   * that. What `revise` throws leaves everything as it was.
   */
  update(
    tenant: Tenant,
    id: string,
    revise: (current: Endpoint) => SubscriptionUpdate,
  ): Promise<Endpoint | undefined>;
  /**
   * Signs with another secret from now on, and with the one before for `overlapSeconds` more: receivers have that one
   * now, so it is kept whatever else is. Those before that go on until their own time is over; when there are more
   * than `MAX_PREVIOUS_SECRETS` in all, those of them that would end first are dropped.
   * @returns until when that is, as ISO 8601; undefined when `find` would give that.
   */
  rotateSecret(
    tenant: Tenant,
    id: string,
    sealedSecret: string,
    overlapSeconds: number,
  ): Promise<string | undefined>;
  /** Cancels pending deliveries and wipes the secret; false when `find` would give undefined. */
  remove(tenant: Tenant, id: string): Promise<boolean>;
  /**
   * Makes a stopped subscription active again; one that is active is returned as it is.
   * @param from `resume`: parked deliveries and the events since the stop are delivered. `skip`: it goes on at the
   * newest position, and what was parked stays so.
   */
  enable(tenant: Tenant, id: string, from: 'resume' | 'skip'): Promise<Endpoint | undefined>;
  /** Stops an active subscription and remembers the position; false when it was not active. */
  stop(id: string, state: 'disabled' | 'deactivated', reason: string): Promise<boolean>;
  /** Grows with every committed change that the fan-out has to know of. */
  change(): Promise<number>;
  /** All active subscriptions, of every tenant. */
  endpoints(): Promise<Endpoint[]>;
}
