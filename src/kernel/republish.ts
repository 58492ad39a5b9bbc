import { raiseAlert } from './alert.ts';
import type { AlertHook } from './alert.ts';
import type { DeadLetterStore, Republication } from './dead-letter-ports.ts';
import { createEditions } from './editions.ts';
import { createLeasedPart } from './leased-part.ts';
import type { Clock, LeaseStore, Logger, Publisher } from './ports.ts';
import { createPublisherReader, publishAll } from './publish.ts';
import type { PublisherReaderOptions } from './publish.ts';
import type { EventRegistry } from './registry.ts';
import type { Signal } from './signal.ts';
import type { WorkerPart } from './worker.ts';

const BATCH_SIZE = 100;
/** How often it looks when the replay was asked for in another process. */
const IDLE_POLL_MS = 2_000;

export interface RepublisherOptions {
  readonly store: {
    readonly leases: LeaseStore;
    readonly deadLetters: Pick<DeadLetterStore<never>, 'republications' | 'republished' | 'reopen'>;
  };
  readonly publisher: Pick<Publisher, 'name' | 'publish'>;
  /** As in `PublisherReaderOptions`. */
  readonly registry?: EventRegistry | undefined;
  /** Notified when a person has asked for a replay. */
  readonly dueSignal: Signal;
  readonly alert?: AlertHook | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly leaseTtlMs?: number | undefined;
}

/**
 * Offers a broker again what it refused and a person has replayed. Whoever asked for it only marked the dead
 * letter, so no transaction waits for a broker and no other process needs to reach it. The mark goes when the
 * broker has confirmed: a crash in between repeats the event, and none is forgotten.
 */
export function createRepublisher(options: RepublisherOptions): WorkerPart {
  const { publisher, dueSignal, alert, logger } = options;
  const { deadLetters, leases } = options.store;
  const editionsOf = createEditions(options.registry);
  const name = `republisher:${publisher.name}`;

  async function refuse(id: string, eventId: string, reason: Error): Promise<void> {
    const error = reason.message;
    await deadLetters.reopen(id, error);
    const message = `${publisher.name} refused a replayed event again: ${error}`;
    const ids = { deadLetterId: id, eventId, reader: publisher.name };
    raiseAlert({ kind: 'dead_letter.pipeline_error', message, ...ids, error }, alert, logger);
  }

  async function republish(letters: readonly Republication[]): Promise<void> {
    const events = letters.map(({ id, event }) => ({ ...event, position: undefined, deadLetterId: id }));
    await publishAll(publisher, events, editionsOf, (event, reason) =>
      refuse(event.deadLetterId, event.eventId, reason),
    );
    await deadLetters.republished(letters.map(({ id }) => id));
  }

  return createLeasedPart({
    ...options,
    name,
    role: name,
    leases,

    async work(held, status): Promise<void> {
      while (held.ended.aborted === false && held.isHeld()) {
        const generation = dueSignal.generation();
        const letters = await deadLetters.republications(publisher.name, BATCH_SIZE);
        if (letters.length > 0) await republish(letters);
        status.succeeded();
        if (letters.length === 0) await dueSignal.wait(IDLE_POLL_MS, held.ended, generation);
      }
    },
  });
}

/** What one broker takes: a reader of the log, and the replays of what the broker refused. */
export function createPublisherParts(
  options: PublisherReaderOptions & Pick<RepublisherOptions, 'store' | 'dueSignal'>,
): readonly WorkerPart[] {
  return [createPublisherReader(options), createRepublisher(options)];
}
