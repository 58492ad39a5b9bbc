import { describeError } from '../kernel/describe-error.ts';
import { TransportError } from '../kernel/errors.ts';
import type { TransportFailure } from '../kernel/errors.ts';

/**
 * A pooled connection that the receiver closed while it was idle. Being reset by that is no news of the receiver,
 * so the request goes out once more on a new connection.
 */
export class StaleSocketError extends TransportError {}

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

/** What an error of a socket, of TLS or of an HTTP parser means for the attempt; anything else is `protocol`. */
export function classifyFailure(error: unknown): TransportError {
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
