import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEventStream } from '../../src/clients/event-stream.ts';
import type { EventSourceLike, EventStreamClient, StaleCursor } from '../../src/clients/event-stream.ts';
import { eventually } from '../helpers/eventually.ts';
import { openStreamServer } from './stream-server.ts';
import type { StreamServer } from './stream-server.ts';

interface ShopEvents {
  'order.created': { total: number };
  'order.paid': { total: number };
}

let shop: StreamServer;

beforeEach(async () => {
  shop = await openStreamServer();
});

afterEach(() => shop.close());

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

it('serves the eventsource package without a gap or a duplicate over restarts and lost connections', async () => {
  const ids: number[] = [];
  const source = new EventSource(`${shop.origin}/events/stream`);
  source.addEventListener('order.created', (event) => ids.push(Number(event.lastEventId)));
  let appended = 0;
  const append = (count: number): void => {
    appended += count;
    shop.append(count);
  };
  await eventually('it is connected', () => shop.clients() === 1);
  // The package ignores ids without data, so its cursor begins with its first event.
  append(1);
  await eventually('the first came', () => ids.length === 1);
  for (const interrupt of [shop.disconnect, shop.restart, shop.disconnect, shop.restart]) {
    append(3);
    await interrupt();
    append(2);
    await eventually('it is back', () => ids.length === appended);
    append(1);
    await eventually('it is live again', () => ids.length === appended);
  }
  source.close();
  expect(ids).toEqual(upTo(appended));
});

describe('the client for browsers', () => {
  let client: EventStreamClient<ShopEvents>;
  let positions: number[];
  let stale: StaleCursor[];
  let refused: number[];
  let sources: EventSourceLike[];

  /** The package's EventSource, remembering what was opened. */
  class RecordedSource extends EventSource {
    constructor(url: string) {
      super(url);
      sources.push(this as EventSourceLike);
    }
  }

  function open(
    options: { lastPosition?: number; types?: string[]; headers?: () => Record<string, string> } = {},
  ): void {
    positions = [];
    stale = [];
    refused = [];
    sources = [];
    client = openEventStream<ShopEvents>({
      url: `${shop.origin}/events/stream`,
      EventSource: RecordedSource as new (url: string) => EventSourceLike,
      onRefused: (status) => refused.push(status),
      ...options,
    });
    client.on('order.created', (event) => positions.push(event.position));
    client.onStale((reason) => stale.push(reason));
  }

  afterEach(() => client.close());

  const connected = (): Promise<boolean> => eventually('it is connected', () => shop.clients() === 1);
  const came = (count: number): Promise<boolean> => eventually('all came', () => positions.length === count);

  it('hands over typed events, each once, over restarts and lost connections', async () => {
    open();
    await connected();
    for (const interrupt of [shop.disconnect, shop.restart]) {
      shop.append(3);
      await interrupt();
      shop.append(2);
      await came(shop.store.events.length);
    }
    expect([positions, sources.length]).toEqual([upTo(10), 1]);
  });

  it('misses nothing when its ticket expires before the first event', async () => {
    shop.append(5);
    open();
    await connected();
    shop.passMs(11 * 60_000);
    shop.disconnect();
    shop.append(2);
    await came(2);
    expect([positions, sources.length, client.lastPosition()]).toEqual([[6, 7], 2, 7]);
  });

  it('renews its ticket as often as it has to, and goes on behind the last event', async () => {
    open();
    await connected();
    for (const round of [1, 2, 3]) {
      shop.append(2);
      await came(round * 4 - 2);
      shop.passMs(11 * 60_000);
      shop.disconnect();
      shop.append(2);
      await came(round * 4);
    }
    expect([positions, sources.length]).toEqual([upTo(12), 4]);
  });

  it('closes itself when the user is no longer signed in', async () => {
    open();
    await connected();
    shop.isSignedIn = false;
    shop.passMs(11 * 60_000);
    shop.disconnect();
    await eventually('it was told', () => refused.length === 1);
    expect([refused, sources.length]).toEqual([[401], 1]);
  });

  it('keeps asking for a ticket while the server is away', async () => {
    const answers = [503, 429];
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      const status = answers.shift();
      return status === undefined ? globalThis.fetch(url, init) : new Response('', { status });
    };
    positions = [];
    client = openEventStream<ShopEvents>({
      url: `${shop.origin}/events/stream`,
      EventSource: EventSource as unknown as new (url: string) => EventSourceLike,
      fetch: fetch as never,
    });
    client.on('order.created', (event) => positions.push(event.position));
    await connected();
    shop.append();
    await came(1);
    expect([positions, answers]).toEqual([[1], []]);
  });

  it('says when its position is not one of the log, and goes on from there', async () => {
    shop.append(2);
    open({ lastPosition: 9 });
    await eventually('it was told', () => stale.length === 1);
    expect(stale).toEqual([{ reason: 'ahead', lastEventId: 9, oldest: 1, head: 2 }]);
    shop.append(1);
    await came(1);
    expect(positions).toEqual([3]);
  });

  it('asks for its types only, with the headers of the page', async () => {
    let asked = 0;
    open({ lastPosition: 0, types: ['order.paid'], headers: () => ({ 'x-asked': String((asked += 1)) }) });
    const paid: string[] = [];
    const off = client.on('order.paid', (event) => paid.push(event.eventType));
    await connected();
    shop.append(1);
    shop.append(1, { eventType: 'order.paid' });
    await eventually('it came', () => paid.length === 1);
    expect([positions, paid, asked]).toEqual([[], ['order.paid'], 1]);
    expect(shop.requests).toEqual([
      'POST /events/stream/ticket?types=order.paid',
      expect.stringMatching(/^GET \/events\/stream\?types=order\.paid&ticket=[\w.-]+&lastEventId=0$/),
    ]);
    off();
    shop.append(1, { eventType: 'order.paid' });
    await eventually('it was read', () => client.lastPosition() === 3);
    expect(paid).toEqual(['order.paid']);
  });

  it('hands an event to the other listeners when one throws, whose error is not swallowed', async () => {
    const uncaught: unknown[] = [];
    const { queueMicrotask } = globalThis;
    vi.stubGlobal('queueMicrotask', (run: () => void) =>
      queueMicrotask(() => {
        try {
          run();
        } catch (error) {
          uncaught.push(error);
        }
      }),
    );
    const broken = new Error('the page is gone');
    open();
    const seen: number[] = [];
    client.on('order.paid', () => {
      throw broken;
    });
    client.on('order.paid', (event) => seen.push(event.position));
    await connected();
    shop.append(2, { eventType: 'order.paid' });
    await eventually('all came', () => seen.length === 2);
    vi.unstubAllGlobals();
    expect([seen, uncaught]).toEqual([
      [1, 2],
      [broken, broken],
    ]);
  });

  it('hands over nothing after it was closed', async () => {
    open();
    await connected();
    client.close();
    shop.append();
    await eventually('it is gone', () => shop.clients() === 0);
    expect(positions).toEqual([]);
  });
});

it('cannot be opened where there is no EventSource', () => {
  vi.stubGlobal('EventSource', undefined);
  expect(() => openEventStream({ url: '/events/stream' })).toThrow(/EventSource/);
  vi.unstubAllGlobals();
});
