/** What happened within one span of time. */
export interface TrafficSpan {
  readonly succeeded: number;
  readonly failed: number;
}

export interface Traffic {
  readonly spanMs: number;
  /** The oldest first, the last one still open. */
  readonly spans: readonly TrafficSpan[];
}

const SPAN_MS = 5000;
const SPANS = 60;

/** Counts attempts for the chart of the page. */
export function createTraffic(now: () => number = Date.now): {
  count(isSuccess: boolean): void;
  read(): Traffic;
} {
  const counted = new Map<number, { succeeded: number; failed: number }>();
  const current = (): number => Math.floor(now() / SPAN_MS);

  return {
    count(isSuccess) {
      const span = current();
      const counts = counted.get(span) ?? { succeeded: 0, failed: 0 };
      counts[isSuccess ? 'succeeded' : 'failed'] += 1;
      counted.set(span, counts);
      for (const old of counted.keys()) if (old <= span - SPANS) counted.delete(old);
    },
    read() {
      const last = current();
      const spans = Array.from({ length: SPANS }, (_, index) => {
        return counted.get(last - SPANS + 1 + index) ?? { succeeded: 0, failed: 0 };
      });
      return { spanMs: SPAN_MS, spans };
    },
  };
}
