import { ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../kernel/sign.ts';
import { verify, type VerifyFailureCode } from '../kernel/verify.ts';
import type { HeaderFields } from './http-message.ts';

/** What one message is judged by. */
export interface Evidence {
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
  /** Length that the capture announces for a body it holds only in part. */
  readonly announcedBytes: number | undefined;
  readonly secrets: readonly string[];
  readonly toleranceSeconds: number;
  readonly nowSeconds: number;
}

/** Stable: scripts and CI rules are written against these. */
export type CauseCode =
  | VerifyFailureCode
  | 'header_duplicated'
  | 'timestamp_in_milliseconds'
  | 'body_truncated';

export interface Verdict {
  readonly ok: boolean;
  /** Null for a good signature. */
  readonly code: CauseCode | null;
  readonly message: string;
  /** The header at fault, where one is. */
  readonly header: string | null;
  readonly id: string | null;
  /** Unix seconds; null when the header is absent or no number. */
  readonly timestamp: number | null;
  /** Receiver's clock minus timestamp; negative when it lies in the future. */
  readonly ageSeconds: number | null;
  /** Which of the secrets matched, from 0. */
  readonly secretIndex: number | null;
  readonly bodyBytes: number;
}

/** Later than year 5000 in seconds, and 1973 in milliseconds: no clock is off by that much, the unit is. */
const FIRST_IMPLAUSIBLE_SECOND = 100_000_000_000;

/**
 * Judges one message by Standard Webhooks v1: the signature first, ignoring time, then the clock. Of the causes
 * of a failure only one that is certain is named; anything else is a plain mismatch.
 * @throws SecretError when a secret cannot be used.
 */
export function judge(evidence: Evidence): Verdict {
  const facts = readFacts(evidence);
  const duplicated = [ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER].find(
    (name) => count(evidence, name) > 1,
  );
  if (duplicated !== undefined) {
    const message = `the header ${duplicated} appears ${count(evidence, duplicated)} times`;
    return { ...facts, ok: false, code: 'header_duplicated', message, header: duplicated, secretIndex: null };
  }
  const result = verify({
    headers: evidence.headers,
    body: evidence.body,
    secrets: evidence.secrets,
    toleranceSeconds: evidence.toleranceSeconds,
    nowSeconds: evidence.nowSeconds,
  });
  if (result.ok) {
    const age = describeAge(evidence.nowSeconds - result.timestamp);
    return {
      ...facts,
      ok: true,
      code: null,
      message: `${result.id}, signed ${age}, matches secret ${result.secretIndex + 1} of ${evidence.secrets.length}`,
      header: null,
      secretIndex: result.secretIndex,
    };
  }
  const failed = { ...facts, ok: false, header: result.header ?? null, secretIndex: null };
  if (result.code === 'timestamp_too_new' && (facts.timestamp ?? 0) >= FIRST_IMPLAUSIBLE_SECOND) {
    return {
      ...failed,
      code: 'timestamp_in_milliseconds',
      message: 'the signature matches, but the timestamp is in milliseconds; it must be in seconds',
    };
  }
  if (result.code === 'signature_mismatch' && evidence.announcedBytes !== undefined) {
    return {
      ...failed,
      code: 'body_truncated',
      message: `the capture holds ${evidence.body.length} of the ${evidence.announcedBytes} bytes of its body`,
    };
  }
  return { ...failed, code: result.code, message: result.message };
}

function readFacts(evidence: Evidence): Pick<Verdict, 'id' | 'timestamp' | 'ageSeconds' | 'bodyBytes'> {
  const text = evidence.headers[TIMESTAMP_HEADER]?.[0] ?? '';
  const timestamp = /^\d{1,15}$/.test(text) ? Number(text) : null;
  return {
    id: evidence.headers[ID_HEADER]?.[0] ?? null,
    timestamp,
    ageSeconds: timestamp === null ? null : evidence.nowSeconds - timestamp,
    bodyBytes: evidence.body.length,
  };
}

function count(evidence: Evidence, header: string): number {
  return evidence.headers[header]?.length ?? 0;
}

function describeAge(seconds: number): string {
  if (seconds === 0) return 'now';
  return seconds > 0 ? `${seconds} s ago` : `${-seconds} s in the future`;
}
