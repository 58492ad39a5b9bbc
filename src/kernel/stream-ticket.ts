import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EventFilter } from './filter.ts';
import type { Tenant } from './subscription-ports.ts';

/** Browsers reconnect with the URL they were given, so a ticket is good for any number of times until then. */
const LIFETIME_MS = 10 * 60_000;
/** Keeps the key apart from every other use of the encryption key (RFC 5869, section 3.2). */
const KEY_CONTEXT = 'evtgen event stream ticket v1';
const KEY_BYTES = 32;

/** What a ticket lets its holder read. */
export interface TicketScope {
  readonly tenant: Tenant;
  /** Undefined: all event types. */
  readonly filter: EventFilter | undefined;
}

export interface IssuedTicket {
  readonly ticket: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** A ticket that was read; what is wrong with it otherwise. */
export type TicketReading =
  | { readonly isValid: true; readonly scope: TicketScope }
  | { readonly isValid: false; readonly reason: 'invalid' | 'expired' };

/**
 * Credentials for the URL of a stream, where a browser can put none in a header. They are signed, not stored, so every
 * process with the same key accepts them.
 */
export interface StreamTickets {
  issue(scope: TicketScope): IssuedTicket;
  read(ticket: string): TicketReading;
}

/**
 * @param encryptionKey 32 bytes; without one, tickets are good for this process only
 * @param now milliseconds since the epoch
 */
export function createStreamTickets(encryptionKey: Uint8Array | undefined, now: () => number): StreamTickets {
  const key = Buffer.from(
    hkdfSync('sha256', encryptionKey ?? randomBytes(KEY_BYTES), '', KEY_CONTEXT, KEY_BYTES),
  );
  const sign = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest();

  return {
    issue({ tenant, filter }): IssuedTicket {
      const expiresAtMs = now() + LIFETIME_MS;
      const claims = JSON.stringify([expiresAtMs, tenant ?? null, filter ?? null]);
      const payload = Buffer.from(claims).toString('base64url');
      return { ticket: `${payload}.${sign(payload).toString('base64url')}`, expiresAtMs };
    },

    read(ticket): TicketReading {
      const [payload = '', signature = '', rest] = ticket.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(payload);
      const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
      if (rest !== undefined || isOurs === false) return { isValid: false, reason: 'invalid' };
      // Signed by us, so its shape is known.
      const [expiresAtMs, tenant, filter] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
        number,
        string | null,
        EventFilter | null,
      ];
      if (expiresAtMs <= now()) return { isValid: false, reason: 'expired' };
      return { isValid: true, scope: { tenant: tenant ?? undefined, filter: filter ?? undefined } };
    },
  };
}
