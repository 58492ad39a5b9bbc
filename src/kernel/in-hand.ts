import type { Outcome } from './deliver.ts';
import type { Clock } from './ports.ts';

/** How long a stop waits for the receivers of the attempts that are under way. */
const GRACE_MS = 5_000;

/** The attempts under way of one worker part, so that a stop need not wait for the slowest receiver. */
export interface AttemptsInHand {
  /** What came of the attempt; undefined when it was abandoned, and nobody knows what the receiver made of it. */
  outcomeOf(attempt: Promise<Outcome>): Promise<Outcome | undefined>;
  /** Resolves when no task is left. After a while the attempts that they wait for are abandoned. */
  drain(tasks: ReadonlySet<Promise<void>>): Promise<void>;
}

export function createAttemptsInHand(clock: Clock, graceMs: number = GRACE_MS): AttemptsInHand {
  const abandons = new Set<() => void>();

  async function abandonLater(signal: AbortSignal): Promise<void> {
    await clock.sleep(graceMs, signal);
    for (const abandon of abandons) abandon();
  }

  return {
    outcomeOf: (attempt) =>
      new Promise((resolve, reject) => {
        const abandon = (): void => resolve(undefined);
        abandons.add(abandon);
        attempt.then((outcome) => {
          abandons.delete(abandon);
          return resolve(outcome);
        }, reject);
      }),

    async drain(tasks): Promise<void> {
      const drained = new AbortController();
      const abandoning = abandonLater(drained.signal);
      while (tasks.size > 0) await Promise.all(tasks);
      drained.abort();
      await abandoning;
    },
  };
}
