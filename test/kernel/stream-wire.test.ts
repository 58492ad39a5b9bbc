import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { Http2Server } from 'node:http2';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeListener } from '../../src/kernel/node-listener.ts';
import { createEventStream } from '../../src/kernel/stream.ts';
import type { EventStream, EventStreamOptions } from '../../src/kernel/stream.ts';
import { eventually } from '../helpers/eventually.ts';
import { createLiveLog } from '../helpers/live-log.ts';
import type { LiveLog } from '../helpers/live-log.ts';

let log: LiveLog;
let stream: EventStream;
let server: Server | Http2Server | undefined;
let sockets: Socket[];

beforeEach(() => {
  log = createLiveLog();
  sockets = [];
});

afterEach(() => {
  stream.close();
  for (const socket of sockets) socket.destroy();
  server?.close();
});

function open(options: Partial<EventStreamOptions> = {}): EventStream {
  const { store, logSignal } = log;
  stream = createEventStream({ store, logSignal, random: () => 0.5, heartbeatMs: 60_000, ...options });
  return stream;
}

async function listen(given: Server | Http2Server): Promise<number> {
  server = given;
  await new Promise<void>((resolve) => given.listen(0, '127.0.0.1', resolve));
  return (given.address() as AddressInfo).port;
}

/** A bare connection, to see every byte. */
async function dial(
  port: number,
): Promise<{ socket: Socket; text: () => string; waitFor: (end: string) => Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.setEncoding('latin1').on('data', (data) => (text += String(data)));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return { socket, text: () => text, waitFor: (end) => eventually(`${end} came`, () => text.includes(end)) };
}

/** The body of a chunked answer, checked chunk by chunk; what follows its last chunk is `rest`. */
function readChunked(text: string): { body: string; chunks: number; isComplete: boolean; rest: string } {
  let rest = text.slice(text.indexOf('\r\n\r\n') + 4);
  let body = '';
  for (let chunks = 0; ; chunks += 1) {
    const size = /^([0-9a-f]+)\r\n/.exec(rest);
    if (size === null) return { body: decode(body), chunks, isComplete: false, rest };
    const start = size[0].length;
    const length = Number.parseInt(size[1] ?? '', 16);
    expect(rest.slice(start + length, start + length + 2)).toBe('\r\n');
    body += rest.slice(start, start + length);
    rest = rest.slice(start + length + 2);
    if (length === 0) return { body: decode(body), chunks, isComplete: true, rest };
  }
}

function decode(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}

const GET = 'GET /events/stream HTTP/1.1\r\nhost: shop.example\r\n\r\n';

it('writes events as whole chunks, and leaves the connection fit for the next request', async () => {
  const port = await listen(createServer(open().listener));
  const client = await dial(port);
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  log.append(2);
  await client.waitFor('id: 2\n');
  log.append(1, { data: { note: 'Zoë ✓ 🚀' } });
  await client.waitFor('id: 3\n');
  stream.close();
  await client.waitFor('\r\n0\r\n\r\n');
  client.socket.write(GET.replace('GET', 'HEAD'));
  await eventually('the next answer came', () => readChunked(client.text()).rest.includes('\r\n\r\n'));
  const { body, isComplete, rest } = readChunked(client.text());
  expect([isComplete, rest.startsWith('HTTP/1.1 200 OK\r\n')]).toEqual([true, true]);
  expect(body.match(/^id: \d+$/gm)).toEqual(['id: 0', 'id: 1', 'id: 2', 'id: 3']);
  expect(body).toContain('Zoë ✓ 🚀');
});

it('sends events that arrive in one turn in one write', async () => {
  const port = await listen(createServer(open().listener));
  const client = await dial(port);
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  const before = readChunked(client.text()).chunks;
  log.append(300);
  await client.waitFor('id: 300\n');
  expect(readChunked(client.text()).chunks).toBe(before + 1);
});

it('sends HTTP/1.0 clients bytes without chunks', async () => {
  const port = await listen(createServer(open().listener));
  const client = await dial(port);
  client.socket.write('GET /events/stream HTTP/1.0\r\nconnection: keep-alive\r\n\r\n');
  await client.waitFor('id: 0\n\n');
  log.append();
  await client.waitFor('id: 1\n');
  const ended = new Promise((resolve) => client.socket.once('end', resolve));
  stream.close();
  await ended;
  expect(client.text()).not.toMatch(/transfer-encoding/i);
  const body = client.text().slice(client.text().indexOf('\r\n\r\n') + 4);
  expect(body).toMatch(
    /^retry: 3000\n\nid: 0\n\nid: 1\nevent: order\.created\ndata: \{.*\}\n\nretry: 3000\n\n$/,
  );
});

