import { describeError } from './describe-error.ts';
import type { Clock, Logger } from './ports.ts';
import type { PartHealth } from './worker.ts';

/** Where a worker part stands. It logs an outage once when it begins and once when it ends. */
export interface PartStatus {
  /** The part got its turn; an outage lasts until `succeeded`. */
  began(): void;
  succeeded(): void;
  standsBy(): void;
  /** @returns failures in a row, this one included. */
  failed(error: unknown): number;
  stopped(): void;
  /** Since when it has been failing, by the monotonic clock; undefined while all is well. */
  failingSince(): number | undefined;
  health(): PartHealth;
}

export function createPartStatus(name: string, clock: Clock, logger?: Logger | undefined): PartStatus {
  let state: PartHealth['state'] = 'stopped';
  let since = clock.now();
  let failures = 0;
  let failingSince: number | undefined;
  let lastError: string | undefined;

  function enter(next: PartHealth['state']): void {
    if (next === state) return;
    state = next;
    since = clock.now();
  }

  function recover(next: PartHealth['state']): void {
    if (failingSince !== undefined && next !== 'stopped' && logger !== undefined) {
      logger.info(`${name} works again`, { failures, forMs: Math.round(clock.monotonic() - failingSince) });
    }
    failures = 0;
    failingSince = undefined;
    lastError = undefined;
    enter(next);
  }

  return {
    began(): void {
      if (failingSince === undefined) enter('active');
    },
    succeeded: () => recover('active'),
    standsBy: () => recover('standby'),
    stopped: () => recover('stopped'),

    failed(error): number {
      failures += 1;
      lastError = describeError(error);
      if (failingSince === undefined) {
        failingSince = clock.monotonic();
        if (logger !== undefined) logger.warn(`${name} fails and keeps trying`, { error: lastError });
      }
      enter('failing');
      return failures;
    },

    failingSince: () => failingSince,
    health: () => ({ name, state, since: new Date(since).toISOString(), lastError }),
  };
}
