import type { Clock, Lease, LeaseStore } from './ports.ts';

/** A leader that dies is replaced after at most this long plus one try of the others (`TRY_AGAIN_MS`). */
export const LEASE_TTL_MS = 5_000;
/** Renewals fail for a while before the lease is in danger. */
const RENEWALS_PER_TTL = 3;
/** The holder stops trusting a lease this share of its time early: what a statement may take to get there. */
const SAFETY_SHARE = 0.1;

/** The role in which a reader moves its cursor. */
export function readerRole(reader: string): string {
  return `reader:${reader}`;
}

/** The reader whose role it is. */
export function readerOf(role: string): string {
  return role.startsWith('reader:') ? role.slice('reader:'.length) : role;
}

/** What work under a lease sees of it. */
export interface HeldLease {
  readonly lease: Lease;
  /** Fires when the lease ran out or was lost, or the part stops: finish what is in hand and return. */
  readonly ended: AbortSignal;
  /**
   * To be asked before each act on the outside world. It goes by the local monotonic clock, so a process that
   * was frozen past its lease knows before it asks anybody. The real fence is the epoch in the database.
   */
  isHeld(): boolean;
}

export interface HoldLeaseOptions {
  readonly leases: LeaseStore;
  readonly lease: Lease;
  readonly ttlMs: number;
  /** When the lease was asked for, by the monotonic clock: the database counts from later than that. */
  readonly askedAt: number;
  readonly clock: Clock;
  /** Asks the work to finish; the lease is renewed until it has. */
  readonly stop: AbortSignal;
  /** How long the work may go on after the lease was lost before it is given up as hanging. */
  readonly abandonAfterMs: number;
  /** A renewal, the release or given-up work failed; none of them ends the work by itself. */
  onError(error: unknown): void;
  work(held: HeldLease): Promise<void>;
}

/**
 * Runs `work` while it keeps the lease, then gives the lease up. Rejects as `work` does, or when it is given up: on
 * a dead connection a statement may hang for many minutes, and nobody in this process would try again.
 */
export async function holdLease(options: HoldLeaseOptions): Promise<void> {
  const { leases, lease, ttlMs, clock, stop, onError } = options;
  const trustedMs = ttlMs * (1 - SAFETY_SHARE);
  const ended = new AbortController();
  const finished = new AbortController();
  let deadline = options.askedAt + trustedMs;
  let isLost = false;

  function lose(): void {
    isLost = true;
    ended.abort();
  }

  async function renew(): Promise<void> {
    const askedAt = clock.monotonic();
    try {
      if (await leases.renew(lease, ttlMs)) deadline = Math.max(deadline, askedAt + trustedMs);
      else lose();
    } catch (error) {
      onError(error);
    }
  }

  /** Ends with the work. Rejects when that goes on although the lease is lost. */
  async function keepRenewing(): Promise<void> {
    while (isLost === false) {
      await clock.sleep(Math.min(ttlMs / RENEWALS_PER_TTL, deadline - clock.monotonic()), finished.signal);
      if (finished.signal.aborted) return;
      // A statement on a dead connection may hang for minutes: the deadline does not wait for it.
      await Promise.race([renew(), clock.sleep(deadline - clock.monotonic(), finished.signal)]);
      if (clock.monotonic() >= deadline) lose();
    }
    await clock.sleep(options.abandonAfterMs, finished.signal);
    if (finished.signal.aborted) return;
    working.catch(onError);
    throw new Error(`its work goes on ${options.abandonAfterMs} ms after the lease was lost`);
  }

  const requestEnd = (): void => ended.abort();
  if (stop.aborted) requestEnd();
  else stop.addEventListener('abort', requestEnd, { once: true });
  const working = options.work({
    lease,
    ended: ended.signal,
    isHeld: () => isLost === false && clock.monotonic() < deadline,
  });
  const renewing = keepRenewing();
  try {
    await Promise.race([working, renewing.then(() => working)]);
  } finally {
    finished.abort();
    stop.removeEventListener('abort', requestEnd);
    // What it rejects with has ended the race above.
    await renewing.catch(() => undefined);
    // When this fails, the lease runs out by itself.
    if (isLost === false) await leases.release(lease).catch(onError);
  }
}
