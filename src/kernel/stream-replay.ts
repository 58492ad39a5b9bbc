import type { LoggedEvent } from './event.ts';
import type { Clock, LogStore } from './ports.ts';
import { encodeCursor, encodeEvent } from './sse.ts';
import { streamBytes } from './stream-bytes.ts';
import type { StreamBytes } from './stream-bytes.ts';
import { encodeFor, filterKey } from './stream-groups.ts';
import type { StreamConnection } from './stream-groups.ts';
import type { StreamHub } from './stream-hub.ts';
import type { StreamSink } from './stream-sink.ts';

const PAGE_SIZE = 500;
/** Clients that come back at once must not take all connections of the application's pool. */
const MAX_READS = 4;
/** A client that takes nothing of its replay for so long is cut off. */
const STALL_MS = 30_000;

/** What a replay needs of the log. */
export type ReplayLog = Pick<LogStore<never>, 'read' | 'head' | 'oldest'>;

interface Page {
  readonly events: readonly LoggedEvent[];
  /** From here on nothing is missing. */
  readonly wholeFrom: number;
  /** Everything up to here was committed before the page was read. */
  readonly reached: number;
  /** What one client was sent of it, for others that want the same. */
  readonly encoded: Map<string, StreamBytes | undefined>;
}

/** Brings clients from their cursor to the live events. */
export interface Replay {
  /** Resolves when the client is attached to the hub, or gone. @throws what the log throws. */
  catchUp(connection: StreamConnection, hub: StreamHub): Promise<void>;
}

export function createReplay(log: ReplayLog, clock: Clock): Replay {
  const limited = createLimit(MAX_READS);
  // Clients that lost the same server have the same cursor: one read serves them all.
  const reads = new Map<number, Promise<Page>>();

  function read(after: number, hub: StreamHub): Promise<Page> {
    const known = reads.get(after);
    if (known !== undefined) return known;
    const page = limited(async (): Promise<Page> => {
      // Taken before the read, which therefore sees everything up to there.
      const reached = hub.position();
      const events = await log.read(after, PAGE_SIZE);
      const hole = lastHole(after, events, reached);
      // Retention leaves single events behind that are still needed; beyond its floor the log is whole.
      const wholeFrom = hole === undefined ? after + 1 : Math.max(hole, await log.oldest());
      return { reached, events, wholeFrom, encoded: new Map() };
    }).finally(() => reads.delete(after));
    reads.set(after, page);
    return page;
  }

  /** A cursor above the head was given out by another log, or by this one before it was restored. */
  async function leaveFuture(connection: StreamConnection, hub: StreamHub): Promise<void> {
    if (connection.cursor <= hub.position()) return;
    const head = await limited(() => log.head());
    if (connection.cursor <= head) return;
    const oldest = (await limited(() => log.oldest())) || head + 1;
    tellStale(connection, { reason: 'ahead', next: head, oldest, head });
  }

  async function catchUp(connection: StreamConnection, hub: StreamHub): Promise<void> {
    const { sink } = connection;
    await leaveFuture(connection, hub);
    while (sink.isClosed() === false && hub.attach(connection) === false) {
      const { events, wholeFrom: oldest, reached, encoded } = await read(connection.cursor, hub);
      if (oldest > connection.cursor + 1) {
        tellStale(connection, { reason: 'expired', next: oldest - 1, oldest, head: hub.position() });
      }
      const key = `${filterKey(connection.filter)} ${connection.tenant ?? ''}`;
      if (encoded.has(key) === false) encoded.set(key, encodeFor(connection, events, connection.cursor));
      connection.cursor = Math.max(connection.cursor, events.at(-1)?.position ?? reached);
      // A page with nothing in it for this client moves at least its cursor, and keeps the connection open.
      const bytes = encoded.get(key) ?? streamBytes(encodeCursor(String(connection.cursor)));
      if (sink.write(bytes) === false) await waitForClient(sink, clock);
    }
  }

  return { catchUp };
}

/** The first position behind the last hole; undefined without one. Positions are dense: what is missing was deleted. */
function lastHole(after: number, events: readonly LoggedEvent[], reached: number): number | undefined {
  if (events.length === 0) return reached > after ? reached + 1 : undefined;
  let hole: number | undefined;
  let previous = after;
  for (const { position } of events) {
    if (position > previous + 1) hole = position;
    previous = position;
  }
  return hole;
}

interface Stale {
  /** `ahead`: the cursor is above the head. `expired`: older than what is kept. */
  readonly reason: 'ahead' | 'expired';
  /** Where the client goes on. */
  readonly next: number;
  readonly oldest: number;
  readonly head: number;
}

function tellStale(connection: StreamConnection, { reason, next, oldest, head }: Stale): void {
  const data = JSON.stringify({ reason, lastEventId: connection.cursor, oldest, head });
  connection.sink.write(streamBytes(encodeEvent(String(next), 'evtgen.stale', data)));
  connection.cursor = next;
}

async function waitForClient(sink: StreamSink, clock: Clock): Promise<void> {
  const drained = new AbortController();
  const draining = sink.drained().then(() => drained.abort());
  await Promise.race([draining, clock.sleep(STALL_MS, drained.signal)]);
  if (drained.signal.aborted === false) sink.cut();
}

/** Runs at most `width` at a time, first come first served. */
function createLimit(width: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = width;
  return async (run) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
