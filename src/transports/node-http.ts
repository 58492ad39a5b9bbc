// https://nodejs.org/api/http.html#httprequesturl-options-callback
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { AddressGuard } from '../kernel/address-guard.ts';
import { TransportError } from '../kernel/errors.ts';
import type { TransportFailure } from '../kernel/errors.ts';
import type { OutboundRequest, OutboundResponse, Transport } from '../kernel/ports.ts';
import { classifyFailure, StaleSocketError } from './failure.ts';
import { flatHeaders } from './flat-headers.ts';
import { guardedLookup, isLiteral } from './guarded-lookup.ts';

const IDLE_SOCKETS_PER_ORIGIN = 16;
const IDLE_TIMEOUT_MS = 15_000;

export interface NodeHttpOptions {
  readonly guard: AddressGuard;
}

/**
 * The default transport, on node:http and node:https. Every connection is made to an address that the guard has
 * checked, in the look-up of the socket itself, so a DNS answer that changes in between changes nothing. Pooled
 * connections are kept by origin and were checked when they were opened. TLS verification cannot be turned off.
 */
export function nodeHttpTransport(options: NodeHttpOptions): Transport {
  const { guard } = options;
  const lookup = guardedLookup(guard);
  // Agents of our own: the global ones go through a proxy when NODE_USE_ENV_PROXY is set, past the guard.
  const agentOptions = { keepAlive: true, maxFreeSockets: IDLE_SOCKETS_PER_ORIGIN, timeout: IDLE_TIMEOUT_MS };
  const httpAgent = new HttpAgent(agentOptions);
  const httpsAgent = new HttpsAgent(agentOptions);

  function open(request: OutboundRequest, isPooled: boolean): ClientRequest {
    const headers = { ...request.headers, 'content-length': String(request.body.byteLength) };
    const common = { method: 'POST', headers, lookup };
    return request.url.protocol === 'https:'
      ? httpsRequest(request.url, { ...common, agent: isPooled && httpsAgent, rejectUnauthorized: true })
      : httpRequest(request.url, { ...common, agent: isPooled && httpAgent });
  }

  return {
    async send(request): Promise<OutboundResponse> {
      if (isLiteral(request.url.hostname)) await guard.resolve(request.url.hostname);
      try {
        return await exchange(open(request, true), request);
      } catch (error) {
        if (error instanceof StaleSocketError) return exchange(open(request, false), request);
        throw error;
      }
    },

    async close(): Promise<void> {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function exchange(outgoing: ClientRequest, request: OutboundRequest): Promise<OutboundResponse> {
  return new Promise((resolve, reject) => {
    let connecting: NodeJS.Timeout | undefined;
    let cause: TransportError | undefined;
    let hasResponse = false;

    const total = setTimeout(
      () => giveUp('timeout', `no complete response within ${request.timeoutMs} ms`),
      request.timeoutMs,
    );
    outgoing.on('socket', (socket) => {
      if (socket.connecting === false) return;
      const { connectTimeoutMs } = request;
      connecting = setTimeout(
        () => giveUp('connect_timeout', `no connection within ${connectTimeoutMs} ms`),
        connectTimeoutMs,
      );
      const connected = request.url.protocol === 'https:' ? 'secureConnect' : 'connect';
      socket.once(connected, () => clearTimeout(connecting));
    });
    outgoing.on('error', fail);
    // Without a listener Node.js closes the connection and says nothing to the request, which would never end.
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail(new TransportError('protocol', 'the receiver wants to switch protocols'));
    });
    outgoing.on('response', (response) => {
      hasResponse = true;
      readBody(response, request.maxResponseBytes).then((body) => {
        clearTimeout(total);
        return resolve({ status: response.statusCode ?? 0, headers: flatHeaders(response.headers), body });
      }, fail);
    });
    outgoing.end(request.body);

    function giveUp(failure: TransportFailure, message: string): void {
      // Kept, because what Node reports of a destroyed exchange depends on how far it had come.
      cause = new TransportError(failure, message);
      outgoing.destroy(cause);
      // Destroying what is destroyed already reports nothing.
      fail(cause);
    }

    function fail(error: unknown): void {
      clearTimeout(total);
      clearTimeout(connecting);
      const reason = cause ?? classifyFailure(error);
      const isStale = reason.failure === 'reset' && outgoing.reusedSocket && hasResponse === false;
      reject(isStale ? new StaleSocketError(reason.failure, reason.message) : reason);
    }
  });
}

/** Keeps the first bytes and hangs up on the rest: a receiver cannot make us read without end. */
function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const finish = (): void => resolve(Buffer.concat(chunks).subarray(0, maxBytes).toString());
    response.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= maxBytes) return;
      finish();
      response.destroy();
    });
    response.on('end', finish);
    response.on('error', reject);
  });
}
