import { cause, type Cause, type CauseCode } from './causes.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import { matches } from './match.ts';
import type { Message } from './message.ts';
import { KeyError, type Reading, type Scheme, type VerifyKey } from './schemes/scheme.ts';

/** What one message is judged by. */
export interface Evidence {
  readonly message: Message;
  readonly scheme: Scheme;
  /** Any one of them may match. */
  readonly secrets: readonly string[];
  /** Secrets of other endpoints by their names, to tell whether one of them signed. */
  readonly otherSecrets?: ReadonlyMap<string, string> | undefined;
  /** Overrides what the scheme allows. */
  readonly toleranceSeconds?: number | undefined;
  /** The receiver's clock, in Unix seconds. */
  readonly nowSeconds: number;
  /** How many bytes the search for a cause may hash; 0 for none. Default: as many as take some seconds. */
  readonly effortBytes?: number | undefined;
}

export interface Verdict {
  readonly ok: boolean;
  readonly scheme: string;
  /** Code of the first cause; null for a good signature. */
  readonly code: CauseCode | null;
  readonly message: string;
  /** The header at fault, where one is. */
  readonly header: string | null;
  /** All that is wrong, the first reason first; empty for a good signature. */
  readonly causes: readonly Cause[];
  readonly id: string | null;
  /** Unix seconds; null where none is signed or it is no number. */
  readonly timestamp: number | null;
  /** Receiver's clock minus timestamp; negative when it lies in the future. */
  readonly ageSeconds: number | null;
  /** Which of the secrets matched, from 0. */
  readonly secretIndex: number | null;
  readonly bodyBytes: number;
  readonly toleranceSeconds: number | null;
}

const SECONDS_OF_EFFORT = 4_000_000_000;

/** Later than year 5000 in seconds, and 1973 in milliseconds: no clock is off by that much, the unit is. */
const FIRST_IMPLAUSIBLE_SECOND = 100_000_000_000;

/**
 * Judges one message: the signature first, ignoring time, then the clock. Only causes that are certain are named.
 * @throws KeyError when no secret can be used, in no way; RangeError for a clock or tolerance that is no number.
 */
export function judge(evidence: Evidence): Verdict {
  const { message, scheme, secrets } = evidence;
  // Nothing is older than NaN: it would let every replay through.
  if (!Number.isFinite(evidence.nowSeconds)) throw new RangeError('the clock is not a number of seconds');
  if (!((evidence.toleranceSeconds ?? 0) >= 0)) {
    throw new RangeError('the tolerance is not a number of seconds, 0 or more');
  }
  const read = scheme.read(message);
  const timestamp = read.ok && read.timestamp !== null ? Number(read.timestamp) : null;
  const tolerance =
    scheme.clock === null ? null : (evidence.toleranceSeconds ?? scheme.clock.toleranceSeconds);
  const facts = {
    scheme: scheme.id,
    id: read.ok ? read.id : null,
    timestamp,
    ageSeconds: timestamp === null ? null : evidence.nowSeconds - timestamp,
    bodyBytes: message.body.length,
    toleranceSeconds: tolerance,
  };
  const secretIndex = read.ok ? matchingSecret(read, scheme, message, secrets) : -1;
  const causes = [
    ...(secretIndex === -1
      ? diagnose({
          message,
          scheme,
          read,
          secrets,
          otherSecrets: evidence.otherSecrets ?? new Map(),
          effortBytes: evidence.effortBytes ?? SECONDS_OF_EFFORT,
        })
      : []),
    ...clockCauses(facts.timestamp, facts.ageSeconds, tolerance, scheme, secretIndex !== -1),
  ];
  const [first] = causes;
  if (first === undefined) {
    const age = facts.ageSeconds === null ? '' : `, signed ${describeAge(facts.ageSeconds)}`;
    const named = facts.id === null ? `${scheme.title} message` : facts.id;
    return {
      ...facts,
      ok: true,
      code: null,
      message: `${named}${age}, matches secret ${secretIndex + 1} of ${secrets.length}`,
      header: null,
      causes: [],
      secretIndex,
    };
  }
  if (first.code === 'signature_mismatch') refuseUnusable(scheme, secrets);
  const known = secretIndex === -1 ? null : secretIndex;
  return { ...facts, ok: false, ...first, causes: onlyCertain(causes), secretIndex: known };
}

/**
 * A clock that is off says nothing where the signature itself is unexplained; a time in the wrong unit is refused
 * whatever was signed.
 */
function onlyCertain(causes: readonly Cause[]): readonly Cause[] {
  const [first, ...more] = causes;
  if (first === undefined) return [];
  const isUnexplained = first.code === 'signature_mismatch' || first.code === 'body_truncated';
  const unit = 'timestamp_in_milliseconds';
  return [first, ...more.filter(({ code }) => code !== first.code && (!isUnexplained || code === unit))];
}

function matchingSecret(read: Reading, scheme: Scheme, message: Message, secrets: readonly string[]): number {
  const parts = { body: message.body, url: message.url ?? '', timestamp: read.timestamp ?? '' };
  return secrets.findIndex((secret) => {
    const key = keyOrNull(scheme, secret);
    return key !== null && matches(read, key, parts);
  });
}

function keyOrNull(scheme: Scheme, secret: string): VerifyKey | null {
  try {
    return scheme.keyOf(secret);
  } catch (error) {
    if (error instanceof KeyError) return null;
    throw error;
  }
}

/** @throws KeyError of the first secret when there is none that the scheme can use. */
function refuseUnusable(scheme: Scheme, secrets: readonly string[]): void {
  const [first] = secrets;
  if (first !== undefined && secrets.every((secret) => keyOrNull(scheme, secret) === null))
    scheme.keyOf(first);
}

function clockCauses(
  timestamp: number | null,
  ageSeconds: number | null,
  tolerance: number | null,
  scheme: Scheme,
  isMatch: boolean,
): Cause[] {
  const { clock } = scheme;
  if (timestamp === null || ageSeconds === null || tolerance === null || clock === null) return [];
  const at = scheme.headers.find((name) => name.endsWith('timestamp')) ?? scheme.headers[0] ?? null;
  const lead = isMatch ? 'the signature matches, but the timestamp' : 'the timestamp';
  if (clock.isBothWays && timestamp >= FIRST_IMPLAUSIBLE_SECOND) {
    return [cause('timestamp_in_milliseconds', `${lead} is in milliseconds; it must be in seconds`, at)];
  }
  const allowed = `${tolerance} s are allowed`;
  if (ageSeconds > tolerance) {
    return [cause('timestamp_too_old', `${lead} is ${ageSeconds} s in the past; ${allowed}`, at)];
  }
  if (clock.isBothWays && -ageSeconds > tolerance) {
    return [cause('timestamp_too_new', `${lead} is ${-ageSeconds} s in the future; ${allowed}`, at)];
  }
  return [];
}

function describeAge(seconds: number): string {
  if (-seconds >= FIRST_IMPLAUSIBLE_SECOND / 2) return 'at a time in milliseconds';
  if (seconds === 0) return 'now';
  return seconds > 0 ? `${seconds} s ago` : `${-seconds} s in the future`;
}
