import type { LoggedEvent } from './event.ts';
import type { TenantScope } from './tenant-scope.ts';
import type { Page, SubscriptionState } from './subscription-ports.ts';
import type { Attempt } from './webhook-ports.ts';

/**
 * `delivery_exhausted`: every attempt of a webhook delivery failed. `pipeline_error`: an event was refused by its
 * schema, or by a broker.
 */
export type DeadLetterKind = 'delivery_exhausted' | 'pipeline_error';

/** A dead letter as a list shows it. */
export interface DeadLetterSummary {
  readonly id: string;
  readonly kind: DeadLetterKind;
  /** pipeline_error: where it happened. */
  readonly stage: 'emit' | 'publish' | undefined;
  /** pipeline_error at `publish`: whose broker refused it. */
  readonly reader: string | undefined;
  /** delivery_exhausted: to whom it could not be delivered. */
  readonly subscriptionId: string | undefined;
  readonly eventId: string;
  readonly eventType: string;
  readonly subject: string | undefined;
  readonly tenant: string | undefined;
  readonly position: number | undefined;
  readonly error: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly replayedAt: string | undefined;
  /** When its data was erased on request; it cannot be replayed any more. */
  readonly redactedAt: string | undefined;
}

/** A dead letter with all that is known of it. */
export interface DeadLetter extends DeadLetterSummary {
  /** Who caused the event. */
  readonly actor: string | undefined;
  /** The envelope as JSON text; undefined once it was replayed and retention has deleted its event. */
  readonly body: string | undefined;
  /** delivery_exhausted: all of them, also those of earlier replays. */
  readonly attempts: readonly Attempt[];
}

export interface DeadLetterFilter {
  readonly kind?: DeadLetterKind | undefined;
  /** An exact type, `order.*`, or `*`. */
  readonly eventType?: string | undefined;
  readonly subscriptionId?: string | undefined;
  /** ISO 8601; those that came to be, or failed again, at this time or later. */
  readonly createdAfter?: string | undefined;
  /** ISO 8601; those before this time. */
  readonly createdBefore?: string | undefined;
  /** Those that were replayed instead of the open ones. */
  readonly isReplayed?: boolean | undefined;
}

/**
 * What became of putting one back to work. `already_replayed`: nothing is open any more. `redacted`: there is
 * nothing left to send. Else the state of a subscription that is not active.
 */
export type Requeued = 'requeued' | 'already_replayed' | 'redacted' | Exclude<SubscriptionState, 'active'>;

/** An event that a broker refused and is to be offered again. */
export interface Republication {
  /** Of the dead letter. */
  readonly id: string;
  readonly event: LoggedEvent;
}

export interface DeadLetterStore<Tx> {
  /** By id, ascending, which is by age. */
  list(scope: TenantScope, filter: DeadLetterFilter, page: Page): Promise<DeadLetterSummary[]>;
  /** How many match that come after the given id. */
  count(scope: TenantScope, filter: DeadLetterFilter, after: string | undefined): Promise<number>;
  /** Undefined when there is none or it is out of scope. */
  find(scope: TenantScope, id: string): Promise<DeadLetter | undefined>;
  /**
   * Puts letters with a position back to work in one statement, and marks them: their deliveries become due with
   * all attempts ahead, their republications await the worker.
   *
   * @returns what became of each; one that is not in scope has no entry
   */
  requeue(scope: TenantScope, ids: readonly string[]): Promise<ReadonlyMap<string, Requeued>>;
  /** Runs `act` and marks the dead letter in one transaction; false when somebody else was faster. */
  conclude(id: string, act: (tx: Tx) => Promise<unknown>): Promise<boolean>;
  /** What the broker of `reader` is to be offered again, by id. */
  republications(reader: string, limit: number): Promise<Republication[]>;
  /** The broker has confirmed these. */
  republished(ids: readonly string[]): Promise<void>;
  /** The broker has refused it again: the dead letter is open again. */
  reopen(id: string, error: string): Promise<void>;
  /** Deletes one; false when `find` would give undefined. */
  purge(scope: TenantScope, id: string): Promise<boolean>;
  /** Deletes up to `limit` that match, the oldest first, but none that awaits its republication. */
  purgeMatching(scope: TenantScope, filter: DeadLetterFilter, limit: number): Promise<number>;
}
