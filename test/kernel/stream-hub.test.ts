import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StreamConnection } from '../../src/kernel/stream-groups.ts';
import { createStreamHub } from '../../src/kernel/stream-hub.ts';
import type { StreamHub } from '../../src/kernel/stream-hub.ts';
import type { StreamBytes } from '../../src/kernel/stream-bytes.ts';
import type { StreamSink } from '../../src/kernel/stream-sink.ts';
import { createLiveLog } from '../helpers/live-log.ts';
import type { LiveLog } from '../helpers/live-log.ts';
import { createManualClock } from '../helpers/manual-clock.ts';
import type { ManualClock } from '../helpers/manual-clock.ts';

const HEARTBEAT_MS = 15_000;

let log: LiveLog;
let clock: ManualClock;
let hub: StreamHub;

beforeEach(() => {
  clock = createManualClock();
  log = createLiveLog(clock);
  const { store, logSignal } = log;
  const options = { heartbeatMs: HEARTBEAT_MS, maxBufferBytes: 1_000_000, clock };
  hub = createStreamHub({ log: store.log, logSignal, start: 0, ...options });
});

afterEach(() => hub.close());

interface Client {
  readonly connection: StreamConnection;
  /** One entry a write. */
  readonly writes: StreamBytes[];
  text(): string;
  /** Ids of the events it got. */
  ids(): number[];
  isEnded(): boolean;
}

function client(parts: Partial<StreamConnection> = {}): Client {
  const writes: StreamBytes[] = [];
  let isEnded = false;
  const sink: StreamSink = {
    write: (bytes) => writes.push(bytes) > 0,
    bufferedBytes: () => 0,
    drained: () => Promise.resolve(),
    end: () => void (isEnded = true),
    cut: () => undefined,
    isClosed: () => false,
    onClosed: () => undefined,
  };
  const text = (): string => writes.map(({ plain }) => Buffer.from(plain).toString()).join('');
  return {
    connection: { sink, tenant: undefined, filter: undefined, cursor: 0, ...parts },
    writes,
    text,
    ids: () => [...text().matchAll(/^id: (\d+)\nevent/gm)].map((match) => Number(match[1])),
    isEnded: () => isEnded,
  };
}

/** Lets the follower read what was appended. */
const follow = (): Promise<void> => clock.advance(5);

it('sends a client whose replay read further than the follower nothing twice', async () => {
  const [current, ahead] = [client(), client({ cursor: 2 })];
  expect([hub.attach(current.connection), hub.attach(ahead.connection)]).toEqual([true, true]);
  log.append(3);
  await follow();
  expect(hub.position()).toBe(3);
  expect([current.ids(), ahead.ids()]).toEqual([[1, 2, 3], [3]]);
  expect(hub.attach(client({ cursor: 2 }).connection)).toBe(false);
  log.append();
  await follow();
  expect([current.ids(), ahead.ids()]).toEqual([
    [1, 2, 3, 4],
    [3, 4],
  ]);
});

it('gives clients that want the same the same bytes, and each tenant its own', async () => {
  const clients = ['acme', 'acme', 'other'].map((tenant) => client({ tenant }));
  const narrow = client({ tenant: 'acme', filter: ['order.*', 'user.updated'] });
  for (const each of [...clients, narrow]) hub.attach(each.connection);
  log.append(2, { tenant: 'acme' });
  log.append(1, { tenant: 'other' });
  log.append(1, { tenant: 'acme', eventType: 'user.created' });
  log.append(1);
  log.append(1, { tenant: 'acme', audience: 'internal' });
  await follow();
  expect([...clients, narrow].map((each) => each.ids())).toEqual([[1, 2, 4], [1, 2, 4], [3], [1, 2]]);
  const [first, second] = clients.map((each) => each.writes);
  expect(first).toHaveLength(1);
  expect(first?.[0]).toBe(second?.[0]);
});

it('sends a lone event at once, and joins those that follow it within five milliseconds', async () => {
  const reader = client();
  hub.attach(reader.connection);
  await follow();
  log.append();
  await clock.advance(0);
  expect(reader.ids()).toEqual([1]);
  for (let done = 0; done < 4; done += 1) {
    log.append();
    await clock.advance(1);
  }
  expect(reader.ids()).toEqual([1]);
  await clock.advance(1);
  expect([reader.ids(), reader.writes.length]).toEqual([[1, 2, 3, 4, 5], 2]);
});

it('beats with the id that each client has reached, and moves past what its filter leaves out', async () => {
  const [reader, ahead] = [client({ filter: ['order.paid'] }), client({ cursor: 7 })];
  for (const each of [reader, ahead]) hub.attach(each.connection);
  log.append(3);
  await follow();
  expect(reader.text()).toBe('');
  await clock.advance(HEARTBEAT_MS);
  expect([reader.text(), ahead.text()]).toEqual(['id: 3\n\n', 'id: 7\n\n']);
  await clock.advance(HEARTBEAT_MS);
  expect(reader.text()).toBe('id: 3\n\nid: 3\n\n');
});

it('never beats past an event that is not yet sent', async () => {
  const reader = client();
  hub.attach(reader.connection);
  log.append();
  await follow();
  let answer: () => void = () => undefined;
  log.store.onCall = () => new Promise((resolve) => (answer = resolve));
  log.append();
  await follow();
  await clock.advance(HEARTBEAT_MS);
  expect(reader.text().endsWith('}\n\nid: 1\n\n')).toBe(true);
  answer();
  await follow();
  expect(reader.ids()).toEqual([1, 2]);
});

it.each([
  ['the first', [1, 2]],
  ['some in between', [2, 3]],
])(
  'lets its clients come back when %s of the events were deleted before it read them',
  async (_which, gone) => {
    const reader = client();
    hub.attach(reader.connection);
    log.append(4);
    log.store.log.read = () =>
      Promise.resolve(
        log.store.events.filter(
          ({ position }) => position > hub.position() && gone.includes(position) === false,
        ),
      );
    await follow();
    expect([reader.isEnded(), hub.position()]).toEqual([true, 4]);
  },
);

it('goes on after the database was away', async () => {
  const reader = client();
  hub.attach(reader.connection);
  await follow();
  log.store.onCall = () => Promise.reject(new Error('connection terminated'));
  log.append(2);
  await clock.advance(1_000);
  expect(reader.ids()).toEqual([]);
  log.store.onCall = () => Promise.resolve();
  await clock.advance(5_000);
  expect(reader.ids()).toEqual([1, 2]);
});

it('forgets a client that was detached', async () => {
  const [gone, staying] = [client(), client()];
  for (const each of [gone, staying]) hub.attach(each.connection);
  hub.detach(gone.connection);
  hub.detach(gone.connection);
  log.append();
  await follow();
  expect([gone.ids(), staying.ids()]).toEqual([[], [1]]);
});
