import { beforeEach, describe, expect, test } from 'vitest';
import { redactedText } from '../../src/kernel/envelope.ts';
import type { Alert } from '../../src/kernel/alert.ts';
import { UnpublishableError } from '../../src/kernel/errors.ts';
import type { LoggedEvent } from '../../src/kernel/event.ts';
import type { Publisher } from '../../src/kernel/ports.ts';
import { createPublisherReader } from '../../src/kernel/publish.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import type { Signal } from '../../src/kernel/signal.ts';
import type { WorkerPart } from '../../src/kernel/worker.ts';
import { newEvent } from '../helpers/events.ts';
import { createManualClock } from '../helpers/manual-clock.ts';
import type { ManualClock } from '../helpers/manual-clock.ts';
import { createMemoryStore } from '../helpers/memory-store.ts';
import type { MemoryStore } from '../helpers/memory-store.ts';

let clock: ManualClock;
let store: MemoryStore;
let published: number[];
let alerts: Alert[];
let logged: string[];
let publish: (events: readonly LoggedEvent[]) => Promise<void>;
let signal: Signal;
let part: WorkerPart;

beforeEach(() => {
  clock = createManualClock();
  store = createMemoryStore(() => clock.monotonic());
  published = [];
  alerts = [];
  logged = [];
  publish = (events) => {
    published.push(...events.map((event) => event.position));
    return Promise.resolve();
  };
  signal = createSignal(clock);
  part = createPart();
});

function createPart(): WorkerPart {
  const publisher: Publisher = {
    name: 'redis',
    publish: (events) => publish(events as readonly LoggedEvent[]),
    close: () => Promise.resolve(),
  };
  return createPublisherReader({
    store,
    publisher,
    logSignal: signal,
    clock,
    batchSize: 3,
    alert: (alert) => void alerts.push(alert),
    logger: {
      info: (message) => void logged.push(`info ${message}`),
      warn: (message) => void logged.push(`warn ${message}`),
      error: (message) => void logged.push(`error ${message}`),
    },
  });
}

function addEvents(count: number): void {
  for (let index = 0; index < count; index += 1) {
    store.events.push({ ...newEvent({}), position: store.events.length + 1 });
  }
}

/** From now on batches are published, and each waits until the function that this gives is called. */
function holdConfirmations(): () => void {
  const working = publish;
  let confirm = (): void => undefined;
  publish = (events) => {
    void working(events);
    return new Promise((resolve) => (confirm = resolve));
  };
  return () => confirm();
}

/** As an erasure request does it. */
function erase(position: number): void {
  const event = store.events[position - 1] as LoggedEvent;
  store.events[position - 1] = { ...event, body: redactedText(event.body, '2026-01-01T00:00:00.000Z') };
}

const refuse = (): Promise<void> => Promise.reject(new Error('connect ECONNREFUSED'));

test('publishes everything once, in order and in batches, and then what comes', async () => {
  addEvents(7);
  part.start();
  await clock.advance(1_000);
  expect(published).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(store.cursorOf('redis')).toBe(7);
  addEvents(1);
  await clock.advance(100);
  expect(published).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(part.health()).toMatchObject({ name: 'reader:redis', state: 'active', lag: 0 });
  await stop();
});

test('a broker that is down holds the cursor, shows in health, alerts once and logs its end', async () => {
  addEvents(5);
  const working = publish;
  publish = refuse;
  part.start();
  await clock.advance(20_000);
  expect(store.cursorOf('redis')).toBe(0);
  expect(part.health()).toMatchObject({
    state: 'failing',
    lag: 5,
    lastError: 'connect ECONNREFUSED',
    since: '2026-01-01T00:00:00.000Z',
  });
  expect(alerts).toEqual([]);
  await clock.advance(60_000);
  expect(alerts).toMatchObject([{ kind: 'publisher.failing', error: 'connect ECONNREFUSED' }]);

  publish = working;
  await clock.advance(30_000);
  expect(published).toEqual([1, 2, 3, 4, 5]);
  expect(part.health()).toMatchObject({ state: 'active', lag: 0, lastError: undefined });
  expect(alerts).toHaveLength(1);
  expect(logged.map((line) => line.replace(/: .*/, ''))).toEqual([
    'warn reader:redis fails and keeps trying',
    'info reader:redis works again',
  ]);
  await stop();
});

