import type { Clock } from '../../src/kernel/ports.ts';

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

export interface ManualClock extends Clock {
  /** Lets time pass, waking sleepers in order and letting what they do run before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock, as an administrator or NTP would; the monotonic one goes on. */
  jump(ms: number): void;
}

/** A clock that stands still until it is told to go on. */
export function createManualClock(start = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  let elapsed = 0;
  let offset = start;
  let sleepers: Sleeper[] = [];

  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,

    sleep(ms, signal): Promise<void> {
      return new Promise((resolve) => {
        if (signal?.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { wakeAt: elapsed + Math.max(ms, 0), wake };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      });
    },

    async advance(ms): Promise<void> {
      const end = elapsed + ms;
      await settle();
      for (;;) {
        const next = sleepers.toSorted((left, right) => left.wakeAt - right.wakeAt)[0];
        if (next === undefined || next.wakeAt > end) break;
        elapsed = Math.max(elapsed, next.wakeAt);
        next.wake();
        await settle();
      }
      elapsed = end;
    },

    jump(ms): void {
      offset += ms;
    },
  };
}

/** Long enough for chains of promises to run out. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}
