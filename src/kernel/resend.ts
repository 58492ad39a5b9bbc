import type { EventFilter } from './filter.ts';
import { ProblemError, notFound } from './problem.ts';
import type { ProblemOptions } from './problem.ts';

/** What became of one resend. */
export type Resent =
  | 'resent'
  /** There is no such event, or it is not for this subscription. */
  | 'not_found'
  | 'subscription_not_active'
  /** It has a delivery that waits for its next attempt. */
  | 'already_pending'
  /** Its first attempt is still to come, or under way. */
  | 'not_attempted_yet';

/** Puts events back to work for one subscription: with all attempts ahead, as replays, which never count. */
export interface ResendStore {
  /** One event of the log, whatever became of it, also one from before the subscription. */
  resend(subscriptionId: string, eventId: string): Promise<Resent>;
  /**
   * Everything with `after < position <= upTo` that was given up or passed over or has no delivery.
   * @returns how many; undefined when the subscription is not active
   */
  recover(
    subscriptionId: string,
    after: number,
    upTo: number,
    choice: RecoveryChoice,
  ): Promise<number | undefined>;
  /** Up to where every event that the subscription gets has its delivery; undefined when it is not active. */
  reach(subscriptionId: string): Promise<number | undefined>;
  /** The position before the first event that was recorded at this time or later. */
  positionBefore(time: Date): Promise<number>;
}

/** Which events of a range are meant. */
export interface RecoveryChoice {
  /** Of these types only. */
  readonly eventTypes?: EventFilter | undefined;
  /** Those too that were delivered: to send everything again. */
  readonly isDeliveredToo?: boolean | undefined;
}

export interface RecoveryRange extends RecoveryChoice {
  /** The position after which it begins. */
  readonly since: number;
  /** The last position that counts; the newest there is unless given. */
  readonly until?: number | undefined;
}

/** Positions that one statement covers: it holds no lock for long. */
const POSITIONS_PER_STATEMENT = 5_000;
/** One request does so much at most, so that it ends before anybody's timeout. */
const POSITIONS_PER_REQUEST = 100_000;
const DELIVERIES_PER_REQUEST = 10_000;

export interface Recovered {
  /** Deliveries that were made due. */
  readonly recovered: number;
  /** Where the next request has to begin; undefined when all is done. */
  readonly nextSincePosition: number | undefined;
}

/**
 * Recovers what comes after a position, as much as one request may. Called again from the same place it does no harm:
 * what it made due before is pending or delivered by then.
 * @throws ProblemError 409 when the subscription is not active, or ceases to be
 */
export async function recoverSince(
  resends: ResendStore,
  subscriptionId: string,
  { since, until = Infinity, ...choice }: RecoveryRange,
): Promise<Recovered> {
  const known = await resends.reach(subscriptionId);
  if (known === undefined) throw new ProblemError(notActive);
  const reach = Math.min(known, until);
  const end = Math.min(reach, since + POSITIONS_PER_REQUEST);
  let position = since;
  let recovered = 0;
  while (position < end && recovered < DELIVERIES_PER_REQUEST) {
    const upTo = Math.min(position + POSITIONS_PER_STATEMENT, end);
    const count = await resends.recover(subscriptionId, position, upTo, choice);
    if (count === undefined) throw new ProblemError(notActive);
    recovered += count;
    position = upTo;
  }
  return { recovered, nextSincePosition: position < reach ? position : undefined };
}

/** The answer to a resend that could not be made. */
export function resendProblem(outcome: Exclude<Resent, 'resent'>): ProblemError {
  return new ProblemError(REFUSALS[outcome]);
}

const notActive: ProblemOptions = {
  status: 409,
  code: 'subscription_not_active',
  detail: 'the subscription is not active; enable it first',
};

const REFUSALS: Readonly<Record<Exclude<Resent, 'resent'>, ProblemOptions>> = {
  not_found: notFound,
  subscription_not_active: notActive,
  already_pending: {
    status: 409,
    code: 'already_pending',
    detail: 'a delivery of this event is waiting for its next attempt',
  },
  not_attempted_yet: {
    status: 409,
    code: 'not_attempted_yet',
    detail: 'the first attempt of this event is still to come or under way',
  },
};
