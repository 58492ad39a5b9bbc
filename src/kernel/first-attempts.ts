import { randomUUID } from 'node:crypto';
import type { Deliver, Outcome } from './deliver.ts';
import { createAttemptsInHand } from './in-hand.ts';
import { createJoinedWriter, persist } from './joined-writer.ts';
import type { PersistOptions } from './joined-writer.ts';
import { createLanes } from './lanes.ts';
import type { Lane } from './lanes.ts';
import type { LoggedEvent } from './event.ts';
import { IDLE_POLL_MS } from './retry-worker.ts';
import { deliveredResult } from './settle.ts';
import type { Settle } from './settle.ts';
import type { Endpoint } from './subscription-ports.ts';
import type { DeliveryKey, DeliveryResult, DeliveryStore } from './webhook-ports.ts';

/** How often running attempts are looked over, as a share of the time after which they get a row. */
const SWEEPS_PER_SPILL = 4;

export interface FirstAttemptsOptions extends PersistOptions {
  readonly deliver: Deliver;
  readonly settle: Settle;
  readonly deliveries: Pick<DeliveryStore, 'insert' | 'update'>;
  /** Attempts at once for one endpoint. */
  readonly perEndpoint: number;
  /** Deliveries without a row at once, over all endpoints. */
  readonly overall: number;
  /** An attempt that takes longer gets a row and no longer counts in `overall`. */
  readonly spillAfterMs: number;
  /** How long nobody else may claim such a row: longer than an attempt can take. */
  readonly spillLeaseMs: number;
  /** How long `drained` waits for receivers. */
  readonly graceMs?: number | undefined;
  /** The delivery has its row: the event need not be read again for its sake. */
  onSettled(position: number): void;
  /** A row was written that may be claimed at once. */
  onDue(): void;
}

/** First attempts of deliveries, made without a row; only what came of them is written. */
export interface FirstAttempts {
  /** Takes a delivery over and resolves when there is room for the next; false when it was told to stop. */
  take(event: LoggedEvent, endpoint: Endpoint): Promise<boolean>;
  /** Resolves when nothing is in hand any more. */
  drained(): Promise<void>;
}

interface Run {
  readonly key: DeliveryKey;
  readonly lane: Lane;
  readonly startedAt: number;
  /** Of the row that it got because it takes long. */
  spill?: { readonly leaseToken: string; readonly isWritten: Promise<boolean> } | undefined;
}

