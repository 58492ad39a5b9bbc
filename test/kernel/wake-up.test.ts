import { Client, Pool } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import type { Logger, Notifier } from '../../src/kernel/ports.ts';
import { createWakeUp } from '../../src/kernel/wake-up.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { pgSql } from '../../src/stores/pg.ts';
import { databaseKinds, openPostgres } from '../helpers/databases.ts';
import { createManualClock } from '../helpers/manual-clock.ts';
import type { ManualClock } from '../helpers/manual-clock.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** The connection between some processes, as a test wants it to be. */
interface Bus extends Notifier {
  readonly sent: string[];
  readonly listeners: Set<{ hear(message: string): void; lose(): void }>;
  /** Awaited by every call; throw in it to be a database in trouble. */
  onCall: () => Promise<void>;
  isDeaf: boolean;
}

function createBus(): Bus {
  const bus: Bus = {
    sent: [],
    listeners: new Set(),
    onCall: () => Promise.resolve(),
    isDeaf: false,
    async notify(message) {
      await bus.onCall();
      bus.sent.push(message.split(' ')[0] ?? '');
      if (bus.isDeaf === false) for (const listener of bus.listeners) listener.hear(message);
    },
    async listen(hear, lose) {
      await bus.onCall();
      const listener = { hear, lose };
      bus.listeners.add(listener);
      return async () => void bus.listeners.delete(listener);
    },
  };
  return bus;
}

function createLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  return { lines, info: write, warn: write, error: write };
}

/** Whether the wait that begins now ends within `ms`, and not by its own time-out. */
async function isWokenWithin(
  ms: number,
  clock: ManualClock,
  wait: (timeoutMs: number) => Promise<void>,
): Promise<boolean> {
  let isWoken = false;
  void wait(60_000).then(() => (isWoken = true));
  await clock.advance(ms);
  return isWoken;
}

describe('between processes', () => {
  test('whoever waits in another process is woken 5 ms later, by one message for all that happened', async () => {
    const clock = createManualClock();
    const bus = createBus();
    const [shop, worker] = [createWakeUp({ notifier: bus, clock }), createWakeUp({ notifier: bus, clock })];
    let isWoken = false;
    void worker.outboxSignal.wait(60_000).then(() => (isWoken = true));
    await clock.advance(0);
    bus.sent.length = 0;

    for (let order = 0; order < 100; order += 1) shop.outboxSignal.notify();
    await clock.advance(4);
    expect({ isWoken, sent: bus.sent }).toEqual({ isWoken: false, sent: [] });
    await clock.advance(1);
    expect({ isWoken, sent: bus.sent }).toEqual({ isWoken: true, sent: ['outboxSignal'] });
    await clock.advance(1_000);
    expect(bus.sent).toEqual(['outboxSignal']);
  });

  test('what another process says is not said again, and wakes nobody who waits for something else', async () => {
    const clock = createManualClock();
    const bus = createBus();
    const [shop, worker] = [createWakeUp({ notifier: bus, clock }), createWakeUp({ notifier: bus, clock })];
    const isWoken = { log: false, due: false };
    void shop.logSignal.wait(60_000).then(() => (isWoken.log = true));
    void shop.dueSignal.wait(60_000).then(() => (isWoken.due = true));
    await clock.advance(0);
    bus.sent.length = 0;
    worker.logSignal.notify();
    await clock.advance(1_000);
    expect({ isWoken, sent: bus.sent }).toEqual({
      isWoken: { log: true, due: false },
      sent: ['logSignal'],
    });
  });

  test('where the sequencer runs, emit tells nobody else', async () => {
    const clock = createManualClock();
    const bus = createBus();
    const { outboxSignal } = createWakeUp({ notifier: bus, clock });
    void outboxSignal.wait(100);
    await clock.advance(100);
    bus.sent.length = 0;
    outboxSignal.notify();
    await clock.advance(200);
    expect(bus.sent).toEqual([]);
    // Under load it never waits, it only asks how often it was woken.
    for (let round = 0; round < 20; round += 1) {
      outboxSignal.generation();
      outboxSignal.notify();
      await clock.advance(40);
    }
    expect(bus.sent).toEqual([]);
    await clock.advance(250);
    // The sequencer lost its lease: it waits no more.
    outboxSignal.notify();
    await clock.advance(5);
    expect(bus.sent).toEqual(['outboxSignal']);
  });

  test('a process that only emits does not listen', async () => {
    const clock = createManualClock();
    const bus = createBus();
    const shop = createWakeUp({ notifier: bus, clock });
    shop.outboxSignal.notify();
    await clock.advance(5);
    expect({ sent: bus.sent, listeners: bus.listeners.size }).toEqual({
      sent: ['outboxSignal'],
      listeners: 0,
    });
  });

  test('while a message is stuck no other is sent, and what happened meanwhile is told after it', async () => {
    const clock = createManualClock();
    const bus = createBus();
    let calls = 0;
    let goOn = (): void => undefined;
    bus.onCall = () => {
      calls += 1;
      return calls === 1 ? new Promise((resolve) => (goOn = resolve)) : Promise.resolve();
    };
    const { logSignal } = createWakeUp({ notifier: bus, clock });
    logSignal.notify();
    await clock.advance(5);
    logSignal.notify();
    await clock.advance(1_000);
    expect(calls).toBe(1);
    goOn();
    await clock.advance(20);
    expect(bus.sent).toEqual(['logSignal', 'logSignal']);
  });

  test('without a way to tell others, the signals work within the process', async () => {
    const clock = createManualClock();
    const { logSignal, close } = createWakeUp({ clock });
    let isWoken = false;
    void logSignal.wait(60_000).then(() => (isWoken = true));
    logSignal.notify();
    await clock.advance(0);
    expect(isWoken).toBe(true);
    await close();
  });
});

