import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import type { AddressGuard, ResolvedAddress } from '../kernel/address-guard.ts';

/** As Node.js calls it; the typings of older releases do not know that it may be asked for all addresses. */
type AnyLookup = (
  hostname: string,
  options: { readonly all?: boolean | undefined },
  callback: (error: Error | null, address: string | ResolvedAddress[], family?: number) => void,
) => void;

/**
 * The look-up of a socket, by the guard: the addresses that are dialled are the ones that were checked, so a DNS
 * answer that changes in between changes nothing.
 */
export function guardedLookup(guard: AddressGuard): LookupFunction {
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

/** Whether the host of a URL is an address. For these `net.connect` asks no look-up at all. */
export function isLiteral(hostname: string): boolean {
  return hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
}
