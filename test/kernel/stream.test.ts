import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeListener } from '../../src/kernel/node-listener.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createEventStream } from '../../src/kernel/stream.ts';
import type { EventStream, EventStreamOptions } from '../../src/kernel/stream.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import type { Worker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { databaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { newEvent } from '../helpers/events.ts';
import type { EventParts } from '../helpers/events.ts';
import { resetDatabase } from '../helpers/reset-database.ts';

/** A client that reads a stream until told to stop. */
interface Client {
  readonly status: number;
  readonly headers: Headers;
  /** Everything received so far. */
  text(): string;
  events(): { id: number; type: string; data: Record<string, unknown> }[];
  /** Ids of all blocks, also of those without data. */
  cursors(): number[];
  readonly ended: Promise<void>;
  close(): void;
}

describe.each(databaseKinds)('the event stream on $kind', ({ open }) => {
  let database: TestDatabase;
  let store: ReturnType<typeof createEventStore>;
  let worker: Worker;
  let server: Server | undefined;
  let clients: Client[] = [];
  let stream: EventStream;
  const outboxSignal = createSignal();
  const logSignal = createSignal();

  beforeAll(async () => {
    database = await open();
    store = createEventStore(database.sql);
  });

  afterAll(() => database.close());

  beforeEach(async () => {
    await resetDatabase(database.sql);
    worker = createWorker({ parts: [createSequencer({ store, outboxSignal, logSignal })] });
    worker.start();
    clients = [];
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    await Promise.all(clients.map((client) => client.ended));
    await new Promise<void>((resolve) => {
      if (server === undefined) resolve();
      else server.close(() => resolve());
      server?.closeAllConnections();
    });
    await worker.stop();
  });

  async function serve(
    options: Partial<EventStreamOptions> = {},
    how: 'node' | 'web' = 'node',
  ): Promise<string> {
    stream = createEventStream({ store, logSignal, random: () => 0.5, ...options });
    server = createServer(how === 'node' ? stream.listener : nodeListener(stream.handle));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/events/stream`;
  }

  async function connect(url: string, headers: Record<string, string> = {}): Promise<Client> {
    const stop = new AbortController();
    const response = await fetch(url, { headers, signal: stop.signal });
    let text = '';
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      try {
        for await (const chunk of response.body ?? [])
          text += decoder.decode(chunk as Uint8Array, { stream: true });
      } catch (error) {
        if (stop.signal.aborted === false && String(error).includes('terminated') === false) throw error;
      }
    };
    const client: Client = {
      status: response.status,
      headers: response.headers,
      text: () => text,
      events() {
        const found: EventSourceMessage[] = [];
        createParser({ onEvent: (event) => void found.push(event) }).feed(text);
        return found.map((event) => ({
          id: Number(event.id),
          type: event.event ?? '',
          data: JSON.parse(event.data) as Record<string, unknown>,
        }));
      },
      cursors: () => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1])),
      ended: read(),
      close: () => stop.abort(),
    };
    clients.push(client);
    return client;
  }

  async function emit(parts: EventParts = {}): Promise<void> {
    await database.sql.transaction((tx) => store.log.append(tx, newEvent(parts)));
    outboxSignal.notify();
  }

  async function emitAndStamp(count: number, parts: EventParts = {}): Promise<void> {
    const before = await store.log.head();
    for (let done = 0; done < count; done += 1) await emit(parts);
    await eventually('all have positions', async () => (await store.log.head()) === before + count);
  }

  const received = (client: Client, count: number): Promise<boolean> =>
    eventually(`${count} events came`, () => client.events().length >= count);

  describe.each(['node', 'web'] as const)('through %s', (how) => {
    it('sends live events with their position as id and their type as event', async () => {
      const url = await serve({}, how);
      const client = await connect(url);
      expect(client.status).toBe(200);
      expect(client.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(client.headers.get('cache-control')).toBe('no-cache, no-transform');
      expect(client.headers.get('x-accel-buffering')).toBe('no');
      await eventually('the cursor came', () => client.cursors().length === 1);
      expect(client.text()).toBe('retry: 3000\n\nid: 0\n\n');
      await emit({ subject: 'ord_1' });
      await emit({ subject: 'ord_2', eventType: 'order.paid' });
      await received(client, 2);
      expect(client.events()).toEqual([
        { id: 1, type: 'order.created', data: expect.objectContaining({ position: 1, subject: 'ord_1' }) },
        { id: 2, type: 'order.paid', data: expect.objectContaining({ position: 2, subject: 'ord_2' }) },
      ]);
    });

    it('replays after Last-Event-ID without a gap or a duplicate while events come in', async () => {
      await emitAndStamp(30);
      const url = await serve({}, how);
      const joined: Client[] = [];
      for (let from = 0; from < 10; from += 1) {
        const joining = connect(url, { 'last-event-id': String(from) });
        for (let done = 0; done < 20; done += 1) await emit();
        joined.push(await joining);
      }
      for (const [from, client] of joined.entries()) {
        await received(client, 230 - from);
        expect(client.events().map((event) => event.id)).toEqual(
          Array.from({ length: 230 - from }, (_, index) => from + index + 1),
        );
      }
    });
  });

  it('filters by type, audience and tenant, and moves the cursor past what it leaves out', async () => {
    const url = await serve({ authorize: () => ({ tenant: 'acme' }), heartbeatMs: 20 });
    const client = await connect(`${url}?types=order.*&types=user.updated`);
    await emit({ tenant: 'acme', eventType: 'order.created' });
    await emit({ tenant: 'acme', eventType: 'user.created' });
    await emit({ tenant: 'other', eventType: 'order.created' });
    await emit({ eventType: 'order.created' });
    await emit({ tenant: 'acme', eventType: 'order.paid', audience: 'internal' });
    await emit({ tenant: 'acme', eventType: 'user.updated' });
    await emit({ tenant: 'acme', eventType: 'user.created' });
    await received(client, 2);
    expect(client.events().map((event) => event.id)).toEqual([1, 6]);
    await eventually('a heartbeat moved the cursor', () => client.cursors().at(-1) === 7);
    expect(client.cursors()).toEqual([...client.cursors()].sort((a, b) => a - b));
  });

  it('takes the cursor from the query, and the header before it', async () => {
    await emitAndStamp(3);
    const url = await serve();
    const byQuery = await connect(`${url}?lastEventId=1`);
    const byHeader = await connect(`${url}?lastEventId=1`, { 'last-event-id': '2' });
    const byEmptyHeader = await connect(`${url}?lastEventId=1`, { 'last-event-id': '' });
    await received(byQuery, 2);
    await received(byHeader, 1);
    expect(byHeader.events().map((event) => event.id)).toEqual([3]);
    await received(byEmptyHeader, 2);
  });

  it.each(['abc', '-1', '1.5', '01', '1 2', '9'.repeat(16), '1e3'])(
    'refuses the cursor %j with 400',
    async (id) => {
      const url = await serve();
      const client = await connect(`${url}?lastEventId=${encodeURIComponent(id)}`);
      expect(client.status).toBe(400);
      expect(client.headers.get('content-type')).toBe('application/problem+json');
    },
  );

  it.each(['order', 'order.*,', 'Order.created', '%00'])('refuses the types %j with 400', async (types) => {
    const client = await connect(`${await serve()}?types=${types}`);
    expect(client.status).toBe(400);
  });

  it('tells a client whose cursor is above the head, once, and goes on at the head', async () => {
    await emitAndStamp(2);
    const client = await connect(await serve(), { 'last-event-id': '9' });
    await received(client, 1);
    await emit();
    await received(client, 2);
    expect(client.events()).toEqual([
      { id: 2, type: 'evtgen.stale', data: { reason: 'ahead', lastEventId: 9, oldest: 1, head: 2 } },
      expect.objectContaining({ id: 3, type: 'order.created' }),
    ]);
  });

  it('tells a client whose cursor is older than what is kept, and replays from there', async () => {
    await emitAndStamp(5);
    await database.sql.query(`delete from evtgen.positions where position <= 3`, []);
    const client = await connect(await serve(), { 'last-event-id': '1' });
    await received(client, 3);
    expect(client.events().map(({ id, type }) => [id, type])).toEqual([
      [3, 'evtgen.stale'],
      [4, 'order.created'],
      [5, 'order.created'],
    ]);
    const current = await connect(await serveAgain(), { 'last-event-id': '3' });
    await received(current, 2);
    expect(current.events().map(({ id }) => id)).toEqual([4, 5]);
  });

  it('tells a client of an emptied log that something is missing', async () => {
    await emitAndStamp(2);
    await database.sql.query(`delete from evtgen.positions`, []);
    const client = await connect(await serve(), { 'last-event-id': '1' });
    await received(client, 1);
    expect(client.events()).toMatchObject([{ id: 2, type: 'evtgen.stale' }]);
  });

  it('cuts off a client that does not read, and that client resumes', async () => {
    const url = await serve({ maxBufferBytes: 64 * 1024 });
    const stop = new AbortController();
    const response = await fetch(url, { signal: stop.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    const data = { text: 'x'.repeat(200_000) };
    let emitted = 0;
    await eventually('it is cut off', async () => {
      await emit({ data });
      emitted += 1;
      return new Promise<boolean>((resolve) =>
        server?.getConnections((_error, count) => resolve(count === 0)),
      );
    });
    stop.abort();
    const resumed = await connect(url, { 'last-event-id': '0' });
    await received(resumed, emitted);
    expect(resumed.events().map(({ id }) => id)).toEqual(
      Array.from({ length: emitted }, (_, index) => index + 1),
    );
  });

  it('answers overload and shutdown with 200, retry and the end', async () => {
    const url = await serve({ maxConnections: 1 });
    const first = await connect(url);
    await eventually('the cursor came', () => first.cursors().length === 1);
    const second = await connect(url);
    await second.ended;
    expect([second.status, second.text()]).toEqual([200, 'retry: 3000\n\n']);
    stream.close();
    await first.ended;
    expect(first.text()).toBe('retry: 3000\n\nid: 0\n\nretry: 3000\n\n');
    const late = await connect(url);
    await late.ended;
    expect([late.status, late.text()]).toEqual([200, 'retry: 3000\n\n']);
  });

  it('asks for credentials, and for an authorize hook in production', async () => {
    const client = await connect(await serve({ authorize: () => undefined }));
    expect(client.status).toBe(401);
    expect(() => createEventStream({ store, logSignal, isProduction: true })).toThrow(/authorize/);
  });

  it('answers HEAD without a body and other methods with 405', async () => {
    const url = await serve();
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(url, { method: 'POST', body: '{}' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  async function serveAgain(): Promise<string> {
    server?.closeAllConnections();
    server?.close();
    return serve();
  }
});
