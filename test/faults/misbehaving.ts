import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Resolver } from '../../src/kernel/address-guard.ts';

/** Loopback, and not on the list of allowed addresses: the internal network of these tests. */
const INTERNAL = '127.0.0.2';
/** Allowed, and so in the place of the public internet. */
const OUTSIDE = '127.0.0.1';

/** How a receiver misbehaves, and what the attempts are to tell of it. */
export interface Misbehaving {
  readonly id: string;
  readonly url: string;
  /** The failure word, or the status of an attempt that got an answer. */
  readonly expected: ReadonlySet<string | number>;
}

export interface MisbehavingReceivers {
  readonly receivers: readonly Misbehaving[];
  /** `rebinding.example` is outside and inside in turn; `both.example` is both at once. */
  readonly resolve: Resolver;
  /** Connections to the server of the internal network. */
  internalConnections(): number;
  /** Look-ups that were answered with the internal address. */
  internalAnswers(): number;
  close(): Promise<void>;
}

/** One receiver of each kind, each on a port of its own. */
export async function startMisbehavingReceivers(): Promise<MisbehavingReceivers> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let internalConnections = 0;
  let internalAnswers = 0;
  let lookUps = 0;

  async function listen(server: Server, host = OUTSIDE, port = 0): Promise<number> {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    server.listen(port, host);
    await once(server, 'listening');
    servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  const answering = (answer: RequestListener): Promise<number> =>
    listen(
      createHttpServer((request, response) => {
        request.resume();
        request.once('end', () => void answer(request, response));
      }),
    );
  const onData = (react: (socket: Socket) => void): Promise<number> =>
    listen(createServer((socket) => socket.once('data', () => react(socket))));

  const rebinding = await answering((_request, response) =>
    // A kept connection would need no further look-up.
    response.writeHead(204, { connection: 'close' }).end(),
  );
  // On the same port, so that the name alone decides.
  const internal = createHttpServer((_request, response) => void response.writeHead(204).end());
  internal.on('connection', () => (internalConnections += 1));
  await listen(internal, INTERNAL, rebinding);

  const hanging = await onData(() => undefined);
  const dripping = await onData((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n');
    const drip = setInterval(() => socket.write('.'), 50);
    socket.once('close', () => clearInterval(drip));
  });
  const resetting = await onData((socket) => socket.resetAndDestroy());
  const certificate = readFileSync(new URL('../transports/self-signed.pem', import.meta.url));
  const untrusted = await listen(createHttpsServer({ key: certificate, cert: certificate }));
  const tenMegabytes = Buffer.alloc(10 * 1024 * 1024, 'x');
  const large = await answering((_request, response) => response.writeHead(200).end(tenMegabytes));
  const redirecting = await answering((_request, response) =>
    response.writeHead(307, { location: `http://${INTERNAL}:${rebinding}/` }).end(),
  );
  const refusing = createServer();
  const refused = await listen(refusing);
  refusing.close();

  const at = (id: string, url: string, ...expected: (string | number)[]): Misbehaving => ({
    id,
    url,
    expected: new Set(expected),
  });
  return {
    receivers: [
      at('refuses', `http://${OUTSIDE}:${refused}/`, 'refused'),
      at('hangs', `http://${OUTSIDE}:${hanging}/`, 'timeout'),
      at('drips', `http://${OUTSIDE}:${dripping}/`, 'timeout'),
      at('resets', `http://${OUTSIDE}:${resetting}/`, 'reset'),
      at('untrusted', `https://${OUTSIDE}:${untrusted}/`, 'tls'),
      at('10 MB', `http://${OUTSIDE}:${large}/`, 200),
      at('redirects', `http://${OUTSIDE}:${redirecting}/`, 307),
      at('rebinds', `http://rebinding.example:${rebinding}/`, 204, 'blocked_address'),
      at('is both', `http://both.example:${rebinding}/`, 'blocked_address'),
      at('is internal', `http://${INTERNAL}:${rebinding}/`, 'blocked_address'),
      at('has no name', 'http://nowhere.example/', 'dns'),
    ],

    async resolve(host) {
      const [outside, inside] = [OUTSIDE, INTERNAL].map((address) => ({ address, family: 4 }));
      if (outside === undefined || inside === undefined) throw new Error('no address');
      lookUps += 1;
      if (host === 'nowhere.example') throw new Error('ENOTFOUND');
      const isInside = host === 'both.example' || lookUps % 2 === 0;
      if (isInside) internalAnswers += 1;
      if (host === 'both.example') return [outside, inside];
      return [isInside ? inside : outside];
    },

    internalConnections: () => internalConnections,
    internalAnswers: () => internalAnswers,

    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        servers.map(async (server) => {
          if (server.listening === false) return;
          server.close();
          await once(server, 'close');
        }),
      );
    },
  };
}
