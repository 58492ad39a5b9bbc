// https://undici.nodejs.org/#/docs/api/Dispatcher?id=dispatcherdispatchoptions-handler
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Agent, Client, Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { AddressGuard } from '../kernel/address-guard.ts';
import { TransportError } from '../kernel/errors.ts';
import type { TransportFailure } from '../kernel/errors.ts';
import type { OutboundRequest, OutboundResponse, Transport } from '../kernel/ports.ts';
import { classifyFailure, StaleSocketError } from './failure.ts';
import { flatHeaders } from './flat-headers.ts';
import { guardedConnector, watchReuse } from './undici-connections.ts';
import type { WatchedDispatch } from './undici-connections.ts';

const IDLE_TIMEOUT_MS = 15_000;

export interface UndiciOptions {
  readonly guard: AddressGuard;
}

/**
 * The fast transport, on undici 7: connections are kept by origin, each with one request at a time. Addresses are
 * judged in the connector, which sees every connection and no redirect. The agent is one of our own, so neither a
 * global dispatcher nor the proxy variables of the environment apply. TLS verification cannot be turned off.
 */
export function undiciTransport(options: UndiciOptions): Transport {
  const shared = {
    connect: guardedConnector(options.guard),
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    // Each attempt has its own clock, over all of its phases.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const agent = new Agent({
    ...shared,
    pipelining: 1,
    factory: (origin, agentOptions) =>
      new Pool(origin, {
        ...agentOptions,
        factory: (url, clientOptions) => watchReuse(new Client(url, clientOptions)),
      }),
  });
  // Without pipelining a connection serves one request and is closed.
  const unpooled = new Agent({ ...shared, pipelining: 0 });

  return {
    async send(request): Promise<OutboundResponse> {
      try {
        const response = await exchange(agent, request);
        // Until then the connection is not free. What its caller sends next would open another one, and with twice
        // the connections an attempt takes a third more processor time.
        await nextTurn();
        return response;
      } catch (error) {
        if (error instanceof StaleSocketError) return exchange(unpooled, request);
        throw error;
      }
    },

    async close(): Promise<void> {
      await Promise.all([agent.destroy(), unpooled.destroy()]);
    },
  };
}

function exchange(agent: Agent, request: OutboundRequest): Promise<OutboundResponse> {
  return new Promise((resolve, reject) => {
    const { url, connectTimeoutMs, timeoutMs, maxResponseBytes } = request;
    const options: WatchedDispatch = {
      ...targetOf(url),
      method: 'POST',
      headers: request.headers,
      body: request.body,
      isReused: false,
    };
    const chunks: Buffer[] = [];
    let size = 0;
    let response: Omit<OutboundResponse, 'body'> | undefined;
    let connecting: NodeJS.Timeout | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    let failure: TransportError | undefined;

    const total = setTimeout(
      () => giveUp('timeout', `no complete response within ${timeoutMs} ms`),
      timeoutMs,
    );

    agent.dispatch(options, {
      onRequestStart(started): void {
        clearTimeout(connecting);
        controller = started;
        if (failure !== undefined) started.abort(failure);
      },
      onRequestUpgrade(started): void {
        giveUp('protocol', 'the receiver wants to switch protocols');
        started.abort(new Error('upgrade'));
      },
      onResponseStart(_started, status, headers): void {
        // Informational responses precede the one that counts.
        if (status >= 200) response = { status, headers: flatHeaders(headers) };
      },
      onResponseData(started, chunk): void {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= maxResponseBytes) return;
        // A receiver cannot make us read without end.
        finish();
        started.abort(new Error('enough was read'));
      },
      onResponseEnd: finish,
      onResponseError: (_started, error) => fail(error),
    });
    if (controller === undefined && options.isReused === false) {
      connecting = setTimeout(
        () => giveUp('connect_timeout', `no connection within ${connectTimeoutMs} ms`),
        connectTimeoutMs,
      );
    }

    function finish(): void {
      clearTimeout(total);
      const { status = 0, headers = {} } = response ?? {};
      resolve({ status, headers, body: textOf(chunks, maxResponseBytes) });
    }

    function giveUp(kind: TransportFailure, message: string): void {
      failure = new TransportError(kind, message);
      if (controller !== undefined) controller.abort(failure);
      fail(failure);
    }

    function fail(error: Error): void {
      clearTimeout(total);
      clearTimeout(connecting);
      const reason = failure ?? classifyUndici(error);
      const isStale = reason.failure === 'reset' && response === undefined && options.isReused;
      reject(isStale ? new StaleSocketError(reason.failure, reason.message) : reason);
    }
  });
}

/** Most answers come in one piece. */
function textOf(chunks: readonly Buffer[], maxBytes: number): string {
  const [first] = chunks;
  if (first === undefined) return '';
  const bytes = chunks.length === 1 ? first : Buffer.concat(chunks);
  return bytes.toString('utf8', 0, maxBytes);
}

const targets = new WeakMap<URL, { readonly origin: string; readonly path: string }>();

/** Put together once for a URL: its getters cost more than the rest of a request's preparation. */
function targetOf(url: URL): { readonly origin: string; readonly path: string } {
  let target = targets.get(url);
  if (target === undefined) {
    target = { origin: url.origin, path: url.pathname + url.search };
    targets.set(url, target);
  }
  return target;
}

const UNDICI_FAILURES: Readonly<Record<string, TransportFailure>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  // By `close`, in the middle of an exchange.
  UND_ERR_DESTROYED: 'reset',
  UND_ERR_SOCKET: 'reset',
};

function classifyUndici(error: Error): TransportError {
  const code = 'code' in error ? String(error.code) : '';
  const failure = UNDICI_FAILURES[code];
  // The code for a socket that ended is also that of one which undici ended over what was said on it.
  const isProtocol = error.message.startsWith('bad ');
  if (failure === undefined || isProtocol) return classifyFailure(error);
  return new TransportError(failure, error.message);
}
