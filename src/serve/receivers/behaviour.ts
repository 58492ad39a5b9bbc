import { createHash } from 'node:crypto';

/** What comes instead of a whole answer. */
export const FAULTS = ['reset', 'reset_after_headers', 'no_answer', 'untrusted_tls'] as const;

/**
 * `reset`: the connection is cut before the answer. `reset_after_headers`: in the middle of it. `no_answer`: it stays
 * open until the sender gives up. `untrusted_tls`: the receiver moves to https://, with a certificate that nobody
 * vouches for.
 */
export type Fault = (typeof FAULTS)[number];

/**
 * How a receiver behaves; everything here combines. `GET` and `PUT /_receive/:name/behaviour` show it whole, `PUT`
 * takes any part of it and `{}` for a receiver that accepts.
 */
export interface Behaviour {
  /** Of the answer. Unless given: 302 with `location`, 503 with `retryAfterSeconds`, 500 where it is to fail, else 200. */
  readonly status: number;
  /** Only so many requests more are treated like this, then everything is accepted; 0 for all. */
  readonly failNext: number;
  /** Only so many of a hundred requests are treated like this; which ones follows from `seed`. */
  readonly failPercent: number;
  readonly seed: number;
  /** Until the answer begins. */
  readonly delayMs: number;
  /** The body of the answer comes byte by byte, with so much time before each. */
  readonly dripMs: number;
  /** Length of the answer's body; null for a short JSON document. */
  readonly bodyBytes: number | null;
  readonly retryAfterSeconds: number | null;
  /** How `Retry-After` says it (RFC 9110, 10.2.3). */
  readonly retryAfterForm: 'seconds' | 'date';
  /** Where a redirect leads to. */
  readonly location: string | null;
  readonly fault: Fault | null;
}

export const ACCEPT: Behaviour = {
  status: 200,
  failNext: 0,
  failPercent: 100,
  seed: 1,
  delayMs: 0,
  dripMs: 0,
  bodyBytes: null,
  retryAfterSeconds: null,
  retryAfterForm: 'seconds',
  location: null,
  fault: null,
};

/**
 * What the next request gets, and how the receiver behaves after it.
 * @param drawn requests that `failPercent` was asked about before
 */
export function takeTurn(
  behaviour: Behaviour,
  drawn: number,
): { readonly turn: Behaviour; readonly next: Behaviour } {
  if (!isDrawn(behaviour, drawn)) return { turn: ACCEPT, next: behaviour };
  if (behaviour.failNext === 0) return { turn: behaviour, next: behaviour };
  const failNext = behaviour.failNext - 1;
  return { turn: behaviour, next: failNext === 0 ? ACCEPT : { ...behaviour, failNext } };
}

/** The same seed draws the same requests in every run. */
function isDrawn({ failPercent, seed }: Behaviour, drawn: number): boolean {
  const digest = createHash('sha256').update(`${seed}:${drawn}`).digest();
  return digest.readUInt32BE() < (failPercent / 100) * 2 ** 32;
}

/** In words, for a person: `answers 503 with Retry-After: 30 s to the next 2 requests`. */
export function describeBehaviour(behaviour: Behaviour): string {
  const { failNext, failPercent, delayMs, dripMs } = behaviour;
  const parts = [describeAnswer(behaviour)];
  if (delayMs > 0) parts.push(`after ${delayMs} ms`);
  if (dripMs > 0) parts.push(`a byte every ${dripMs} ms`);
  if (failPercent < 100) parts.push(`to ${failPercent} % of the requests`);
  if (failNext > 0) parts.push(failNext === 1 ? 'to the next request' : `to the next ${failNext} requests`);
  return parts.join(', ');
}

function describeAnswer({
  status,
  fault,
  location,
  bodyBytes,
  retryAfterSeconds,
  retryAfterForm,
}: Behaviour): string {
  if (fault !== null) return FAULT_TEXTS[fault];
  const headers = [
    ...(location === null ? [] : [`Location: ${location}`]),
    ...(retryAfterSeconds === null
      ? []
      : [`Retry-After: ${retryAfterSeconds} s${retryAfterForm === 'date' ? ' as a date' : ''}`]),
    ...(bodyBytes === null ? [] : [`${bodyBytes} bytes`]),
  ];
  const answer = status === 200 ? 'accepts' : `answers ${status}`;
  return headers.length === 0 ? answer : `${answer} with ${headers.join(' and ')}`;
}

const FAULT_TEXTS: Readonly<Record<Fault, string>> = {
  reset: 'resets the connection',
  reset_after_headers: 'resets the connection after the headers',
  no_answer: 'never answers',
  untrusted_tls: 'has a certificate that nobody trusts',
};
