import { backoffMs, systemClock } from './clock.ts';
import { ATTEMPT_TIMEOUT_MS } from './deliver.ts';
import type { Deliver } from './deliver.ts';
import { waitUntilDrained } from './drain.ts';
import { createAttemptsInHand } from './in-hand.ts';
import { createJoinedWriter, persist } from './joined-writer.ts';
import { createPartStatus } from './part-status.ts';
import type { Clock, Logger } from './ports.ts';
import type { Settle } from './settle.ts';
import type { Signal } from './signal.ts';
import type { ClaimedDelivery, DeliveryResult, DeliveryStore } from './webhook-ports.ts';
import type { WorkerPart } from './worker.ts';

const CONCURRENCY = 64;
const PER_ENDPOINT = 8;
const LEAST_ROOM = 0.25;
/** An attempt that takes longer no longer counts in the concurrency; its endpoint gets no more until it has ended. */
const SLOW_AFTER_MS = 1_000;
/** How often it looks for deliveries; those that are due before are signalled, unless another process put them off. */
export const IDLE_POLL_MS = 1_000;
const LEASE_MARGIN_MS = 15_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;

export interface RetryWorkerOptions {
  readonly store: { readonly deliveries: Pick<DeliveryStore, 'dueInMs' | 'claim' | 'update'> };
  readonly deliver: Deliver;
  readonly settle: Settle;
  readonly dueSignal: Signal;
  /** Attempts at once, over all endpoints that answer within a second. */
  readonly concurrency?: number | undefined;
  readonly perEndpoint?: number | undefined;
  /** The longest that an attempt can take, as given to `createDeliver`. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly idlePollMs?: number | undefined;
  /** How long `stop` waits for receivers. */
  readonly graceMs?: number | undefined;
  readonly drainTimeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

interface Run {
  readonly subscriptionId: string;
  readonly startedAt: number;
}

/**
 * Makes the attempts that have a row: retries, replays, and first attempts that the fan-out put off. It needs no
 * leadership; any number of processes claim deliveries, each for as long as an attempt can take.
 */
export function createRetryWorker(options: RetryWorkerOptions): WorkerPart {
  const { deliver, settle, dueSignal } = options;
  const { deliveries } = options.store;
  const clock = options.clock ?? systemClock;
  const concurrency = options.concurrency ?? CONCURRENCY;
  const perEndpoint = options.perEndpoint ?? PER_ENDPOINT;
  const idlePollMs = options.idlePollMs ?? IDLE_POLL_MS;
  // Claims come in halves of a window; an endpoint that has no room for a half is left out.
  const share = Math.max(1, Math.floor(perEndpoint / 2));
  const leaseMs = (options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS) + LEASE_MARGIN_MS;
  const status = createPartStatus('retries', clock, options.logger);
  const inHand = createAttemptsInHand(clock, options.graceMs);
  // In the order of their beginning.
  const runs = new Set<Run>();
  const tasks = new Set<Promise<void>>();
  let stopping: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();

  /** How many more attempts may begin, and which subscriptions have no room for any. */
  function room(): { readonly limit: number; readonly except: string[] } {
    const slowBefore = clock.monotonic() - SLOW_AFTER_MS;
    const counts = new Map<string, number>();
    let quick = 0;
    for (const { subscriptionId, startedAt } of runs) {
      const isSlow = startedAt <= slowBefore;
      if (isSlow === false) quick += 1;
      counts.set(subscriptionId, (counts.get(subscriptionId) ?? 0) + (isSlow ? perEndpoint : 1));
    }
    const full = [...counts].filter(([, count]) => count > perEndpoint - share);
    return { limit: concurrency - quick, except: full.map(([id]) => id) };
  }

  async function run(stop: AbortSignal): Promise<void> {
    const persisting = { clock, stop, onError: (error: unknown) => void status.failed(error) };
    const results = createJoinedWriter<DeliveryResult>({ ...persisting, write: deliveries.update });

    async function attempt(claimed: ClaimedDelivery): Promise<void> {
      const outcome = await inHand.outcomeOf(deliver(claimed.endpoint, claimed));
      if (outcome === undefined) {
        await results.add({ ...claimed, state: 'pending', attempt: undefined, delayMs: 0 });
        return;
      }
      const settled = await persist(() => settle(claimed, outcome), persisting);
      // Given up, it is claimed again when its lease ends.
      if (settled !== undefined && settled.value !== undefined) await results.add(settled.value);
    }

    function begin(claimed: ClaimedDelivery): void {
      const begun = { subscriptionId: claimed.subscriptionId, startedAt: clock.monotonic() };
      runs.add(begun);
      const task = attempt(claimed);
      tasks.add(task);
      void task.finally(() => {
        runs.delete(begun);
        tasks.delete(task);
        dueSignal.notify();
      });
    }

    /** Begins what is due. Gives how long there is nothing to do, unless it is woken. */
    async function look(): Promise<number> {
      const { limit, except } = room();
      // A claim costs much the same for one delivery as for many, so it waits until there is room for some.
      if (limit < concurrency * LEAST_ROOM) return idlePollMs;
      const dueInMs = await deliveries.dueInMs();
      if (dueInMs === undefined || dueInMs > 0) return Math.min(dueInMs ?? idlePollMs, idlePollMs);
      const claimed = await deliveries.claim({ limit, limitPerSubscription: share, leaseMs, except });
      for (const delivery of claimed) begin(delivery);
      return claimed.length > 0 ? 0 : idlePollMs;
    }

    while (stop.aborted === false) {
      const generation = dueSignal.generation();
      try {
        const idleMs = await look();
        status.succeeded();
        if (idleMs > 0) await dueSignal.wait(idleMs, stop, generation);
      } catch (error) {
        await clock.sleep(backoffMs(status.failed(error), BACKOFF_FIRST_MS, BACKOFF_MAX_MS), stop);
      }
    }
    await inHand.drain(tasks);
    status.stopped();
  }

  return {
    name: 'retries',

    start(): void {
      if (stopping !== undefined) return;
      stopping = new AbortController();
      const { signal } = stopping;
      status.began();
      running = running.then(() => run(signal));
    },

    async stop(): Promise<void> {
      if (stopping === undefined) return;
      stopping.abort();
      stopping = undefined;
      await waitUntilDrained(running, { ...options, name: 'retries', clock });
    },

    health: () => status.health(),
  };
}
