import { systemClock } from './clock.ts';
import type { Clock } from './ports.ts';

/**
 * An in-process wake-up. It carries no data and may be spurious: whoever waits looks at the database
 * afterwards, and a lost one costs no more than the time-out.
 */
export interface Signal {
  /** Wakes everybody who waits now. */
  notify(): void;
  /** How often `notify` was called; see `wait`. */
  generation(): number;
  /**
   * Resolves at the next `notify`, after `timeoutMs`, or when `abort` fires, whichever is first; never rejects.
   *
   * @param since a `generation()` read before looking for work. If `notify` was called since then, the wait is
   * over at once: without it, a wake-up that arrives while the database is being asked would be missed.
   */
  wait(timeoutMs: number, abort?: AbortSignal | undefined, since?: number | undefined): Promise<void>;
}

/** Given as the reason, or each wake-up would make an error with a stack. */
const WOKEN = 'woken';

export function createSignal(clock: Clock = systemClock): Signal {
  const waiting = new Set<AbortController>();
  let generation = 0;

  return {
    notify(): void {
      generation += 1;
      for (const waiter of waiting) waiter.abort(WOKEN);
      waiting.clear();
    },

    generation: () => generation,

    async wait(timeoutMs, abort, since): Promise<void> {
      if (since !== undefined && since !== generation) return;
      const waiter = new AbortController();
      const forward = (): void => waiter.abort(WOKEN);
      if (abort !== undefined) {
        if (abort.aborted) return;
        abort.addEventListener('abort', forward, { once: true });
      }
      waiting.add(waiter);
      await clock.sleep(timeoutMs, waiter.signal);
      waiting.delete(waiter);
      if (abort !== undefined) abort.removeEventListener('abort', forward);
    },
  };
}
