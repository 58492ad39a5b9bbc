import type { Clock } from './ports.ts';

/** An endpoint that answers faster than this may hold the reader up: it will not be for long. */
const FAST_MS = 25;
const PATIENCE_MS = 50;

/** What one endpoint has in hand. */
export interface Lane {
  /** True when there is room for one more attempt, at once or within a blink. */
  hasRoom(stop: AbortSignal): Promise<boolean>;
  began(): void;
  /** The attempt takes long; nothing more goes in until it has ended. */
  stalled(): void;
  ended(durationMs: number, wasStalled: boolean): void;
  isIdle(): boolean;
}

/**
 * The window of one endpoint. A fast one that is full is waited for, because a row in the database costs more
 * than the wait. A slow one is not: its deliveries are put off, so that it delays nobody else.
 */
function createLane(width: number, clock: Clock): Lane {
  let running = 0;
  let stalled = 0;
  // Unknown endpoints are given the benefit of the doubt, once.
  let isFast = true;
  let wakeUp: AbortController | undefined;

  const isOpen = (): boolean => running < width && stalled === 0;

  return {
    async hasRoom(stop): Promise<boolean> {
      if (isOpen()) return true;
      if (stalled > 0 || isFast === false || stop.aborted) return false;
      wakeUp = new AbortController();
      await clock.sleep(PATIENCE_MS, wakeUp.signal);
      wakeUp = undefined;
      isFast = isOpen();
      return isFast;
    },

    began(): void {
      running += 1;
    },

    stalled(): void {
      stalled += 1;
    },

    ended(durationMs, wasStalled): void {
      running -= 1;
      if (wasStalled) stalled -= 1;
      isFast = durationMs < FAST_MS;
      if (wakeUp !== undefined) wakeUp.abort();
    },

    isIdle: () => running === 0,
  };
}

/** Lanes by subscription; one that is idle is forgotten when room is needed. */
export function createLanes(width: number, clock: Clock): (id: string) => Lane {
  const lanes = new Map<string, Lane>();
  const maxLanes = 10_000;

  return (id) => {
    const known = lanes.get(id);
    if (known !== undefined) return known;
    if (lanes.size >= maxLanes) {
      for (const [key, lane] of lanes) if (lane.isIdle()) lanes.delete(key);
    }
    const lane = createLane(width, clock);
    lanes.set(id, lane);
    return lane;
  };
}
