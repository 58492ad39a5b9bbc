// https://nodejs.org/api/http.html#httprequesturl-options-callback
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import type { AddressGuard, ResolvedAddress } from '../kernel/address-guard.ts';
import { describeError } from '../kernel/describe-error.ts';
import { TransportError } from '../kernel/errors.ts';
import type { TransportFailure } from '../kernel/errors.ts';
import type { OutboundRequest, OutboundResponse, Transport } from '../kernel/ports.ts';

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
      ? httpsRequest(request.url, { ...common, agent: isPooled && httpsAgent })
      : httpRequest(request.url, { ...common, agent: isPooled && httpAgent });
  }

  return {
    async send(request): Promise<OutboundResponse> {
      // net.connect asks no look-up for an address literal, so literals are judged here.
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

/**
 * A pooled connection that the receiver closed while it was idle. Being reset by that is no news of the receiver,
 * so the request goes out once more on a new connection.
 */
class StaleSocketError extends TransportError {}

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
        return resolve({ status: response.statusCode ?? 0, headers: flatten(response), body });
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
      const reason = cause ?? classify(error);
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

function flatten(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/** As Node.js calls it; the typings of older releases do not know that it may be asked for all addresses. */
type AnyLookup = (
  hostname: string,
  options: { readonly all?: boolean | undefined },
  callback: (error: Error | null, address: string | ResolvedAddress[], family?: number) => void,
) => void;

function guardedLookup(guard: AddressGuard): LookupFunction {
  const resolve = callbackify(guard.resolve);
  const lookup: AnyLookup = (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) callback(error, '');
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
  return lookup as LookupFunction;
}

function isLiteral(hostname: string): boolean {
  return hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
}

const FAILURES: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  ETIMEDOUT: 'connect_timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  EPROTO: 'tls',
};

function classify(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const failure = FAILURES[code] ?? (isTlsCode(code) ? 'tls' : 'protocol');
  return new TransportError(failure, describeError(error));
}

/** Node reports what OpenSSL says of a certificate by OpenSSL's own names. */
function isTlsCode(code: string): boolean {
  return /^ERR_(?:TLS|SSL)_|CERT|^UNABLE_TO_|^SELF_SIGNED|^HOSTNAME_MISMATCH|^INVALID_(?:CA|PURPOSE)/.test(
    code,
  );
}
