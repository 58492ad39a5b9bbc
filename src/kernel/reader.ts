import { backoffMs, systemClock } from './clock.ts';
import { describeError } from './describe-error.ts';
import { LeaseLostError } from './errors.ts';
import { readerRole } from './lease.ts';
import type { HeldLease } from './lease.ts';
import { createLeasedPart } from './leased-part.ts';
import type { PartStatus } from './part-status.ts';
import type { LoggedEvent } from './event.ts';
import type { Clock, EventStore, Logger } from './ports.ts';
import type { Signal } from './signal.ts';
import type { WorkerPart } from './worker.ts';

const BATCH_SIZE = 500;
/** How often it looks when the sequencer that would wake it runs in another process. */
const IDLE_POLL_MS = 100;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 30_000;
/** What was read longer ago is read again: an erasure request may have come meanwhile. */
const READ_AGAIN_AFTER_MS = 1_000;
/** An outage, or a batch that is not confirmed, for this long is worth a person's attention. */
const OUTAGE_MS = 30_000;

export interface ReaderOptions {
  /** Names the cursor; stable across restarts. */
  readonly name: string;
  readonly store: Pick<EventStore<never>, 'log' | 'leases' | 'cursors'>;
  readonly logSignal: Signal;
  /** Where a new reader begins. */
  readonly start: 'head' | 'beginning';
  /**
   * Takes a batch, ascending by position, and resolves when it is safe to pass over it for ever. When it
   * rejects, its events come again after a pause.
   */
  handle(events: readonly LoggedEvent[], held: HeldLease): Promise<void>;
  /** Called once an outage, when it has lasted for 30 s. */
  onOutage?(error: string): void;
  readonly batchSize?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly leaseTtlMs?: number | undefined;
}

/** Events that are being read, and when: by the clock, and by the state of the signal before. */
interface Look {
  readonly at: number;
  readonly generation: number;
  readonly events: Promise<LoggedEvent[]>;
}

/**
 * Follows the log by a cursor of its own, one process at a time. The cursor moves after a batch was handled,
 * never before: a crash in between repeats the batch, and nothing is ever passed over.
 */
export function createReader(options: ReaderOptions): WorkerPart {
  const { name, logSignal, handle, onOutage } = options;
  const { log, leases, cursors } = options.store;
  const clock = options.clock ?? systemClock;
  const batchSize = options.batchSize ?? BATCH_SIZE;
  let cursor = 0;
  let head = 0;
  let isOutageReported = false;
  let reading: Promise<unknown> = Promise.resolve();

  function reportOutage(error: string): void {
    if (isOutageReported) return;
    isOutageReported = true;
    if (onOutage !== undefined) onOutage(error);
  }

  /** A broker may neither confirm nor fail; only the time tells. */
  async function watchOver(settled: AbortSignal, status: PartStatus): Promise<void> {
    await clock.sleep(OUTAGE_MS, settled);
    if (settled.aborted) return;
    const error = `no confirmation for ${OUTAGE_MS / 1000} s`;
    status.failed(new Error(error));
    reportOutage(error);
  }

  /** False when the batch has to come again, after a pause. */
  async function tryToHandle(
    batch: readonly LoggedEvent[],
    held: HeldLease,
    status: PartStatus,
  ): Promise<boolean> {
    const settled = new AbortController();
    const watch = watchOver(settled.signal, status);
    try {
      await handle(batch, held);
      return true;
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      const failures = status.failed(error);
      if (clock.monotonic() - (status.failingSince() ?? 0) >= OUTAGE_MS) reportOutage(describeError(error));
      head = await log.head();
      await clock.sleep(backoffMs(failures, BACKOFF_FIRST_MS, BACKOFF_MAX_MS), held.ended);
      return false;
    } finally {
      settled.abort();
      await watch;
    }
  }

  function look(after: number): Look {
    const look = {
      at: clock.monotonic(),
      generation: logSignal.generation(),
      events: log.read(after, batchSize),
    };
    // Met by whoever takes the events, if anybody does.
    reading = look.events.catch(() => undefined);
    return look;
  }

  async function follow(held: HeldLease, status: PartStatus): Promise<void> {
    cursor = await cursors.open(name, options.start);
    let next: Look | undefined;
    while (held.ended.aborted === false && held.isHeld()) {
      if (next === undefined || clock.monotonic() - next.at > READ_AGAIN_AFTER_MS) next = look(cursor);
      const { at, generation, events } = next;
      next = undefined;
      const batch = await events;
      const last = batch.at(-1);
      const isFull = batch.length === batchSize;
      if (last === undefined) head = cursor;
      else {
        // So that the database and the broker need not wait for each other.
        const ahead = isFull ? look(last.position) : undefined;
        head = isFull ? await log.head() : last.position;
        if ((await tryToHandle(batch, held, status)) === false) continue;
        await cursors.advance(held.lease, last.position);
        cursor = last.position;
        next = ahead;
        isOutageReported = false;
      }
      status.succeeded();
      if (isFull) continue;
      // While a batch was handled, others may have come of which nobody tells.
      const spentMs = last === undefined ? 0 : clock.monotonic() - at;
      if (spentMs < IDLE_POLL_MS) await logSignal.wait(IDLE_POLL_MS - spentMs, held.ended, generation);
    }
  }

  return createLeasedPart({
    name: readerRole(name),
    role: readerRole(name),
    leases,
    clock,
    logger: options.logger,
    leaseTtlMs: options.leaseTtlMs,

    async work(held, status): Promise<void> {
      try {
        await follow(held, status);
      } finally {
        // What was read ahead and is not wanted any more: nothing may run when this has ended.
        await reading;
      }
    },

    describe: (health) =>
      health.state === 'standby' ? health : { ...health, lag: Math.max(head - cursor, 0) },
  });
}
