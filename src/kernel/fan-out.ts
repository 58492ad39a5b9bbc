import { systemClock } from './clock.ts';
import { ATTEMPT_TIMEOUT_MS } from './deliver.ts';
import type { Deliver } from './deliver.ts';
import { createEndpointDirectory } from './endpoint-directory.ts';
import { createFirstAttempts } from './first-attempts.ts';
import { readerRole } from './lease.ts';
import { createLeasedPart } from './leased-part.ts';
import { createLowWater } from './low-water.ts';
import type { LoggedEvent } from './event.ts';
import type { Clock, EventStore, Logger } from './ports.ts';
import type { Settle } from './settle.ts';
import type { Signal } from './signal.ts';
import { WEBHOOKS_READER } from './webhook-ports.ts';
import type { Endpoint } from './subscription-ports.ts';
import type { WebhookStore } from './webhook-ports.ts';
import type { WorkerPart } from './worker.ts';

const BATCH_SIZE = 500;
/** How often it looks when the sequencer that would wake it runs in another process. */
const IDLE_POLL_MS = 100;
const PER_ENDPOINT = 16;
const OVERALL = 1_024;
const SPILL_AFTER_MS = 1_000;
const LEASE_MARGIN_MS = 15_000;

export interface WebhookFanOutOptions {
  readonly store: Pick<EventStore<never>, 'log' | 'leases' | 'cursors'> & WebhookStore;
  readonly deliver: Deliver;
  readonly settle: Settle;
  readonly logSignal: Signal;
  /** Notified when a delivery may be claimed by the retry worker. */
  readonly dueSignal: Signal;
  /** Attempts at once for one endpoint. */
  readonly perEndpoint?: number | undefined;
  /** Deliveries in memory at once, over all endpoints. */
  readonly overall?: number | undefined;
  /** After this long an attempt gets a row; until then it holds the cursor back. */
  readonly spillAfterMs?: number | undefined;
  /** The longest that an attempt can take, as given to `createDeliver`. */
  readonly attemptTimeoutMs?: number | undefined;
  /** How long `stop` waits for receivers. */
  readonly graceMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly leaseTtlMs?: number | undefined;
}

/**
 * Follows the log and makes the first attempt of every delivery from memory; only results are written, many in
 * one statement. The cursor is the low-water mark: everything up to it has its rows. After a crash the events
 * above it are read again, and the pairs that have a row are passed over.
 *
 * Sockets are bounded although hung attempts leave the window once they have a row: an endpoint with one gets
 * nothing more until it ends.
 */
export function createWebhookFanOut(options: WebhookFanOutOptions): WorkerPart {
  const { store, deliver, settle, logSignal, dueSignal } = options;
  const clock = options.clock ?? systemClock;
  let mark = 0;
  let head = 0;

  return createLeasedPart({
    name: readerRole(WEBHOOKS_READER),
    role: readerRole(WEBHOOKS_READER),
    leases: store.leases,
    clock,
    logger: options.logger,
    leaseTtlMs: options.leaseTtlMs,
    // Attempts under way may end.
    abandonAfterMs: (options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS) + LEASE_MARGIN_MS,

    async work(held, status): Promise<void> {
      // From the beginning: a subscription may be older than the first run. Its start position does the rest.
      let position = await store.cursors.open(WEBHOOKS_READER, 'beginning');
      const recordedUpTo = await store.deliveries.newest();
      const directory = createEndpointDirectory(store.subscriptions);
      const lowWater = createLowWater(position);
      const attempts = createFirstAttempts({
        deliver,
        settle,
        deliveries: store.deliveries,
        perEndpoint: options.perEndpoint ?? PER_ENDPOINT,
        overall: options.overall ?? OVERALL,
        spillAfterMs: options.spillAfterMs ?? SPILL_AFTER_MS,
        spillLeaseMs: (options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS) + LEASE_MARGIN_MS,
        graceMs: options.graceMs,
        onSettled: (settled) => lowWater.settle(settled),
        onDue: () => dueSignal.notify(),
        clock,
        onError: (error) => status.failed(error),
        stop: held.ended,
      });
      mark = position;

      async function saveCursor(): Promise<void> {
        const reached = lowWater.mark();
        if (reached > mark) await store.cursors.advance(held.lease, reached);
        mark = reached;
      }

      /** False when the turn ended meanwhile. */
      async function fanOut(events: readonly LoggedEvent[], last: number): Promise<boolean> {
        await directory.refresh();
        const recorded =
          position < recordedUpTo ? await store.deliveries.recorded(position, last) : new Set<string>();
        for (const event of events) {
          const isNew = (endpoint: Endpoint): boolean =>
            recorded.has(`${event.position}:${endpoint.id}`) === false;
          if ((await takeAll(event, directory.recipients(event).filter(isNew))) === false) return false;
        }
        return true;
      }

      async function takeAll(event: LoggedEvent, recipients: readonly Endpoint[]): Promise<boolean> {
        lowWater.open(event.position, recipients.length);
        if (recipients.length === 0) return true;
        for (const endpoint of recipients) {
          if (held.isHeld() === false || (await attempts.take(event, endpoint)) === false) return false;
        }
        return true;
      }

      try {
        while (held.ended.aborted === false && held.isHeld()) {
          const generation = logSignal.generation();
          const events = await store.log.read(position, BATCH_SIZE);
          const last = events.at(-1);
          head = events.length < BATCH_SIZE ? (last?.position ?? position) : await store.log.head();
          if (last !== undefined) {
            if ((await fanOut(events, last.position)) === false) break;
            position = last.position;
          }
          await saveCursor();
          status.succeeded();
          if (events.length < BATCH_SIZE) await logSignal.wait(IDLE_POLL_MS, held.ended, generation);
        }
      } finally {
        await attempts.drained();
      }
      if (held.isHeld()) await saveCursor();
    },

    describe: (health) =>
      health.state === 'standby' ? health : { ...health, lag: Math.max(head - mark, 0) },
  });
}
