import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EvtgenError, isErrno } from '../ui/errors.ts';

/** Nobody but this machine may reach a tool that shows secrets. */
const HOST = '127.0.0.1';

export interface HttpServer {
  /** `http://127.0.0.1:<port>`. */
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
  const server = createServer(listener);
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
  return { origin: `http://${HOST}:${actual}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
