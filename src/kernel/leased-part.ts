import { randomUUID } from 'node:crypto';
import { backoffMs, systemClock } from './clock.ts';
import { describeError } from './describe-error.ts';
import { waitUntilDrained } from './drain.ts';
import { LeaseLostError } from './errors.ts';
import { holdLease, LEASE_TTL_MS } from './lease.ts';
import type { HeldLease } from './lease.ts';
import { createPartStatus } from './part-status.ts';
import type { PartStatus } from './part-status.ts';
import type { Clock, LeaseStore, Logger } from './ports.ts';
import type { PartHealth, WorkerPart } from './worker.ts';

/** How often a process that stands by tries for the lease. */
const TRY_AGAIN_MS = 1_000;
const ABANDON_AFTER_MS = 2_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;

export interface LeasedPartOptions {
  readonly name: string;
  readonly role: string;
  readonly leases: LeaseStore;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly leaseTtlMs?: number | undefined;
  readonly drainTimeoutMs?: number | undefined;
  /** How long the work may take to end after the lease was lost; then the next turn begins without it. */
  readonly abandonAfterMs?: number | undefined;
  /**
   * Runs while the lease is held, until `held.ended`. It calls `status.succeeded()` whenever something worked.
   * When it rejects, the lease is given up and everything starts again after a pause.
   */
  work(held: HeldLease, status: PartStatus): Promise<void>;
  /** Adds to the health, e.g. the lag. */
  describe?(health: PartHealth): PartHealth;
}

/** A worker part whose work is done by one process at a time; the others stand by. */
export function createLeasedPart(options: LeasedPartOptions): WorkerPart {
  const { name, role, leases, logger } = options;
  const clock = options.clock ?? systemClock;
  const ttlMs = options.leaseTtlMs ?? LEASE_TTL_MS;
  // New for every part: two parts of one process with the same role are rivals like any others.
  const holder = randomUUID();
  const status = createPartStatus(name, clock, logger);
  let stopping: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();

  async function takeTurn(stop: AbortSignal): Promise<void> {
    const askedAt = clock.monotonic();
    const lease = await leases.acquire(role, holder, ttlMs);
    if (lease === undefined) {
      status.standsBy();
      await clock.sleep(Math.min(TRY_AGAIN_MS, ttlMs / 3), stop);
      return;
    }
    status.began();
    await holdLease({
      leases,
      lease,
      ttlMs,
      askedAt,
      clock,
      stop,
      abandonAfterMs: options.abandonAfterMs ?? ABANDON_AFTER_MS,
      onError: (error) => {
        if (logger !== undefined)
          logger.warn(`${name} has trouble with its lease`, { error: describeError(error) });
      },
      work: (held) => options.work(held, status),
    });
  }

  async function run(stop: AbortSignal): Promise<void> {
    while (stop.aborted === false) {
      try {
        await takeTurn(stop);
      } catch (error) {
        // Somebody else leads: nothing is wrong.
        if (error instanceof LeaseLostError) {
          status.standsBy();
          continue;
        }
        const failures = status.failed(error);
        await clock.sleep(backoffMs(failures, BACKOFF_FIRST_MS, BACKOFF_MAX_MS), stop);
      }
    }
    status.stopped();
  }

  return {
    name,

    start(): void {
      if (stopping !== undefined) return;
      stopping = new AbortController();
      const stop = stopping.signal;
      status.standsBy();
      // After the previous run, should one still be draining.
      running = running.then(() => run(stop));
    },

    async stop(): Promise<void> {
      if (stopping === undefined) return;
      stopping.abort();
      stopping = undefined;
      await waitUntilDrained(running, { ...options, clock });
    },

    health(): PartHealth {
      const health = status.health();
      return options.describe === undefined ? health : options.describe(health);
    },
  };
}
