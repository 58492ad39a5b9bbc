import { isIP } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import type { Client, Dispatcher } from 'undici';
import type { AddressGuard } from '../kernel/address-guard.ts';
import { TransportError } from '../kernel/errors.ts';
import { guardedLookup } from './guarded-lookup.ts';

/** When a socket that nobody waits for any more gives up; attempts have a connect timeout of their own. */
const SOCKET_CONNECT_TIMEOUT_MS = 10_000;

/**
 * An address literal asks no look-up, so it is judged before it is dialled. Where a connection ended up is looked at
 * once more: a second lock, which closes after the handshake.
 */
export function guardedConnector(guard: AddressGuard): buildConnector.connector {
  const connect = buildConnector({
    lookup: guardedLookup(guard),
    rejectUnauthorized: true,
    timeout: SOCKET_CONNECT_TIMEOUT_MS,
  });

  function open(target: buildConnector.Options, callback: buildConnector.Callback): void {
    connect(target, (error, socket) => {
      if (error !== null) callback(error, null);
      else if (socket.remoteAddress === undefined || guard.permits(target.hostname, socket.remoteAddress)) {
        callback(null, socket);
      } else {
        socket.destroy();
        callback(new TransportError('blocked_address', `${target.hostname} is not a public address`), null);
      }
    });
  }

  const judge = callbackify(guard.resolve);
  return (target, callback) => {
    if (isIP(target.hostname) === 0) open(target, callback);
    else judge(target.hostname, (error) => (error === null ? open(target, callback) : callback(error, null)));
  };
}

/** A request that knows whether it went out on a connection which was there before. */
export interface WatchedDispatch extends Dispatcher.DispatchOptions {
  isReused: boolean;
}

/** Tells the requests of a client that are `WatchedDispatch` about their connection. */
export function watchReuse(client: Client): Client {
  const dispatch = client.dispatch.bind(client);
  let isConnected = false;
  client.on('connect', () => (isConnected = true));
  client.on('disconnect', () => (isConnected = false));
  client.dispatch = (options, handler) => {
    if ('isReused' in options) options.isReused = isConnected;
    return dispatch(options, handler);
  };
  return client;
}
