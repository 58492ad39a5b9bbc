import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { EvtgenError, isErrno } from '../ui/errors.ts';
import { createSelfSigned } from './self-signed.ts';

/** Nobody but this machine may reach a tool that shows secrets. */
const HOST = '127.0.0.1';
/** The first byte of a TLS connection: a record that is a handshake (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;

export interface HttpServer {
  /** `http://127.0.0.1:<port>`; `https://` is answered on the same port, with a certificate that nobody trusts. */
  readonly origin: string;
  /** Stops listening and drops the connections that are left. */
  close(): Promise<void>;
}

/**
 * Listens on loopback.
 * @param port 0 for any free one.
 * @throws EvtgenError `port_in_use`, `port_unavailable`.
 */
export async function listen(port: number, listener: RequestListener): Promise<HttpServer> {
  const http = createHttpServer(listener);
  const https = createHttpsServer(createSelfSigned('evtgen serve, not to be trusted'), listener);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Nobody else listens before the protocol is known.
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      (first[0] === TLS_HANDSHAKE ? https : http).emit('connection', socket);
    });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
  } catch (error) {
    if (isErrno(error) && error.code === 'EADDRINUSE') {
      throw new EvtgenError('port_in_use', `port ${port} is in use`, {
        hint: 'choose another by --port, or any free one by --port 0',
      });
    }
    throw new EvtgenError('port_unavailable', `cannot listen on port ${port}`, { cause: error });
  }
  const { port: actual } = server.address() as AddressInfo;
  return {
    origin: `http://${HOST}:${actual}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
