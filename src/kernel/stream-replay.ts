import type { Clock, EventStore } from './ports.ts';
import { encodeEvent } from './sse.ts';
import { encodeFor } from './stream-hub.ts';
import type { StreamConnection, StreamHub } from './stream-hub.ts';
import type { StreamSink } from './stream-sink.ts';

const PAGE_SIZE = 500;
/** A client that takes nothing of its replay for so long is cut off. */
const STALL_MS = 30_000;

/** What a replay needs of the log. */
export type ReplayLog = Pick<EventStore<never>['log'], 'read' | 'head' | 'oldest'>;

/** Tells a client whose cursor cannot be served, and gives the place from which it can go on. */
export async function checkCursor(log: ReplayLog, sink: StreamSink, cursor: number): Promise<number> {
  // In this order: an event that is appended in between must not look like a loss.
  const head = await log.head();
  const oldest = (await log.oldest()) || head + 1;
  if (cursor <= head && cursor >= oldest - 1) return cursor;
  const reason = cursor > head ? 'ahead' : 'expired';
  const next = cursor > head ? head : oldest - 1;
  const data = JSON.stringify({ reason, lastEventId: cursor, oldest, head });
  sink.write(Buffer.from(encodeEvent(String(next), 'evtgen.stale', data)));
  return next;
}

/** Replays from the log, page by page, until nothing lies between this client and the live events. */
export async function catchUp(
  log: ReplayLog,
  connection: StreamConnection,
  hub: StreamHub,
  clock: Clock,
): Promise<void> {
  const { sink } = connection;
  while (sink.closed.aborted === false && hub.attach(connection) === false) {
    // Before the read, which therefore sees everything up to there.
    const reached = hub.position();
    const events = await log.read(connection.cursor, PAGE_SIZE);
    const bytes = encodeFor(connection, events, connection.cursor);
    const hasRoom = bytes === undefined || sink.write(bytes);
    connection.cursor = events.at(-1)?.position ?? reached;
    if (hasRoom === false) await waitForClient(sink, clock);
  }
}

async function waitForClient(sink: StreamSink, clock: Clock): Promise<void> {
  const drained = new AbortController();
  const draining = sink.drained().then(() => drained.abort());
  await Promise.race([draining, clock.sleep(STALL_MS, drained.signal)]);
  if (drained.signal.aborted === false) sink.cut();
}
