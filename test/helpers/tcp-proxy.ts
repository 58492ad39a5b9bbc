import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server, and makes trouble when told to. */
export interface TcpProxy {
  readonly port: number;
  /** Forwards nothing more, in either direction, and closes nothing: a network that swallows packets. */
  hang(): void;
  /** Forwards again, beginning with what was held back. */
  resume(): void;
  /** Cuts every connection, and refuses new ones until `resume`. */
  goDown(): void;
  /**
   * Asked about everything that a client sends. `cut` drops it with the connection; `cut after answer` forwards it,
   * and drops the connection when the server answers, so that it was carried out and nobody was told.
   */
  judge: (sent: Buffer) => 'forward' | 'cut' | 'cut after answer';
  close(): Promise<void>;
}

export async function startTcpProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isDown = false;
  let isHung = false;

  function track(socket: Socket): Socket {
    sockets.add(socket);
    socket.setNoDelay();
    // Trouble is what it is here for; the other side is told by the close.
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    if (isHung) socket.pause();
    return socket;
  }

  const server = createServer((incoming) => {
    if (isDown) return void incoming.destroy();
    const client = track(incoming);
    const upstream = track(createConnection(target));
    let isDoomed = false;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (sent: Buffer) => {
      const verdict = proxy.judge(sent);
      if (verdict === 'cut') return cut();
      isDoomed ||= verdict === 'cut after answer';
      upstream.write(sent);
    });
    upstream.on('data', (answer: Buffer) => {
      if (isDoomed) cut();
      else client.write(answer);
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    judge: () => 'forward',
    hang(): void {
      isHung = true;
      for (const socket of sockets) socket.pause();
    },
    resume(): void {
      isHung = false;
      isDown = false;
      for (const socket of sockets) socket.resume();
    },
    goDown(): void {
      isDown = true;
      for (const socket of sockets) socket.destroy();
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

/** The same URL through the proxy. */
export function through(proxy: TcpProxy, url: string): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(proxy.port);
  return changed.href;
}