it('begins the answer to a pipelined request when its turn comes', async () => {
  const port = await listen(createServer(open().listener));
  const client = await dial(port);
  client.socket.write(GET + GET.replace('/events/stream', '/events/stream?lastEventId=1'));
  await client.waitFor('id: 0\n\n');
  log.append(2);
  await client.waitFor('id: 2\n');
  expect(stream.clients()).toBe(1);
  stream.close();
  await eventually('both have ended', () => client.text().split('\r\n0\r\n\r\n').length === 3);
  const first = readChunked(client.text());
  const second = readChunked(first.rest);
  expect([first.isComplete, second.isComplete, second.rest]).toEqual([true, true, '']);
  expect([first.body.includes('id: 2\n'), second.body]).toEqual([true, 'retry: 3000\n\n']);
});

it.each(['node', 'web'] as const)(
  'forgets pipelined requests with their connection, through %s',
  async (how) => {
    const { listener, handle } = open();
    const port = await listen(createServer(how === 'node' ? listener : nodeListener(handle)));
    const client = await dial(port);
    client.socket.write(GET.repeat(3));
    await client.waitFor('id: 0\n\n');
    await sleep(5);
    client.socket.destroy();
    await eventually('their connection is forgotten', () => stream.clients() === 0);
    log.append();
    await sleep(5);
    expect(stream.clients()).toBe(0);
  },
);

it('goes through a response whose `write` middleware has replaced', async () => {
  open();
  const seen: string[] = [];
  const listener: RequestListener = (request, response) => {
    const write = response.write.bind(response);
    response.write = ((chunk: Uint8Array) => {
      seen.push(Buffer.from(chunk).toString());
      return write(chunk);
    }) as typeof response.write;
    stream.listener(request, response);
  };
  const client = await dial(await listen(createServer(listener)));
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  log.append();
  await client.waitFor('id: 1\n');
  expect(seen.join('')).toBe(readChunked(client.text()).body);
});

it('writes nothing more to a response that somebody else has ended', async () => {
  open();
  let endIt: () => void = () => undefined;
  const client = await dial(
    await listen(
      createServer((request, response) => {
        endIt = () => void response.end();
        stream.listener(request, response);
      }),
    ),
  );
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  endIt();
  log.append();
  await eventually('it is forgotten', () => stream.clients() === 0);
  expect(readChunked(client.text())).toMatchObject({ isComplete: true, rest: '' });
});

it('serves HTTP/2', async () => {
  const port = await listen(createHttp2Server(open().listener as never));
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const request = session.request({ ':path': '/events/stream' });
  let text = '';
  request.setEncoding('utf8').on('data', (data) => (text += String(data)));
  await eventually('the cursor came', () => text.includes('id: 0\n\n'));
  log.append(3, { data: { text: 'x'.repeat(100_000) } });
  await eventually('all came', () => text.includes('id: 3\n') && text.endsWith('}\n\n'));
  expect(text).not.toContain('\r\n');
  request.close();
  await eventually('it is forgotten', () => stream.clients() === 0);
  session.destroy();
});

it('outlives the limits of the server for slow requests and idle connections', async () => {
  const limits = {
    requestTimeout: 20,
    headersTimeout: 20,
    connectionsCheckingInterval: 5,
    keepAliveTimeout: 5,
  };
  const limited = createServer(limits, open().listener);
  limited.timeout = 20;
  const client = await dial(await listen(limited));
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  await sleep(50);
  log.append();
  await client.waitFor('id: 1\n');
  expect(client.socket.destroyed).toBe(false);
});

it.each(['node', 'web'] as const)(
  'forgets a client that leaves while it is being authorized, through %s',
  async (how) => {
    let isAsked = false;
    let admit: (access: object) => void = () => undefined;
    const access = new Promise<object>((resolve) => (admit = resolve));
    const authorize = (): Promise<object> => {
      isAsked = true;
      return access;
    };
    const { listener, handle } = open({ authorize });
    const port = await listen(createServer(how === 'node' ? listener : nodeListener(handle)));
    const gone = new Promise((resolve) => {
      server?.once('connection', (socket: Socket) => socket.once('close', resolve));
    });
    const client = await dial(port);
    client.socket.write(GET);
    await eventually('the hook is asked', () => isAsked);
    client.socket.destroy();
    await gone;
    admit({});
    await sleep(5);
    expect(stream.clients()).toBe(0);
  },
);

