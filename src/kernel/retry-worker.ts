import { backoffMs, systemClock } from './clock.ts';
import { ATTEMPT_TIMEOUT_MS } from './deliver.ts';
import type { Deliver } from './deliver.ts';
import { waitUntilDrained } from './drain.ts';
import { createJoinedWriter, persist } from './joined-writer.ts';
import { createPartStatus } from './part-status.ts';
import type { Clock, Logger } from './ports.ts';
import type { Settle } from './settle.ts';
import type { Signal } from './signal.ts';
import type { ClaimedDelivery, DeliveryResult, DeliveryStore } from './webhook-ports.ts';
import type { WorkerPart } from './worker.ts';

const CONCURRENCY = 64;
const PER_ENDPOINT = 8;
/** How often it looks for deliveries that have become due or that other processes put off. */
const IDLE_POLL_MS = 250;
const LEASE_MARGIN_MS = 15_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;

export interface RetryWorkerOptions {
  readonly store: { readonly deliveries: Pick<DeliveryStore, 'claim' | 'update'> };
  readonly deliver: Deliver;
  readonly settle: Settle;
  readonly dueSignal: Signal;
  /** Attempts at once, over all endpoints. */
  readonly concurrency?: number | undefined;
  readonly perEndpoint?: number | undefined;
  /** The longest that an attempt can take, as given to `createDeliver`. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly idlePollMs?: number | undefined;
  readonly drainTimeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
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
  // Claims come in halves of a window; an endpoint that has no room for a half is left out.
  const share = Math.max(1, Math.floor(perEndpoint / 2));
  const leaseMs = (options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS) + LEASE_MARGIN_MS;
  const status = createPartStatus('retries', clock, options.logger);
  const inHand = new Map<string, number>();
  const tasks = new Set<Promise<void>>();
  let stopping: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();

  function count(subscriptionId: string, change: number): void {
    const next = (inHand.get(subscriptionId) ?? 0) + change;
    if (next > 0) inHand.set(subscriptionId, next);
    else inHand.delete(subscriptionId);
  }

  async function run(stop: AbortSignal): Promise<void> {
    const persisting = { clock, stop, onError: (error: unknown) => void status.failed(error) };
    const results = createJoinedWriter<DeliveryResult>({ ...persisting, write: deliveries.update });

    async function attempt(claimed: ClaimedDelivery): Promise<void> {
      const outcome = await deliver(claimed.endpoint, claimed);
      const settled = await persist(() => settle(claimed, outcome), persisting);
      // Given up, it is claimed again when its lease ends.
      if (settled !== undefined && settled.value !== undefined) await results.add(settled.value);
      count(claimed.subscriptionId, -1);
    }

    async function claim(): Promise<number> {
      const limit = concurrency - tasks.size;
      if (limit <= 0) return 0;
      const except = [...inHand].filter(([, inLane]) => inLane > perEndpoint - share).map(([id]) => id);
      const claimed = await deliveries.claim({ limit, limitPerSubscription: share, leaseMs, except });
      for (const delivery of claimed) {
        count(delivery.subscriptionId, 1);
        const task = attempt(delivery);
        tasks.add(task);
        void task.finally(() => {
          tasks.delete(task);
          dueSignal.notify();
        });
      }
      return claimed.length;
    }

    while (stop.aborted === false) {
      const generation = dueSignal.generation();
      try {
        const claimed = await claim();
        status.succeeded();
        if (claimed > 0 && tasks.size < concurrency) continue;
        await dueSignal.wait(options.idlePollMs ?? IDLE_POLL_MS, stop, generation);
      } catch (error) {
        await clock.sleep(backoffMs(status.failed(error), BACKOFF_FIRST_MS, BACKOFF_MAX_MS), stop);
      }
    }
    while (tasks.size > 0) await Promise.all(tasks);
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
