import type { Clock, Logger } from './ports.ts';

/** How long `stop` waits for the work in hand, e.g. a batch that a broker does not confirm. */
const DRAIN_TIMEOUT_MS = 20_000;

export interface DrainOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly drainTimeoutMs?: number | undefined;
}

/** Resolves when `running` ends, or when it has been waited for long enough: a dead connection may hang it. */
export async function waitUntilDrained(running: Promise<void>, options: DrainOptions): Promise<void> {
  const { name, clock, logger, drainTimeoutMs = DRAIN_TIMEOUT_MS } = options;
  const drained = new AbortController();
  const outcome = await Promise.race([
    running.then(() => 'drained'),
    clock.sleep(drainTimeoutMs, drained.signal).then(() => 'timed out'),
  ]);
  drained.abort();
  if (outcome === 'timed out' && logger !== undefined) {
    logger.warn(`${name} still had work in hand when it was stopped`, { drainTimeoutMs });
  }
}