describe.each(['node', 'web'] as const)('before it is known where a client starts, through %s', (how) => {
  let known: () => void;
  let isAsked: boolean;

  async function dialEarly(): ReturnType<typeof dial> {
    isAsked = false;
    const awaited = new Promise<void>((resolve) => (known = resolve));
    const head = async (): Promise<number> => {
      isAsked = true;
      await awaited;
      return log.store.log.head();
    };
    const { listener, handle } = open({ store: { log: { ...log.store.log, head } } });
    const client = await dial(await listen(createServer(how === 'node' ? listener : nodeListener(handle))));
    client.socket.write(GET);
    await eventually('the log is asked', () => isAsked);
    return client;
  }

  // A page that shows what is there when the stream opens, and then listens, has everything.
  it('does not say that the stream is open', async () => {
    const client = await dialEarly();
    await sleep(20);
    expect(client.text()).toBe('');
    log.append();
    known();
    await client.waitFor('id: 1\n\n');
    log.append();
    await client.waitFor('id: 2\n');
    expect(client.text()).toContain('200 OK');
  });

  it('forgets it when it leaves', async () => {
    const client = await dialEarly();
    expect(stream.clients()).toBe(1);
    client.socket.destroy();
    await eventually('its connection is closed', () => {
      return new Promise<boolean>((resolve) =>
        server?.getConnections((_error, count) => resolve(count === 0)),
      );
    });
    known();
    await eventually('it is forgotten', () => stream.clients() === 0);
    log.append();
  });
});

it.each(['node', 'web'] as const)(
  'forgets a client that left while middleware was awaiting something, through %s',
  async (how) => {
    let go: () => void = () => undefined;
    const awaited = new Promise<void>((resolve) => (go = resolve));
    const { listener, handle } = open();
    const serve = how === 'node' ? listener : nodeListener(handle);
    let hasLeft = false;
    const port = await listen(
      createServer((request, response) => {
        response.once('close', () => (hasLeft = true));
        void awaited.then(() => serve(request, response));
      }),
    );
    const client = await dial(port);
    client.socket.write(GET);
    await new Promise((resolve) => server?.once('request', resolve));
    client.socket.destroy();
    await eventually('its response is closed', () => hasLeft);
    go();
    await sleep(5);
    expect(stream.clients()).toBe(0);
  },
);

it.each([
  ['node', 'middleware awaits something'],
  ['web', 'middleware awaits something'],
  ['node', 'it is being authorized'],
  ['web', 'it is being authorized'],
] as const)('forgets a client of HTTP/2, through %s, that leaves while %s', async (how, step) => {
  let isWaiting = false;
  let hasLeft = false;
  let go: () => void = () => undefined;
  const awaited = new Promise<void>((resolve) => (go = resolve));
  const wait = async (at: typeof step): Promise<object> => {
    isWaiting ||= at === step;
    if (at === step) await awaited;
    return {};
  };
  const { listener, handle } = open({ authorize: () => wait('it is being authorized') });
  const serve = how === 'node' ? listener : nodeListener(handle);
  const port = await listen(
    createHttp2Server((request, response) => {
      response.once('close', () => (hasLeft = true));
      void wait('middleware awaits something').then(() => serve(request as never, response as never));
    }),
  );
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const request = session.request({ ':path': '/events/stream' });
  request.on('error', () => undefined);
  await eventually('it waits', () => isWaiting);
  request.close(8);
  await eventually('its response is closed', () => hasLeft);
  go();
  await sleep(5);
  expect(stream.clients()).toBe(0);
  session.destroy();
});

it('is no failure of the server when a client that takes nothing is cut off', async () => {
  const errors: string[] = [];
  const logger = { info: () => undefined, warn: () => undefined, error: (text: string) => errors.push(text) };
  const { handle } = open({ maxBufferBytes: 64 * 1024 });
  const port = await listen(createServer(nodeListener(handle, { logger })));
  const client = await dial(port);
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  client.socket.pause();
  await eventually('it is forgotten', () => {
    log.append(1, { data: { text: 'x'.repeat(500_000) } });
    return stream.clients() === 0;
  });
  await eventually('its connection is gone', () => {
    return new Promise<boolean>((resolve) => server?.getConnections((_error, count) => resolve(count === 0)));
  });
  expect(errors).toEqual([]);
});

