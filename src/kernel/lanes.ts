import type { Clock } from './ports.ts';

/** An endpoint is slow when it takes so many times as long as the fastest one, and longer than a blink. */
const SLOW_FACTOR = 4;
const BLINK_MS = 25;
/** One that has not answered at all for this long hangs. A process that was busy for a moment sees no answers either. */
const HANG_MS = 100;
/** How often a full endpoint that is waited for is judged again. */
const JUDGE_EVERY_MS = 50;
/** How long an endpoint that has answered counts among those that could be delayed. */
const ACTIVE_MS = 1_000;
/** Share of the latest attempt in the average. */
const WEIGHT = 0.2;
const MAX_LANES = 10_000;

/** What one endpoint has in hand. */
export interface Lane {
  /**
   * True when there is room for one more attempt, at once or after a wait that delays nobody. Asked for one lane at
   * a time: whoever waits for this one takes nothing for another.
   */
  hasRoom(stop: AbortSignal): Promise<boolean>;
  began(): void;
  /** The attempt takes long; nothing more goes in until it has ended. */
  stalled(): void;
  ended(durationMs: number, wasStalled: boolean): void;
}

interface LaneState extends Lane {
  isIdle(): boolean;
  /** Average of the attempts that ended, while it is active. */
  pace(): number | undefined;
}

/**
 * The windows of the endpoints, by subscription. One that is full is waited for, because a row in the database costs
 * more than the wait, unless it is slow: its deliveries are put off then, so that it delays nobody who is faster.
 * What is slow is measured by the fastest, since a busy process or network makes all of them look slow.
 */
export function createLanes(width: number, clock: Clock): (id: string) => Lane {
  const lanes = new Map<string, LaneState>();
  let fastest: number | undefined;
  let judgedAt = Number.NEGATIVE_INFINITY;
  let wakeUp: (() => void) | undefined;
  let isTicking = false;

  /** One timer for many waits: most of them end long before it, and each has its price on the way to a receiver. */
  async function tick(): Promise<void> {
    isTicking = true;
    await clock.sleep(JUDGE_EVERY_MS);
    isTicking = false;
    if (wakeUp !== undefined) wakeUp();
  }

  function moveOrTick(): Promise<void> {
    return new Promise((resolve) => {
      wakeUp = resolve;
      if (isTicking === false) void tick();
    });
  }

  /** Undefined while nobody has answered: then there is nobody to delay. */
  function fastestPace(): number | undefined {
    if (clock.monotonic() - judgedAt < JUDGE_EVERY_MS) return fastest;
    judgedAt = clock.monotonic();
    fastest = undefined;
    for (const lane of lanes.values()) {
      const pace = lane.pace();
      if (pace !== undefined && (fastest === undefined || pace < fastest)) fastest = pace;
    }
    return fastest;
  }

  function createLane(): LaneState {
    let running = 0;
    let stalled = 0;
    let average: number | undefined;
    let lastMoveAt = clock.monotonic();

    const isOpen = (): boolean => running < width && stalled === 0;
    const sinceLastMove = (): number => clock.monotonic() - lastMoveAt;

    function isSlow(): boolean {
      const other = fastestPace();
      if (other === undefined) return false;
      const limitMs = SLOW_FACTOR * other;
      return (average ?? 0) > Math.max(BLINK_MS, limitMs) || sinceLastMove() > Math.max(HANG_MS, limitMs);
    }

    return {
      async hasRoom(stop): Promise<boolean> {
        while (isOpen() === false) {
          if (stalled > 0 || stop.aborted || isSlow()) return false;
          await moveOrTick();
        }
        return true;
      },

      began(): void {
        if (running === 0) lastMoveAt = clock.monotonic();
        running += 1;
      },

      stalled(): void {
        stalled += 1;
      },

      ended(durationMs, wasStalled): void {
        running -= 1;
        if (wasStalled) stalled -= 1;
        average = average === undefined ? durationMs : average + WEIGHT * (durationMs - average);
        lastMoveAt = clock.monotonic();
        if (wakeUp !== undefined) wakeUp();
      },

      isIdle: () => running === 0,
      pace: () => (sinceLastMove() <= ACTIVE_MS ? average : undefined),
    };
  }

  return (id) => {
    const known = lanes.get(id);
    if (known !== undefined) return known;
    if (lanes.size >= MAX_LANES) {
      for (const [key, lane] of lanes) if (lane.isIdle()) lanes.delete(key);
    }
    const lane = createLane();
    lanes.set(id, lane);
    return lane;
  };
}
