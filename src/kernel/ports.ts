/**
 * The vocabulary of the kernel and the ports through which it meets the world. Everything that differs
 * between projects (database, broker, HTTP client, clock) is one of these interfaces; all other kernel files
 * are plain logic on top of them.
 *
 * Terminology
 * - event type: `resource.action`, e.g. `order.created`.
 * - event: one envelope.
 * - event log (outbox): the append-only table of committed events.
 * - sequencer: gives committed events their position.
 * - position: dense, gap-free number, the only cursor that readers use.
 * - reader: something that follows the log by its own cursor (a broker publisher, the webhook fan-out, a
 *   stream).
 * - subscription: a webhook endpoint and its filter.
 * - delivery: one event for one subscription.
 * - attempt: one HTTP try of a delivery.
 * - dead letter: an event or delivery that was given up and waits for a person.
 * - replay: putting a dead letter or a range of positions back to work.
 */

import type { LoggedEvent, NewEvent, PipelineError, PublishedEvent } from './event.ts';

/** The right to act in a role until it expires by the database's clock. */
export interface Lease {
  readonly role: string;
  readonly holder: string;
  /** Grows at each change of holder; every write made under the lease checks it (fencing token). */
  readonly epoch: number;
}

/** What `health` knows of one role. */
export interface LeaseState {
  readonly role: string;
  /** Since it ran out or was given up, by the database's clock; 0 while it is held. */
  readonly freeForMs: number;
}

/** Leases of the roles of which only one process may act at a time. */
export interface LeaseStore {
  /** Takes the lease of `role` for `ttlMs`; undefined while another holder's has not expired. */
  acquire(role: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Extends a lease; false when it was lost meanwhile. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Gives the role up at once, so that another process need not wait for the expiry. */
  release(lease: Lease): Promise<void>;
  /** All roles that were ever taken, by name. */
  list(): Promise<LeaseState[]>;
}

/** The event log. `Tx` is the handle of the caller's open transaction. */
export interface LogStore<Tx> {
  /**
   * Writes one event inside `tx` in one round trip.
   * @throws EventIdConflictError when `eventId` is taken by an event with other content; the same content
   * again is a no-op.
   * @returns false when `tx` is a change that turned out to change nothing, and the event was left out with it.
   */
  append(tx: Tx, event: NewEvent): Promise<boolean>;
  /** Writes a dead letter of the kind `pipeline_error` inside `tx`, in one round trip; false as in `append`. */
  appendPipelineError(tx: Tx, error: PipelineError): Promise<boolean>;
  /**
   * Gives up to `limit` committed events the next positions, by insert order.
   * @returns how many were given and the newest position.
   * @throws LeaseLostError when the lease's epoch is no longer current.
   */
  stamp(lease: Lease, limit: number): Promise<{ readonly count: number; readonly head: number }>;
  /** Events with `position > after`, ascending. */
  read(after: number, limit: number): Promise<LoggedEvent[]>;
  /** The newest position, 0 in an empty log. */
  head(): Promise<number>;
  /** The oldest position from which on the log is whole, 0 in an empty log. */
  oldest(): Promise<number>;
}

/** What `health` knows of one stored cursor. */
export interface CursorState {
  readonly reader: string;
  readonly position: number;
  /** Events between the cursor and the head. */
  readonly lag: number;
}

/** Cursors of the readers that outlive a process. */
export interface CursorStore {
  /** The cursor of `reader`, created at the given place if it is new. */
  open(reader: string, start: 'head' | 'beginning'): Promise<number>;
  /**
   * Moves the cursor of the reader whose role the lease is (`reader:<name>`) forward; never back.
   * @throws LeaseLostError when the lease's epoch is no longer current.
   */
  advance(lease: Lease, position: number): Promise<void>;
  /**
   * Writes the dead letter of an event that the reader passes over; once only, however often it is called.
   * @throws LeaseLostError when the lease's epoch is no longer current.
   */
  setAside(lease: Lease, error: PipelineError): Promise<void>;
  list(): Promise<CursorState[]>;
}

/** Short messages between the processes that share the database. They may get lost, and wait for no listener. */
export interface Notifier {
  /** Sends to everybody who listens, this process included; never inside a caller's transaction. */
  notify(message: string): Promise<void>;
  /**
   * Resolves once messages are heard.
   *
   * @param onLost called when the connection has ended and nothing is heard any more
   * @returns ends the listening
   */
  listen(onMessage: (message: string) => void, onLost: () => void): Promise<() => Promise<void>>;
}

/** What a store has to offer for the log side of the kernel. */
export interface EventStore<Tx> {
  readonly log: LogStore<Tx>;
  readonly leases: LeaseStore;
  readonly cursors: CursorStore;
  /** Undefined where the database or its client cannot: other processes then find work by polling. */
  readonly notifier?: Notifier | undefined;
}

/** A message broker. One publisher has one cursor. */
export interface Publisher {
  /** Names the reader's cursor, e.g. `redis-streams`; stable across restarts. */
  readonly name: string;
  /**
   * Publishes in order and resolves once the broker has confirmed all of them. When it rejects, the whole
   * batch is published again later. An event may come in several versions, with one id: where a broker drops
   * repeats by itself, it is to be told the version too.
   * @throws UnpublishableError to have one event set aside as a dead letter instead of blocking the log; the
   * rest comes again, so this is best found out before anything is sent.
   */
  publish(events: readonly PublishedEvent[]): Promise<void>;
  close(): Promise<void>;
}

export interface OutboundRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly connectTimeoutMs: number;
  /** From start to the last byte of the response. */
  readonly timeoutMs: number;
  /** What is kept of the response body, in bytes; the rest is discarded. */
  readonly maxResponseBytes: number;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends one webhook attempt by POST. Never follows a redirect, never honours a proxy by accident. */
export interface Transport {
  /** @throws TransportError when there is no HTTP response. */
  send(request: OutboundRequest): Promise<OutboundResponse>;
  /** Closes idle connections and waits for none. */
  close(): Promise<void>;
}

export interface Clock {
  /** Milliseconds since the epoch; may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds that only ever grow; differences alone have a meaning. Leases and timeouts use it. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal | undefined): Promise<void>;
}

export interface Logger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