test('an event that is erased while its batch waits, or the batch before it, is not published with its data', async () => {
  addEvents(6);
  const working = publish;
  const confirm = holdConfirmations();
  part.start();
  await clock.advance(0);
  erase(4);
  await clock.advance(2_000);
  publish = (events) => {
    void working(events);
    return refuse();
  };
  confirm();
  await clock.advance(0);
  erase(5);
  publish = working;
  await clock.advance(10_000);
  expect(published).toEqual([1, 2, 3, 5, 6, 6]);
  expect(store.cursorOf('redis')).toBe(6);
  await stop();
});

test('reads the next batch while one is published, and misses nothing that comes meanwhile', async () => {
  addEvents(3);
  const reads: number[] = [];
  store.onCall = (method) => {
    if (method === 'read') reads.push(published.length);
    return Promise.resolve();
  };
  const confirm = holdConfirmations();
  part.start();
  await clock.advance(0);
  expect(published).toEqual([1, 2, 3]);
  expect(reads).toHaveLength(2);
  addEvents(1);
  signal.notify();
  confirm();
  await clock.advance(0);
  expect(published).toEqual([1, 2, 3, 4]);
  confirm();
  await stop();
});

test('a broker that never answers is noticed too', async () => {
  addEvents(1);
  let confirm = (): void => undefined;
  publish = () => new Promise((resolve) => (confirm = resolve));
  part.start();
  await clock.advance(31_000);
  expect(part.health()).toMatchObject({ state: 'failing', lastError: 'no confirmation for 30 s' });
  expect(alerts).toMatchObject([{ kind: 'publisher.failing' }]);
  confirm();
  await clock.advance(100);
  expect(part.health()).toMatchObject({ state: 'active', lag: 0 });
  expect(store.cursorOf('redis')).toBe(1);
  await stop();
});

test('waits longer between tries, up to half a minute', async () => {
  addEvents(1);
  const tries: number[] = [];
  publish = () => {
    tries.push(clock.monotonic());
    return refuse();
  };
  part.start();
  await clock.advance(300_000);
  const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
  expect(pauses.length).toBeGreaterThan(12);
  for (const [index, pause] of pauses.entries()) {
    const ceiling = Math.min(30_000, 200 * 2 ** index);
    expect(pause).toBeGreaterThanOrEqual(ceiling / 2);
    expect(pause).toBeLessThanOrEqual(ceiling);
  }
  await stop();
});

test('an event that the broker will never take becomes a dead letter, and the rest goes on', async () => {
  addEvents(5);
  const culprit = store.events[1];
  const working = publish;
  publish = (events) =>
    events.some((event) => event === culprit)
      ? Promise.reject(new UnpublishableError(culprit?.eventId ?? '', 'larger than 1 MB'))
      : working(events);
  part.start();
  await clock.advance(1_000);
  expect(published).toEqual([1, 3, 4, 5]);
  expect(store.letters).toMatchObject([
    { stage: 'publish', reader: 'redis', position: 2, eventId: culprit?.eventId, body: culprit?.body },
  ]);
  expect(alerts).toMatchObject([{ kind: 'dead_letter.pipeline_error', eventId: culprit?.eventId }]);
  expect(store.cursorOf('redis')).toBe(5);
  await stop();
});

test('an unpublishable event that is not in the batch is a failure like any other', async () => {
  addEvents(1);
  publish = () => Promise.reject(new UnpublishableError('who?', 'too large'));
  part.start();
  await clock.advance(1_000);
  expect(store.letters).toEqual([]);
  expect(part.health()).toMatchObject({ state: 'failing' });
  await stop();
});

test('stop waits for the batch in hand, moves the cursor and gives the lease up', async () => {
  addEvents(6);
  let confirm = (): void => undefined;
  const working = publish;
  publish = async (events) => {
    await new Promise<void>((resolve) => (confirm = resolve));
    await working(events);
  };
  part.start();
  await clock.advance(10);
  let isStopped = false;
  const stopped = part.stop().then(() => (isStopped = true));
  // Longer than the lease: it is renewed while the batch is in hand.
  await clock.advance(8_000);
  expect(isStopped).toBe(false);
  confirm();
  await clock.advance(10);
  await stopped;
  expect(published).toEqual([1, 2, 3]);
  expect(store.cursorOf('redis')).toBe(3);
  expect(part.health().state).toBe('stopped');
  expect(await store.leases.acquire('reader:redis', 'next', 1_000)).toBeDefined();
});

