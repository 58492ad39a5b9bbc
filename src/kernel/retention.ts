import { systemClock } from './clock.ts';
import { createLeasedPart } from './leased-part.ts';
import type { HeldLease } from './lease.ts';
import type { Clock, Lease, LeaseStore, Logger, Publisher } from './ports.ts';
import { WEBHOOKS_READER } from './webhook-ports.ts';
import type { WorkerPart } from './worker.ts';

/** After how many days what is deleted; what is not named is kept for ever. */
export interface RetainDays {
  /**
   * Events, by when they were written, unless somebody still needs them. Streams can replay as far back. A publisher that
   * is gone for good needs them until its row in `evtgen.cursors` is deleted.
   */
  readonly events?: number | undefined;
  /** Deliveries that are over, by when that was. Without them a resend cannot tell what has arrived. */
  readonly deliveries?: number | undefined;
  /** Dead letters, replayed or open, by when they came to be. An open one keeps its event. */
  readonly deadLetters?: number | undefined;
}

/** What one look at the oldest rows has done. */
export interface RetentionStep {
  readonly deleted: number;
  /** Where the next look begins; undefined when there is nothing older left. */
  readonly next: string | undefined;
}

export interface RetentionPage {
  /** By the database's clock. */
  readonly olderThanMs: number;
  /** Rows to be looked at. */
  readonly limit: number;
  /** As an earlier step gave it. */
  readonly after: string | undefined;
}

/** All of these throw LeaseLostError when the lease's epoch is no longer current. */
export interface RetentionStore {
  /**
   * Deletes events that nobody needs: every cursor has passed them, no delivery of theirs is pending or parked, no
   * dead letter of theirs is open, and no subscription that was stopped could be resumed with them.
   *
   * @param readers those that must have a cursor: before they first run they have passed nothing
   */
  deleteEvents(lease: Lease, readers: readonly string[], page: RetentionPage): Promise<RetentionStep>;
  /** Deletes deliveries that are over and that neither a dead letter nor a fan-out that begins again needs. */
  deleteDeliveries(lease: Lease, page: RetentionPage): Promise<RetentionStep>;
  /** Deletes dead letters, but none that awaits its republication. */
  deleteDeadLetters(lease: Lease, page: RetentionPage): Promise<RetentionStep>;
  /** Cancels pending deliveries that were made of an event, or for a subscription, while that was being deleted. */
  cancelOrphans(lease: Lease): Promise<number>;
}

export interface RetentionOptions {
  readonly store: { readonly leases: LeaseStore; readonly retention: RetentionStore };
  readonly retainDays?: RetainDays | undefined;
  /** All that the applications on this database publish to. */
  readonly publishers?: readonly Pick<Publisher, 'name'>[] | undefined;
  readonly intervalMs?: number | undefined;
  readonly batchSize?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly leaseTtlMs?: number | undefined;
}

const INTERVAL_MS = 600_000;
const BATCH_SIZE = 1_000;
/** Leaves room for others between two batches. */
const PAUSE_MS = 20;
const DAY_MS = 86_400_000;

/**
 * Deletes what is too old, in small batches and by one process. Dead letters go first and events last, since the
 * former keep the latter. No part at all when `retainDays` names nothing.
 *
 * @throws RangeError for days that are no positive number
 */
export function createRetention(options: RetentionOptions): readonly WorkerPart[] {
  const { retainDays = {}, logger, publishers = [] } = options;
  const { leases, retention } = options.store;
  const clock = options.clock ?? systemClock;
  const limit = options.batchSize ?? BATCH_SIZE;
  const readers = [WEBHOOKS_READER, ...publishers.map(({ name }) => name)];

  async function run(
    days: number | undefined,
    held: HeldLease,
    step: (page: RetentionPage) => Promise<RetentionStep>,
  ): Promise<number> {
    let deleted = 0;
    if (days === undefined) return deleted;
    let after: string | undefined;
    do {
      const done = await step({ olderThanMs: days * DAY_MS, limit, after });
      deleted += done.deleted;
      after = done.next;
      if (after !== undefined) await clock.sleep(PAUSE_MS, held.ended);
    } while (after !== undefined && held.ended.aborted === false);
    return deleted;
  }

  async function clean(held: HeldLease): Promise<void> {
    const { lease } = held;
    const { events, deliveries, deadLetters } = checkedDays(retainDays);
    const deleted = {
      deadLetters: await run(deadLetters, held, (page) => retention.deleteDeadLetters(lease, page)),
      deliveries: await run(deliveries, held, (page) => retention.deleteDeliveries(lease, page)),
      events: await run(events, held, (page) => retention.deleteEvents(lease, readers, page)),
    };
    await retention.cancelOrphans(lease);
    const isSilent = Object.values(deleted).every((count) => count === 0);
    if (isSilent === false && logger !== undefined)
      logger.info('retention deleted what was too old', deleted);
  }

  checkedDays(retainDays);
  if (Object.values(retainDays).every((days) => days === undefined)) return [];
  return [
    createLeasedPart({
      ...options,
      name: 'retention',
      role: 'retention',
      leases,
      clock,

      async work(held, status): Promise<void> {
        while (held.ended.aborted === false && held.isHeld()) {
          await clean(held);
          status.succeeded();
          await clock.sleep(options.intervalMs ?? INTERVAL_MS, held.ended);
        }
      },
    }),
  ];
}

function checkedDays(retainDays: RetainDays): RetainDays {
  for (const [name, days] of Object.entries(retainDays)) {
    if (days !== undefined && (Number.isFinite(days) === false || days <= 0)) {
      throw new RangeError(`retainDays.${name} must be a positive number, got ${days}`);
    }
  }
  return retainDays;
}
