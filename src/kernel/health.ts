import { systemClock } from './clock.ts';
import { describeError } from './describe-error.ts';
import { readerOf, readerRole } from './lease.ts';
import type { Clock, CursorState, EventStore } from './ports.ts';
import type { PartHealth, Worker } from './worker.ts';

/** How far behind a reader may be before that is a reason. */
const MAX_LAG_EVENTS = 10_000;
/** A role changes hands within seconds; only longer than this nobody has it. */
const MAX_FREE_MS = 15_000;
const TIMEOUT_MS = 5_000;

export interface HealthReport {
  readonly ok: boolean;
  /** Why it is not ok, a sentence each. */
  readonly reasons: readonly string[];
  /** The parts that this process runs. */
  readonly parts: readonly PartHealth[];
  /** All readers with a cursor, whoever runs them. Empty when the database does not answer. */
  readonly readers: readonly CursorState[];
}

export interface HealthOptions {
  readonly worker: Pick<Worker, 'health'>;
  readonly store: {
    readonly cursors: Pick<EventStore<never>['cursors'], 'list'>;
    readonly leases: Pick<EventStore<never>['leases'], 'list'>;
  };
  readonly maxLagEvents?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Judges the whole pipeline and not only this process: a web process that runs no worker still tells when nobody
 * does, or when a broker is far behind. Never rejects.
 */
export function createHealth(options: HealthOptions): () => Promise<HealthReport> {
  const { worker, store } = options;
  const clock = options.clock ?? systemClock;
  const maxLagEvents = options.maxLagEvents ?? MAX_LAG_EVENTS;

  return async () => {
    const { parts } = worker.health();
    const isRunHere = (role: string): boolean =>
      parts.some(({ name, state }) => name === role && state !== 'stopped');
    const reasons = parts.flatMap(({ name, state, since, lastError }) =>
      state === 'failing' ? [`${name} has been failing since ${since}: ${lastError}`] : [],
    );
    try {
      const asking = Promise.all([store.cursors.list(), store.leases.list()]);
      const [readers, leases] = await withTimeout(asking, clock);
      for (const { role, freeForMs } of leases) {
        if (freeForMs > MAX_FREE_MS && isRunHere(role) === false)
          reasons.push(...reasonsForFree(role, freeForMs, readers));
      }
      if (leases.length === 0 && parts.every(({ state }) => state === 'stopped'))
        reasons.push('no worker has ever run');
      for (const { reader, lag } of readers) {
        if (lag > maxLagEvents) reasons.push(`the reader ${reader} is ${lag} events behind`);
      }
      return { ok: reasons.length === 0, reasons, parts, readers };
    } catch (error) {
      reasons.push(`the database does not answer: ${describeError(error)}`);
      return { ok: false, reasons, parts, readers: [] };
    }
  };
}

/** None for a reader that was given up: whose cursor was deleted, so that no event is kept for it. */
function reasonsForFree(role: string, freeForMs: number, readers: readonly CursorState[]): string[] {
  const free = `no process has acted as ${role} for ${Math.round(freeForMs / 1_000)} s`;
  const reader = readerOf(role);
  if (role !== readerRole(reader)) return [free];
  const cursor = readers.find((state) => state.reader === reader);
  if (cursor === undefined) return [];
  if (cursor.lag === 0) return [free];
  return [
    `${free}; events from position ${cursor.position + 1} on are kept until it does, or until its row in evtgen.cursors is deleted`,
  ];
}

async function withTimeout<Value>(asking: Promise<Value>, clock: Clock): Promise<Value> {
  const answered = new AbortController();
  const timeout = clock.sleep(TIMEOUT_MS, answered.signal).then(() => {
    throw new Error(`no answer within ${TIMEOUT_MS} ms`);
  });
  // It ends with the answer, which has won by then.
  timeout.catch(() => undefined);
  try {
    return await Promise.race([asking, timeout]);
  } finally {
    answered.abort();
  }
}
