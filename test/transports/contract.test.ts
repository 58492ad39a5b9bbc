import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAddressGuard } from '../../src/kernel/address-guard.ts';
import type { Resolver } from '../../src/kernel/address-guard.ts';
import type { TransportError } from '../../src/kernel/errors.ts';
import type { OutboundRequest, OutboundResponse, Transport } from '../../src/kernel/ports.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { undiciTransport } from '../../src/transports/undici.ts';
import { BLOCKED, SPELLINGS_OF_LOOPBACK } from '../helpers/addresses.ts';
import { always, startReceiver } from '../helpers/receiver.ts';
import type { Receiver } from '../helpers/receiver.ts';

const LIMITS = { connectTimeoutMs: 2_000, timeoutMs: 5_000, maxResponseBytes: 16 * 1024 };
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n';
const HALF_A_RESPONSE = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf';
const loopback = createAddressGuard({ allow: ['127.0.0.1/32'] });
const strict = createAddressGuard();
const selfSigned = readFileSync(new URL('self-signed.pem', import.meta.url), 'utf8');

const answering = (...addresses: string[]): Resolver => {
  return () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
};

describe.each([
  { name: 'node:http', create: nodeHttpTransport },
  { name: 'undici', create: undiciTransport },
])('the $name transport', ({ create }) => {
  const cleanups: (() => void | Promise<void>)[] = [];

  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
  });

  function open(guard = loopback): Transport {
    const transport = create({ guard });
    cleanups.push(() => transport.close());
    return transport;
  }

  async function receive(): Promise<Receiver> {
    const receiver = await startReceiver();
    cleanups.push(() => receiver.close());
    return receiver;
  }

  /** What a receiver does with a connection, below HTTP. Gives its URL. */
  async function listen(server: Server, scheme = 'http'): Promise<string> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** Says this to every request and keeps the connection open. */
  const saying = (answer: string): Promise<string> =>
    listen(createServer((socket) => socket.on('data', () => socket.write(answer))));

  function send(
    url: string,
    transport = open(),
    more: Partial<OutboundRequest> = {},
  ): Promise<OutboundResponse> {
    const body = Buffer.from('{"a":1}');
    return transport.send({ url: new URL(url), headers: { 'x-a': 'b' }, body, ...LIMITS, ...more });
  }

  async function failureOf(attempt: Promise<unknown>): Promise<string> {
    const error = await attempt.then(
      () => undefined,
      (reason: unknown) => reason as TransportError,
    );
    expect(error?.name ?? 'no error').toBe('TransportError');
    return error?.failure ?? '';
  }

  describe('a request', () => {
    it('carries the exact bytes, path and headers', async () => {
      const receiver = await receive();
      const body = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
      await send(`${receiver.url}/a%20b?token=c`, open(), { body });
      const [request] = receiver.requests;
      expect(request).toMatchObject({ method: 'POST', path: '/hooks/a%20b?token=c' });
      expect(request?.headers).toMatchObject({ 'x-a': 'b', 'content-length': '4' });
      expect(request?.headers).not.toHaveProperty('transfer-encoding');
      expect(request?.body).toEqual(body);
    });

    it('gets status, headers and body of the response', async () => {
      const receiver = await receive();
      receiver.answer = (_request, response) => {
        response.setHeader('Retry-After', '120');
        response.setHeader('Set-Cookie', ['a=1', 'b=2']);
        response.writeHead(429).end('slow down ✓');
      };
      const { status, headers, body } = await send(receiver.url);
      expect([status, body]).toEqual([429, 'slow down ✓']);
      expect(headers).toMatchObject({ 'retry-after': '120', 'set-cookie': 'a=1, b=2' });
    });

    it('takes an informational response for none', async () => {
      const receiver = await receive();
      receiver.answer = (_request, response) => {
        response.writeEarlyHints({ link: '</a>; rel=preload' });
        response.writeHead(201).end('done');
      };
      expect(await send(receiver.url)).toMatchObject({ status: 201, body: 'done' });
    });

    it('does not follow a redirect: the internal server sees nothing', async () => {
      const [internal, receiver] = [await receive(), await receive()];
      for (const status of [301, 302, 303, 307, 308]) {
        receiver.answer = always(status, '', { location: internal.url });
        expect(await send(receiver.url)).toMatchObject({ status });
      }
      expect(internal.requests).toEqual([]);
    });

    it('goes to no proxy that the environment names', async () => {
      const [proxy, receiver] = [await receive(), await receive()];
      for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) vi.stubEnv(name, proxy.url);
      vi.stubEnv('NODE_USE_ENV_PROXY', '1');
      await send(receiver.url);
      expect([proxy.requests.length, receiver.requests.length]).toEqual([0, 1]);
    });

    it('keeps 16 kB of an answer of 10 MB', async () => {
      const receiver = await receive();
      receiver.answer = always(200, 'x'.repeat(10 * 1024 * 1024));
      const { status, body } = await send(receiver.url);
      expect([status, body.length]).toEqual([200, 16 * 1024]);
    });

    it('inflates nothing', async () => {
      const receiver = await receive();
      const bomb = gzipSync('x'.repeat(10_000_000));
      receiver.answer = (_request, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      expect((await send(receiver.url)).body).not.toContain('xxxx');
    });
  });

  describe('its connections', () => {
    it('are kept, and one that was closed meanwhile costs no attempt', async () => {
      const receiver = await receive();
      const ports: (number | undefined)[] = [];
      receiver.answer = (_request, response) => {
        ports.push(response.socket?.remotePort);
        response.writeHead(200).end();
      };
      const transport = open();
      await send(receiver.url, transport);
      // As the next attempt does that waited for this one to end.
      await send(receiver.url, transport);
      expect(new Set(ports).size).toBe(1);

      const [pooled] = ports;
      receiver.answer = (_request, response) => {
        if (response.socket?.remotePort === pooled) response.socket?.destroy();
        else response.writeHead(201).end();
      };
      expect(await send(receiver.url, transport)).toMatchObject({ status: 201 });
    });

    it('carry one request at a time', async () => {
      const receiver = await receive();
      const answers: (() => void)[] = [];
      receiver.answer = (_request, response) => void answers.push(() => response.writeHead(200).end());
      const transport = open();
      const attempts = [send(receiver.url, transport), send(receiver.url, transport)];
      await vi.waitFor(() => expect(answers).toHaveLength(2));
      // The second request is answered first, which nothing behind the first on its connection could be.
      answers[1]?.();
      await Promise.race(attempts);
      answers[0]?.();
      expect(await Promise.all(attempts)).toMatchObject([{ status: 200 }, { status: 200 }]);
    });

    it('are not tried twice when a new one is reset', async () => {
      const receiver = await receive();
      receiver.answer = (_request, response) => void response.destroy();
      expect(await failureOf(send(receiver.url))).toBe('reset');
      expect(receiver.requests).toHaveLength(1);
    });

    it('end with the transport', async () => {
      const receiver = await receive();
      receiver.answer = () => undefined;
      const transport = open();
      const failure = failureOf(send(receiver.url, transport));
      await vi.waitFor(() => expect(receiver.requests).toHaveLength(1));
      await transport.close();
      expect(await failure).toBe('reset');
    });
  });

  describe('a failure', () => {
    it('is `refused` where nobody listens', async () => {
      const server = createServer();
      const url = await listen(server);
      await new Promise((resolve) => server.close(resolve));
      expect(await failureOf(send(url))).toBe('refused');
    });

    it('is `dns` for a name that does not resolve', async () => {
      const unknown = createAddressGuard({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
      expect(await failureOf(send('http://receiver.example/', open(unknown)))).toBe('dns');
      const empty = createAddressGuard({ resolve: answering() });
      expect(await failureOf(send('https://receiver.example/', open(empty)))).toBe('dns');
    });

    it('is `connect_timeout` while the name or the handshake takes too long', async () => {
      const limits = { connectTimeoutMs: 30 };
      const hanging = createAddressGuard({ resolve: () => new Promise(() => undefined) });
      const unresolved = send('http://receiver.example/', open(hanging), limits);
      expect(await failureOf(unresolved)).toBe('connect_timeout');
      const silent = await listen(createServer(), 'https');
      expect(await failureOf(send(silent, open(), limits))).toBe('connect_timeout');
    });

    it('is `timeout` for an endpoint that never answers, stops halfway, or drips', async () => {
      const limits = { timeoutMs: 60 };
      const receiver = await receive();
      receiver.answer = () => undefined;
      expect(await failureOf(send(receiver.url, open(), limits))).toBe('timeout');
      expect(await failureOf(send(await saying(HALF_A_RESPONSE), open(), limits))).toBe('timeout');
      receiver.answer = (_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('.'), 5);
        response.once('close', () => clearInterval(drip));
      };
      expect(await failureOf(send(receiver.url, open(), limits))).toBe('timeout');
    });

    it('is `timeout` for a receiver that takes connections and does not read', async () => {
      const url = await listen(createServer({ pauseOnConnect: true }));
      expect(await failureOf(send(url, open(), { timeoutMs: 60 }))).toBe('timeout');
    });

    it('is `reset` for a connection that ends before the response, or in the middle of it', async () => {
      const onData = (act: (socket: Socket) => void): Promise<string> =>
        listen(createServer({ allowHalfOpen: true }, (socket) => socket.once('data', () => act(socket))));
      expect(await failureOf(send(await onData((socket) => socket.end())))).toBe('reset');
      expect(await failureOf(send(await onData((socket) => socket.resetAndDestroy())))).toBe('reset');
      expect(await failureOf(send(await onData((socket) => socket.end(HALF_A_RESPONSE))))).toBe('reset');
    });

    it('is `tls` for a certificate nobody vouches for, whatever the environment says', async () => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
      const url = await listen(createTlsServer({ key: selfSigned, cert: selfSigned }), 'https');
      expect(await failureOf(send(url))).toBe('tls');
    });

    it('is `tls` where the receiver speaks none', async () => {
      const receiver = await receive();
      expect(await failureOf(send(`https://127.0.0.1:${receiver.port}/`))).toBe('tls');
    });

    it.each([
      ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
      ['a switch of protocols', SWITCH],
      ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`],
    ])('is `protocol` for %s', async (_, answer) => {
      expect(await failureOf(send(await saying(answer)))).toBe('protocol');
    });
  });

  describe('the address guard', () => {
    it.each(SPELLINGS_OF_LOOPBACK)('refuses http://%s/', async (host) => {
      const guard = createAddressGuard({ resolve: answering('127.0.0.1') });
      const receiver = await receive();
      const attempt = send(`http://${host}:${receiver.port}/`, open(guard));
      expect(await failureOf(attempt)).toBe('blocked_address');
      expect(receiver.requests).toEqual([]);
    });

    it('refuses every special address, as a literal and as an answer of DNS', async () => {
      const transport = open(strict);
      const verdicts = new Map<string, string>();
      for (const address of BLOCKED) {
        const literal = `http://${address.includes(':') ? `[${address}]` : address}/`;
        if (URL.canParse(literal)) verdicts.set(literal, await failureOf(send(literal, transport)));
        const resolving = open(createAddressGuard({ resolve: answering(address) }));
        verdicts.set(address, await failureOf(send('https://receiver.example/', resolving)));
      }
      const reached = [...verdicts].filter(([, verdict]) => verdict !== 'blocked_address');
      expect(reached).toEqual([]);
    });

    it('refuses a name with one bad answer among good ones', async () => {
      const guard = createAddressGuard({ resolve: answering('8.8.8.8', '10.0.0.1') });
      expect(await failureOf(send('http://receiver.example/', open(guard)))).toBe('blocked_address');
    });

    it('dials the address that was checked, not a later answer of DNS', async () => {
      const receiver = await receive();
      let asked = 0;
      const rebinding: Resolver = () => {
        asked += 1;
        return Promise.resolve([{ address: asked === 1 ? '127.0.0.1' : '10.9.9.9', family: 4 }]);
      };
      const guard = createAddressGuard({ allow: ['127.0.0.1'], resolve: rebinding });
      const url = `http://rebind.example:${receiver.port}/`;
      expect((await send(url, open(guard))).status).toBe(204);
      expect(asked).toBe(1);
      expect(receiver.requests[0]?.headers.host).toBe(`rebind.example:${receiver.port}`);
      expect(await failureOf(send(url, open(guard)))).toBe('blocked_address');
      expect(receiver.requests).toHaveLength(1);
    });

    it('lets exactly the one range through that is listed', async () => {
      const receiver = await receive();
      const transport = open(createAddressGuard({ allow: ['127.0.0.0/31'] }));
      expect((await send(receiver.url, transport)).status).toBe(204);
      const beside = send(`http://127.0.0.2:${receiver.port}/`, transport);
      expect(await failureOf(beside)).toBe('blocked_address');
    });

    it('lets a listed name through, wherever it leads', async () => {
      const receiver = await receive();
      const guard = createAddressGuard({ allow: ['hooks.internal'], resolve: answering('127.0.0.1') });
      expect((await send(`http://hooks.internal:${receiver.port}/`, open(guard))).status).toBe(204);
      const other = send(`http://other.internal:${receiver.port}/`, open(guard));
      expect(await failureOf(other)).toBe('blocked_address');
    });
  });
});