test('stop gives up on a batch that is never confirmed', async () => {
  addEvents(1);
  publish = () => new Promise(() => undefined);
  part.start();
  await clock.advance(10);
  const stopped = part.stop();
  await clock.advance(20_000);
  await stopped;
  expect(logged).toEqual(['warn reader:redis still had work in hand when it was stopped']);
});

test('stop interrupts a long pause', async () => {
  addEvents(1);
  publish = refuse;
  part.start();
  await clock.advance(120_000);
  await stop();
  expect(part.health().state).toBe('stopped');
});

test('it can be started again after it was stopped', async () => {
  addEvents(1);
  part.start();
  await clock.advance(100);
  await stop();
  addEvents(1);
  await clock.advance(1_000);
  expect(published).toEqual([1]);
  part.start();
  await clock.advance(1_000);
  expect(published).toEqual([1, 2]);
  await stop();
});

describe('leases', () => {
  test('one process publishes, the other stands by and takes over', async () => {
    addEvents(2);
    const other = createPart();
    part.start();
    await clock.advance(10);
    other.start();
    await clock.advance(10_000);
    expect(published).toEqual([1, 2]);
    expect(other.health()).toMatchObject({ state: 'standby' });
    await stop();
    addEvents(1);
    await clock.advance(1_100);
    expect(published).toEqual([1, 2, 3]);
    const stopping = other.stop();
    await clock.advance(0);
    await stopping;
  });

  test('a reader that was taken over while it published repeats nothing and moves no cursor', async () => {
    addEvents(2);
    let confirm = (): void => undefined;
    publish = () => new Promise((resolve) => (confirm = resolve));
    part.start();
    await clock.advance(10);
    store.takeOver('reader:redis');
    confirm();
    await clock.advance(3_000);
    expect(store.cursorOf('redis')).toBe(0);
    expect(part.health().state).toBe('standby');
    expect(logged).toEqual([]);
    await stop();
  });

  test('it stops acting when renewals hang for longer than the lease', async () => {
    addEvents(1);
    part.start();
    await clock.advance(10);
    store.onCall = (method) => (method === 'renew' ? new Promise(() => undefined) : Promise.resolve());
    await clock.advance(4_600);
    // The lease ran out unrenewed; while somebody else has it, nothing more is published.
    store.takeOver('reader:redis');
    addEvents(1);
    await clock.advance(10_000);
    expect(published).toEqual([1]);
    expect(part.health().state).toBe('standby');
    await stop();
  });

  test('work that hangs on a dead connection is given up, and begun again by the same process', async () => {
    part.start();
    await clock.advance(10);
    const hanging = new Set(['read', 'renew']);
    store.onCall = (method) => (hanging.has(method) ? new Promise(() => undefined) : Promise.resolve());
    addEvents(2);
    await clock.advance(5_000);
    // The pool has made new connections by now.
    hanging.clear();
    await clock.advance(4_000);
    expect(published).toEqual([1, 2]);
    expect(part.health().state).toBe('active');
    expect(logged.some((line) => line.includes('reader:redis fails and keeps trying'))).toBe(true);
    await stop();
  });

  test('renewals that fail now and then do no harm, nor does a clock that is set', async () => {
    part.start();
    await clock.advance(10);
    let calls = 0;
    store.onCall = (method) => {
      if (method !== 'renew') return Promise.resolve();
      calls += 1;
      return calls % 2 === 0 ? Promise.reject(new Error('connection reset')) : Promise.resolve();
    };
    for (let minute = 0; minute < 3; minute += 1) {
      clock.jump(minute % 2 === 0 ? 3_600_000 : -7_200_000);
      addEvents(1);
      await clock.advance(60_000);
    }
    expect(published).toEqual([1, 2, 3]);
    expect(part.health()).toMatchObject({ state: 'active', since: '2026-01-01T00:00:00.000Z' });
    await stop();
  });

  test('a database that is down is waited for, and logged once', async () => {
    addEvents(1);
    store.onCall = () => Promise.reject(new Error('the database system is starting up'));
    part.start();
    await clock.advance(60_000);
    expect(part.health()).toMatchObject({
      state: 'failing',
      lastError: 'the database system is starting up',
    });
    store.onCall = () => Promise.resolve();
    await clock.advance(6_000);
    expect(published).toEqual([1]);
    expect(logged).toEqual(['warn reader:redis fails and keeps trying', 'info reader:redis works again']);
    await stop();
  });
});

async function stop(): Promise<void> {
  const stopped = part.stop();
  await clock.advance(0);
  await stopped;
}
