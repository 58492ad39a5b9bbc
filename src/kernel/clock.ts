import type { Clock } from './ports.ts';

/** The clock of the machine. Tests pass one of their own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
};

/** The same, but its sleep does not keep a process from ending: for what is not worth waiting for. */
export const backgroundClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => sleep(ms, signal, (timer) => timer.unref()),
};

function sleep(
  ms: number,
  signal?: AbortSignal | undefined,
  onStart?: ((timer: NodeJS.Timeout) => void) | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      if (signal !== undefined) signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    if (onStart !== undefined) onStart(timer);
    if (signal !== undefined) signal.addEventListener('abort', finish, { once: true });
  });
}

/**
 * A time between 0 and a ceiling that doubles with each failure, so that many processes which failed together
 * do not come back together ("full jitter").
 *
 * @param failures failures in a row, from 1
 */
export function backoffMs(
  failures: number,
  firstMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  // Half of it is fixed: a random wait close to zero would hammer what has just failed.
  return ceiling / 2 + (ceiling / 2) * random();
}