it.each(['node', 'web'] as const)('cuts off a client that takes nothing, through %s', async (how) => {
  const { listener, handle } = open({ maxBufferBytes: 64 * 1024 });
  const port = await listen(createServer(how === 'node' ? listener : nodeListener(handle)));
  const client = await dial(port);
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  client.socket.pause();
  await eventually('its connection is gone', async () => {
    log.append(1, { data: { text: 'x'.repeat(500_000) } });
    return new Promise<boolean>((resolve) => server?.getConnections((_error, count) => resolve(count === 0)));
  });
  expect(stream.clients()).toBe(0);
});

it('writes nothing more to a client that has closed its half, which would be an error of the server', async () => {
  const given = createServer(open({ maxBufferBytes: 100_000_000 }).listener);
  const errors: unknown[] = [];
  const accepted: Socket[] = [];
  given.on('connection', (socket) => accepted.push(socket));
  given.on('clientError', (error, socket) => {
    errors.push(error);
    socket.destroy();
  });
  const client = await dial(await listen(given));
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  const [connection] = accepted;
  // What it has not taken yet keeps the other half open.
  client.socket.pause();
  log.append(1, { data: { text: 'x'.repeat(8_000_000) } });
  await eventually('much is to be sent', () => (connection?.writableLength ?? 0) > 0);
  client.socket.end();
  await eventually('its half is closed', () => connection?.writable === false);
  log.append();
  await sleep(20);
  client.socket.resume();
  await eventually('it is forgotten', () => stream.clients() === 0);
  expect(errors).toEqual([]);
});

it('sends the others what it cannot write to one whose `write` middleware fails', async () => {
  open();
  let isBroken = false;
  const listener: RequestListener = (request, response) => {
    const write = response.write.bind(response);
    if (request.headers['x-broken'] !== undefined) {
      response.write = ((chunk: Uint8Array) => {
        if (isBroken) throw new Error('the recorder is full');
        return write(chunk);
      }) as typeof response.write;
    }
    stream.listener(request, response);
  };
  const port = await listen(createServer(listener));
  const [broken, whole] = [await dial(port), await dial(port)];
  broken.socket.write(GET.replace('host', 'x-broken: 1\r\nhost'));
  await broken.waitFor('id: 0\n\n');
  whole.socket.write(GET);
  await whole.waitFor('id: 0\n\n');
  isBroken = true;
  log.append();
  await whole.waitFor('id: 1\n');
  log.append();
  await whole.waitFor('id: 2\n');
  expect(readChunked(whole.text()).body.match(/^id: \d+$/gm)).toEqual(['id: 0', 'id: 1', 'id: 2']);
  expect([broken.text().includes('id: 1\n'), stream.clients()]).toEqual([false, 1]);
});

describe('a hook that fails for a while', () => {
  it.each(['node', 'web'] as const)('lets the browser come back, through %s', async (how) => {
    const { listener, handle } = open({
      authorize: () => Promise.reject(new Error('the session store is away')),
    });
    const port = await listen(createServer(listener));
    const url = `http://127.0.0.1:${port}/events/stream`;
    const response = how === 'node' ? await fetch(url) : await handle(new Request(url));
    expect([response.status, await response.text()]).toEqual([200, 'retry: 3000\n\n']);
  });
});

it('leaves nothing behind when a thousand clients drop at once, and the rest get everything', async () => {
  const port = await listen(createServer(open().listener));
  const clients = await Promise.all(Array.from({ length: 1_050 }, () => dial(port)));
  for (const { socket } of clients) socket.write(GET);
  await eventually('all are connected', () => stream.clients() === 1_050);
  const [dropping, staying] = [clients.slice(0, 1_000), clients.slice(1_000)];
  log.append(5);
  for (const { socket } of dropping) socket.resetAndDestroy();
  log.append(5);
  await eventually('they are forgotten', () => stream.clients() === 50);
  log.append(5);
  for (const client of staying) {
    await client.waitFor('id: 15\n');
    expect(readChunked(client.text()).body.match(/(?<=^id: )\d+(?=\nevent)/gm)).toEqual(
      Array.from({ length: 15 }, (_, index) => String(index + 1)),
    );
  }
  const count = await new Promise((resolve) => server?.getConnections((_error, open) => resolve(open)));
  expect(count).toBe(50);
});

it('reads nothing while nobody listens', async () => {
  let calls = 0;
  log.store.onCall = () => Promise.resolve(void (calls += 1));
  const port = await listen(createServer(open().listener));
  const client = await dial(port);
  client.socket.write(GET);
  await client.waitFor('id: 0\n\n');
  client.socket.destroy();
  await eventually('it is forgotten', () => stream.clients() === 0);
  await sleep(5);
  const before = calls;
  log.append();
  await sleep(50);
  expect([before > 0, calls]).toEqual([true, before]);
});
