import { systemClock } from './clock.ts';
import { createLeasedPart } from './leased-part.ts';
import type { Clock, EventStore, Logger } from './ports.ts';
import type { Signal } from './signal.ts';
import type { WorkerPart } from './worker.ts';

/** How often it looks when nothing tells it to. Events of other processes wait half of this on average. */
const IDLE_POLL_MS = 100;
/**
 * After a wake-up it looks in 2, 4, 8 … ms. `emit` can only tell that a row was written; its transaction
 * commits a little later, and usually no more than that.
 */
const BURST_FIRST_MS = 2;
/**
 * After it found some it lets others gather, the longer the more there were: a round costs the database and every
 * reader about the same whatever it brings, and where events come thick a few milliseconds matter least.
 */
const GATHER_FIRST_MS = 6;
const GATHER_PER_EVENT_MS = 1;
const GATHER_MAX_MS = 40;
const BATCH_SIZE = 1_000;

export interface SequencerOptions {
  readonly store: Pick<EventStore<never>, 'log' | 'leases'>;
  /** Notified by `emit` in this process. */
  readonly outboxSignal: Signal;
  /** Notified when events got their positions; readers and streams wait for it. */
  readonly logSignal: Signal;
  readonly batchSize?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly leaseTtlMs?: number | undefined;
}

/**
 * Gives committed events their positions, dense and in an order that never changes. Readers need that because
 * insert order is not commit order: who pages by insert id passes over rows that commit later. An event that
 * commits late simply gets a later position.
 *
 * It talks to the database only, so nothing but the database can hold it up.
 */
export function createSequencer(options: SequencerOptions): WorkerPart {
  const { store, outboxSignal, logSignal } = options;
  const clock = options.clock ?? systemClock;
  const batchSize = options.batchSize ?? BATCH_SIZE;

  return createLeasedPart({
    name: 'sequencer',
    role: 'sequencer',
    leases: store.leases,
    clock,
    logger: options.logger,
    leaseTtlMs: options.leaseTtlMs,

    async work(held, status): Promise<void> {
      let pauseMs = BURST_FIRST_MS;
      while (held.ended.aborted === false && held.isHeld()) {
        const generation = outboxSignal.generation();
        const { count } = await store.log.stamp(held.lease, batchSize);
        status.succeeded();
        if (count > 0) logSignal.notify();
        if (count === batchSize) continue;

        if (count > 0) {
          pauseMs = BURST_FIRST_MS;
          const gatherMs = GATHER_FIRST_MS + (count - 1) * GATHER_PER_EVENT_MS;
          await clock.sleep(Math.min(gatherMs, GATHER_MAX_MS), held.ended);
          continue;
        }
        pauseMs = Math.min(pauseMs * 2, IDLE_POLL_MS);
        await outboxSignal.wait(pauseMs, held.ended, generation);
        if (outboxSignal.generation() !== generation) {
          pauseMs = BURST_FIRST_MS;
          await clock.sleep(BURST_FIRST_MS, held.ended);
        }
      }
    },
  });
}
