import { LeaseLostError } from '../../src/kernel/errors.ts';
import { readerOf } from '../../src/kernel/lease.ts';
import type { LoggedEvent, PipelineError } from '../../src/kernel/event.ts';
import type { EventStore, Lease } from '../../src/kernel/ports.ts';

export interface MemoryStore extends EventStore<never> {
  readonly events: LoggedEvent[];
  readonly letters: PipelineError[];
  cursorOf(reader: string): number | undefined;
  /** Gives the role to another process, whatever its lease says. */
  takeOver(role: string): void;
  /** Awaited by every call; throw or hang in it to be a database in trouble. */
  onCall: (method: string) => Promise<void>;
}

/** The store as a few arrays, for tests of time and failure. What a real one does is tested by its contract. */
export function createMemoryStore(now: () => number): MemoryStore {
  const leases = new Map<string, Lease & { expiresAt: number }>();
  const cursors = new Map<string, number>();
  const events: LoggedEvent[] = [];
  const letters: PipelineError[] = [];
  const isCurrent = (lease: Lease): boolean => {
    const current = leases.get(lease.role);
    return current?.holder === lease.holder && current.epoch === lease.epoch;
  };
  const fence = (lease: Lease): void => {
    if (isCurrent(lease) === false) throw new LeaseLostError(lease.role);
  };

  const store: MemoryStore = {
    events,
    letters,
    cursorOf: (reader) => cursors.get(reader),
    onCall: () => Promise.resolve(),
    takeOver(role): void {
      const epoch = (leases.get(role)?.epoch ?? 0) + 1;
      leases.set(role, { role, holder: 'another process', epoch, expiresAt: Number.POSITIVE_INFINITY });
    },

    leases: {
      async acquire(role, holder, ttlMs) {
        await store.onCall('acquire');
        const current = leases.get(role);
        if (current !== undefined && current.expiresAt > now()) return undefined;
        const lease = { role, holder, epoch: (current?.epoch ?? 0) + 1 };
        leases.set(role, { ...lease, expiresAt: now() + ttlMs });
        return lease;
      },
      list: () =>
        Promise.resolve(
          [...leases.values()].map(({ role, expiresAt }) => ({
            role,
            freeForMs: Math.max(0, now() - expiresAt),
          })),
        ),
      async renew(lease, ttlMs) {
        await store.onCall('renew');
        if (isCurrent(lease) === false) return false;
        leases.set(lease.role, { ...lease, expiresAt: now() + ttlMs });
        return true;
      },
      async release(lease) {
        await store.onCall('release');
        if (isCurrent(lease)) leases.set(lease.role, { ...lease, expiresAt: Number.NEGATIVE_INFINITY });
      },
    },

    cursors: {
      async open(reader, start) {
        await store.onCall('open');
        if (cursors.has(reader) === false) cursors.set(reader, start === 'head' ? events.length : 0);
        return cursors.get(reader) ?? 0;
      },
      async advance(lease, position) {
        await store.onCall('advance');
        fence(lease);
        cursors.set(readerOf(lease.role), position);
      },
      async setAside(lease, error) {
        await store.onCall('setAside');
        fence(lease);
        letters.push(error);
      },
      list: () => Promise.resolve([]),
    },

    log: {
      append: () => Promise.reject(new Error('not in this store')),
      appendPipelineError: () => Promise.reject(new Error('not in this store')),
      stamp: () => Promise.reject(new Error('not in this store')),
      async read(after, limit) {
        await store.onCall('read');
        return events.slice(after, after + limit);
      },
      async head() {
        await store.onCall('head');
        return events.length;
      },
      oldest: () => Promise.resolve(1),
    },
  };
  return store;
}
