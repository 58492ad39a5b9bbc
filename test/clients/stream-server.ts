import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import express from 'express';
import { systemClock } from '../../src/kernel/clock.ts';
import { nodeListener } from '../../src/kernel/node-listener.ts';
import { createEventStream } from '../../src/kernel/stream.ts';
import type { EventStream } from '../../src/kernel/stream.ts';
import { createLiveLog } from '../helpers/live-log.ts';
import type { LiveLog } from '../helpers/live-log.ts';

export interface StreamServer extends LiveLog {
  /** `http://127.0.0.1:…`; the same after a restart. */
  readonly origin: string;
  /** Clients connected now. */
  clients(): number;
  /** Cuts every connection, as a proxy that is restarted does. */
  disconnect(): void;
  /** Another process takes over, with the same log and key. */
  restart(): Promise<void>;
  /** Lets time pass for tickets alone. */
  passMs(ms: number): void;
  /** Whether the page's user is signed in, which the ticket asks for. */
  isSignedIn: boolean;
  /** `METHOD /path?query` of every request. */
  readonly requests: string[];
  /** `Last-Event-ID` of every request of the stream. */
  readonly lastEventIds: (string | undefined)[];
  close(): Promise<void>;
}

const KEY = Buffer.alloc(32, 7);

/** The stream and its tickets in an Express application. */
export async function openStreamServer(
  options: { readonly page?: string; readonly scripts?: Readonly<Record<string, string>> } = {},
): Promise<StreamServer> {
  const log = createLiveLog();
  const sockets = new Set<Socket>();
  let elapsedMs = 0;
  let port = 0;
  let http: Server;
  let stream: EventStream;

  async function start(): Promise<void> {
    stream = createEventStream({
      store: log.store,
      logSignal: log.logSignal,
      ticketKey: KEY,
      heartbeatMs: 25,
      // Below the range of a random number, for a `retry:` of 30 ms.
      random: () => -0.49,
      authorize: () => (shop.isSignedIn ? {} : undefined),
      clock: { ...systemClock, now: () => Date.now() + elapsedMs },
    });
    const app = express();
    app.use((request, _response, next) => {
      shop.requests.push(`${request.method} ${request.url}`);
      next();
    });
    app.all(/^\/events\/stream\/?$/, (request, response) => {
      shop.lastEventIds.push(request.headers['last-event-id'] as string | undefined);
      stream.listener(request, response);
    });
    app.all(/^\/events\/stream\/ticket\/?$/, nodeListener(stream.ticket));
    app.get('/', (_request, response) => void response.type('html').send(options.page ?? ''));
    app.get('/:name.js', (request, response) => {
      response.type('js').send(options.scripts?.[request.params.name] ?? '');
    });
    http = createServer(app);
    http.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
    ({ port } = http.address() as AddressInfo);
  }

  async function stop(): Promise<void> {
    stream.close();
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  }

  const shop: StreamServer = {
    ...log,
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    clients: () => stream.clients(),
    disconnect: () => sockets.forEach((socket) => socket.destroy()),
    async restart() {
      await stop();
      await start();
    },
    passMs: (ms) => void (elapsedMs += ms),
    isSignedIn: true,
    requests: [],
    lastEventIds: [],
    close: stop,
  };
  await start();
  return shop;
}