describe('in trouble', () => {
  test('a lost connection comes back, with one line when it goes and one when it is there again', async () => {
    const clock = createManualClock();
    const bus = createBus();
    const logger = createLog();
    const worker = createWakeUp({ notifier: bus, clock, logger });
    void worker.logSignal.wait(1);
    await clock.advance(1);
    bus.onCall = () => Promise.reject(new Error('the database is down'));
    for (const { lose } of bus.listeners) lose();
    await clock.advance(60_000);
    expect(bus.listeners.size).toBe(0);
    expect(logger.lines).toEqual(['listening to other processes fails and keeps trying']);

    bus.onCall = () => Promise.resolve();
    await clock.advance(30_000);
    expect(logger.lines.slice(1)).toEqual(['listening to other processes works again']);
    const shop = createWakeUp({ notifier: bus, clock });
    const waiting = isWokenWithin(5, clock, worker.logSignal.wait);
    shop.logSignal.notify();
    expect(await waiting).toBe(true);
  });

  test('a message that cannot be sent is reported once an outage and fails nobody', async () => {
    const clock = createManualClock();
    const bus = createBus();
    const logger = createLog();
    bus.onCall = () => Promise.reject(new Error('the database is down'));
    const { outboxSignal } = createWakeUp({ notifier: bus, clock, logger });
    for (let order = 0; order < 3; order += 1) {
      outboxSignal.notify();
      await clock.advance(5);
    }
    expect(logger.lines).toEqual(['waking other processes fails and keeps trying']);
  });

  test('who listens and does not even hear himself gives it up: a pooler stands in between', async () => {
    const clock = createManualClock();
    const bus = createBus();
    const logger = createLog();
    bus.isDeaf = true;
    const { logSignal } = createWakeUp({ notifier: bus, clock, logger });
    expect(await isWokenWithin(4_999, clock, (ms) => logSignal.wait(ms))).toBe(false);
    expect(bus.listeners.size).toBe(1);
    await clock.advance(1);
    expect(bus.listeners.size).toBe(0);
    expect(logger.lines).toEqual(['notifications of the database do not arrive: polling goes on']);
    await clock.advance(60_000);
    expect(bus.sent).toEqual(['echo']);
  });

  test('close ends the listening, and waits for the message that is under way', async () => {
    const clock = createManualClock();
    const bus = createBus();
    const { logSignal, close } = createWakeUp({ notifier: bus, clock });
    void logSignal.wait(1);
    await clock.advance(1);
    let goOn = (): void => undefined;
    bus.onCall = () => new Promise((resolve) => (goOn = resolve));
    logSignal.notify();
    await clock.advance(5);
    let isClosed = false;
    void close().then(() => (isClosed = true));
    await clock.advance(0);
    expect({ isClosed, listeners: bus.listeners.size }).toEqual({ isClosed: false, listeners: 0 });
    goOn();
    await clock.advance(0);
    expect(isClosed).toBe(true);
    logSignal.notify();
    void logSignal.wait(1);
    await clock.advance(1_000);
    expect({ sent: bus.sent.length, listeners: bus.listeners.size }).toEqual({ sent: 2, listeners: 0 });
  });
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

describe.each(databaseKinds)('on $kind', ({ open }) => {
  test('a message reaches whoever listens, and nobody after the end', async () => {
    const database = await open();
    closing.push(() => database.close());
    const { notifier } = createEventStore(database.sql);
    if (notifier === undefined) throw new Error('this client cannot listen');
    const heard: string[] = [];
    const unlisten = await notifier.listen(
      (message) => void heard.push(message),
      () => undefined,
    );
    await notifier.notify('order 1');
    await waitUntil(() => heard.length > 0);
    await unlisten();
    await notifier.notify('order 2');
    expect(heard).toEqual(['order 1']);
  });
});

describe.skipIf(isMissing(postgres))('on a server', () => {
  test('a connection that the server ends comes back by itself', async () => {
    const database = await openPostgres();
    closing.push(() => database.close());
    const [shop, worker] = [database.sql, database.sql].map((sql) =>
      createWakeUp({ notifier: createEventStore(sql).notifier }),
    );
    if (shop === undefined || worker === undefined) throw new Error('two were made');
    closing.push(() => Promise.all([shop.close(), worker.close()]));
    const wakesUp = async (): Promise<boolean> => {
      const before = worker.logSignal.generation();
      void worker.logSignal.wait(0);
      shop.logSignal.notify();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return worker.logSignal.generation() !== before;
    };
    await waitUntil(wakesUp);
    const { rows } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen "evtgen"'`,
    );
    expect(rows).not.toEqual([]);
    await waitUntil(wakesUp);
  });

  test('a server that cannot be reached fails the listening and leaves no connection behind', async () => {
    const unreachable = pgSql(new Pool(), {
      createListeningClient: () => new Client({ host: '127.0.0.1', port: 1 }),
    });
    const { notifier } = createEventStore(unreachable);
    await expect(
      notifier?.listen(
        () => undefined,
        () => undefined,
      ),
    ).rejects.toThrow(/ECONNREFUSED/);
  });
});
