import { raiseAlert } from './alert.ts';
import type { AlertHook } from './alert.ts';
import { createEditions } from './editions.ts';
import type { EditionsOf } from './editions.ts';
import { redactionOf } from './envelope.ts';
import { UnpublishableError } from './errors.ts';
import type { HeldLease } from './lease.ts';
import type { LoggedEvent, PublishedEvent } from './event.ts';
import type { Clock, EventStore, Logger, Publisher } from './ports.ts';
import { createReader } from './reader.ts';
import type { EventRegistry } from './registry.ts';
import type { Signal } from './signal.ts';
import { createUuidv7 } from './uuid.ts';
import type { IdSource } from './uuid.ts';
import type { WorkerPart } from './worker.ts';

export interface PublisherReaderOptions {
  readonly store: Pick<EventStore<never>, 'log' | 'leases' | 'cursors'>;
  readonly publisher: Publisher;
  readonly logSignal: Signal;
  /** For the versions that events are published in; without it that is the one they were logged with. */
  readonly registry?: EventRegistry | undefined;
  /**
   * Where a publisher begins that has no cursor yet. By default with the oldest event: what was committed
   * before the worker first ran is to be published too.
   */
  readonly start?: 'head' | 'beginning' | undefined;
  readonly batchSize?: number | undefined;
  readonly alert?: AlertHook | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly createId?: IdSource | undefined;
  readonly leaseTtlMs?: number | undefined;
}

/**
 * Publishes the whole log to one broker, in order and at least once. A broker that is down stops its own
 * cursor and nothing else. Closing the publisher after `stop` is left to whoever made it.
 */
export function createPublisherReader(options: PublisherReaderOptions): WorkerPart {
  const { store, publisher, alert, logger } = options;
  const createId = options.createId ?? createUuidv7();
  const editionsOf = createEditions(options.registry);

  async function setAside(event: LoggedEvent, reason: Error, held: HeldLease): Promise<void> {
    const { eventId, eventType, version, subject, tenant, position, body } = event;
    const error = reason.message;
    const letter = { id: createId(), stage: 'publish' as const, reader: publisher.name, error };
    await store.cursors.setAside(held.lease, {
      ...letter,
      eventId,
      eventType,
      version,
      subject,
      tenant,
      // The log has it.
      actor: undefined,
      position,
      body,
    });
    const message = `${publisher.name} cannot be given this ${eventType}, it is a dead letter now: ${error}`;
    raiseAlert(
      {
        kind: 'dead_letter.pipeline_error',
        message,
        deadLetterId: letter.id,
        reader: publisher.name,
        eventId,
        eventType,
        tenant,
        error,
      },
      alert,
      logger,
    );
  }

  return createReader({
    name: publisher.name,
    store,
    logSignal: options.logSignal,
    start: options.start ?? 'beginning',
    batchSize: options.batchSize,
    clock: options.clock,
    logger,
    leaseTtlMs: options.leaseTtlMs,

    async handle(events, held): Promise<void> {
      // An erasure request took their data; consumers could make nothing of them.
      const remaining = events.filter((event) => redactionOf(event.body) === undefined);
      await publishAll(publisher, remaining, editionsOf, (event, reason) => setAside(event, reason, held));
    },

    onOutage(error): void {
      const message = `${publisher.name} has not taken any event for a while: ${error}`;
      raiseAlert({ kind: 'publisher.failing', message, reader: publisher.name, error }, alert, logger);
    },
  });
}

/**
 * Publishes a batch, less the events that the broker will never take: `refuse` is told of each, as of those that
 * lack one of the versions to be published.
 *
 * @throws whatever the publisher throws but `UnpublishableError`; then the whole batch comes again later
 */
export async function publishAll<Event extends PublishedEvent>(
  publisher: Pick<Publisher, 'publish'>,
  events: readonly Event[],
  editionsOf: EditionsOf,
  refuse: (event: Event, reason: Error) => Promise<void>,
): Promise<void> {
  const editions = events.map((event) => ({ event, ...editionsOf(event) }));
  let remaining = editions;
  while (remaining.length > 0) {
    try {
      const batch = remaining.flatMap((each) => each.events);
      if (batch.length > 0) await publisher.publish(batch);
      break;
    } catch (error) {
      const culprit =
        error instanceof UnpublishableError
          ? remaining.find(({ event }) => event.eventId === error.eventId)
          : undefined;
      if (error instanceof UnpublishableError === false || culprit === undefined) throw error;
      await refuse(culprit.event, error);
      remaining = remaining.filter((each) => each !== culprit);
    }
  }
  // After the rest is published: while the broker is down this would be told with every try.
  for (const { event, failures } of remaining) {
    for (const failure of failures) await refuse(event, failure);
  }
}
