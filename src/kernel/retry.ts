/** Delays before the retries, each counted from the end of the attempt before: six attempts in all. */
export const RETRY_SCHEDULE_SECONDS: readonly number[] = [60, 300, 1800, 7200, 86_400];

const JITTER = 0.1;
const MAX_RETRY_AFTER_MS = 86_400_000;

export interface RetryPolicy {
  /** Delays in milliseconds; the number of attempts is one more than there are delays. */
  readonly scheduleMs: readonly number[];
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** So many times faster than said comes every retry, for development; 1 unless given. */
  readonly timeScale?: number | undefined;
}

/** The policy of a subscription: its own schedule, in seconds, or that of the application. */
export function policyOf(
  subscription: { readonly retrySchedule: readonly number[] | undefined },
  policy: RetryPolicy,
): RetryPolicy {
  const { retrySchedule } = subscription;
  if (retrySchedule === undefined) return policy;
  return { ...policy, scheduleMs: retrySchedule.map((seconds) => seconds * 1_000) };
}

export interface FailedAttempt {
  /** Attempts made so far in this budget, from 1. */
  readonly attemptCount: number;
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  /** The field `Date` of the response. A date in `retryAfter` is by the same clock, which may not agree with ours. */
  readonly date?: string | undefined;
  /** Our wall clock when the response came, in milliseconds, for receivers that send no `Date`. */
  readonly nowMs: number;
}

/** Milliseconds until the next attempt, or undefined when all have been made. */
export function nextDelayMs(policy: RetryPolicy, attempt: FailedAttempt): number | undefined {
  const base = policy.scheduleMs[attempt.attemptCount - 1];
  if (base === undefined) return undefined;
  // Deliveries that failed together must not all come back in the same instant.
  const scheduled = Math.round(base * (1 - JITTER + 2 * JITTER * policy.random()));
  return Math.max(scheduled, requestedDelayMs(attempt)) / (policy.timeScale ?? 1);
}

/** What the receiver asked for with 429 or 503, from 0 to 24 hours. */
function requestedDelayMs({ status, retryAfter, date, nowMs }: FailedAttempt): number {
  if (status !== 429 && status !== 503) return 0;
  const answeredAt = date === undefined ? undefined : parseHttpDate(date);
  const asked = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, answeredAt ?? nowMs);
  // A receiver may slow us down, but not park its deliveries for good.
  return asked === undefined ? 0 : Math.min(asked, MAX_RETRY_AFTER_MS);
}

/**
 * `Retry-After` in milliseconds from now (RFC 9110, 10.2.3: seconds or an HTTP date; a date in the past is 0).
 * Undefined when it is neither.
 */
export function parseRetryAfter(value: string, nowMs: number): number | undefined {
  const text = value.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text);
  return date === undefined ? undefined : Math.max(0, date - nowMs);
}

/** All three formats of RFC 9110, 5.6.7; the last of them carries no zone and means GMT as well. */
function parseHttpDate(text: string): number | undefined {
  const isAsctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/.test(text);
  if (isAsctime === false && /^[A-Z][a-z]+, .+ GMT$/.test(text) === false) return undefined;
  const time = Date.parse(isAsctime ? `${text} GMT` : text);
  return Number.isNaN(time) ? undefined : time;
}