export function createFirstAttempts(options: FirstAttemptsOptions): FirstAttempts {
  const { deliver, settle, deliveries, clock, stop, onSettled } = options;
  const inserts = createJoinedWriter<DeliveryResult>({ ...options, write: deliveries.insert });
  const updates = createJoinedWriter<DeliveryResult>({ ...options, write: deliveries.update });
  const laneOf = createLanes(options.perEndpoint, clock);
  const inHand = createAttemptsInHand(clock, options.graceMs);
  const finished = new AbortController();
  const runs = new Set<Run>();
  const tasks = new Set<Promise<void>>();
  let rowless = 0;
  let onRoom: (() => void) | undefined;

  function leaveWindow(): void {
    rowless -= 1;
    if (onRoom !== undefined) onRoom();
  }

  async function insert(result: DeliveryResult): Promise<boolean> {
    const isWritten = await inserts.add(result);
    // Not written means that the event has to be read again, so its position stays unsettled.
    if (isWritten) onSettled(result.position);
    leaveWindow();
    return isWritten;
  }

  async function putOff(key: DeliveryKey): Promise<void> {
    const isWritten = await insert({ ...key, ...PENDING, delayMs: 0, leaseToken: undefined });
    if (isWritten) options.onDue();
  }

  function spill(run: Run): void {
    const leaseToken = randomUUID();
    run.lane.stalled();
    run.spill = {
      leaseToken,
      isWritten: insert({ ...run.key, ...PENDING, delayMs: options.spillLeaseMs, leaseToken }),
    };
  }

  async function attempt(run: Run, endpoint: Endpoint, event: LoggedEvent): Promise<void> {
    runs.add(run);
    run.lane.began();
    const outcome = await inHand.outcomeOf(deliver(endpoint, event));
    runs.delete(run);
    run.lane.ended(clock.monotonic() - run.startedAt, run.spill !== undefined);
    if (run.spill === undefined) await concludeRowless(run, endpoint, outcome);
    else if (await run.spill.isWritten) await concludeSpilled(run, endpoint, outcome, run.spill.leaseToken);
  }

  async function concludeRowless(run: Run, endpoint: Endpoint, outcome: Outcome | undefined): Promise<void> {
    // Abandoned: its position stays unsettled, so the event is read again.
    if (outcome === undefined) {
      leaveWindow();
      return;
    }
    if (outcome.isSuccess) {
      await insert(deliveredResult({ ...run.key, leaseToken: undefined }, outcome));
      return;
    }
    const delivery = { ...run.key, endpoint, ...FIRST, leaseToken: undefined };
    const settled = await persist(() => settle(delivery, outcome), options);
    if (settled !== undefined && settled.value !== undefined) {
      const isWritten = await insert(settled.value);
      if (isWritten && isSoon(settled.value)) options.onDue();
      return;
    }
    if (settled !== undefined) onSettled(run.key.position);
    leaveWindow();
  }

  async function concludeSpilled(
    run: Run,
    endpoint: Endpoint,
    outcome: Outcome | undefined,
    leaseToken: string,
  ): Promise<void> {
    if (outcome === undefined) {
      await updates.add({ ...run.key, ...PENDING, delayMs: 0, leaseToken });
      return;
    }
    const delivery = { ...run.key, endpoint, ...FIRST, leaseToken };
    const settled = await persist(() => settle(delivery, outcome), options);
    // If this is given up, the lease of the row ends by itself and the attempt is made again.
    if (settled === undefined || settled.value === undefined) return;
    const isWritten = await updates.add(settled.value);
    if (isWritten && isSoon(settled.value)) options.onDue();
  }

  async function sweep(): Promise<void> {
    while (finished.signal.aborted === false) {
      await clock.sleep(options.spillAfterMs / SWEEPS_PER_SPILL, finished.signal);
      const startedBefore = clock.monotonic() - options.spillAfterMs;
      for (const run of runs) {
        if (run.startedAt > startedBefore) break;
        if (run.spill === undefined) spill(run);
      }
    }
  }

  function track(task: Promise<void>): void {
    tasks.add(task);
    void task.then(() => tasks.delete(task));
  }

  const sweeping = sweep();

  return {
    async take(event, endpoint): Promise<boolean> {
      while (rowless >= options.overall && stop.aborted === false) {
        await new Promise<void>((resolve) => (onRoom = resolve));
      }
      const lane = laneOf(endpoint.id);
      const hasRoom = isQueued(endpoint) === false && (await lane.hasRoom(stop));
      if (stop.aborted) return false;
      rowless += 1;
      const { position, eventId, eventType } = event;
      const key = { position, eventId, eventType, subscriptionId: endpoint.id };
      if (hasRoom) track(attempt({ key, lane, startedAt: clock.monotonic() }, endpoint, event));
      else track(putOff(key));
      return true;
    },

    async drained(): Promise<void> {
      await inHand.drain(tasks);
      finished.abort();
      await sweeping;
    },
  };
}

const PENDING = { state: 'pending', attempt: undefined } as const;
const FIRST = { attemptCount: 0, isReplay: false } as const;

/** The retries would look too late for it by themselves. */
function isSoon({ state, delayMs }: DeliveryResult): boolean {
  return state === 'pending' && delayMs < IDLE_POLL_MS;
}

/** Their turn is for the claim to give, which sees all processes: one after the other, or so many a second. */
function isQueued(endpoint: Endpoint): boolean {
  return endpoint.isOrdered || endpoint.maxPerSecond !== undefined;
}
