/** A committed change, as the business tables tell it after the run. */
export interface CommittedChange {
  readonly subject: string;
  readonly eventType: string;
}

/** An event as a broker or a receiver logged it, in the order of arrival. */
export interface ObservedEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly subject: string;
  readonly position: number;
}

export interface Verdict {
  /** Committed, never observed. */
  readonly lost: readonly CommittedChange[];
  /** Observed, never committed. */
  readonly ghosts: readonly ObservedEvent[];
  /** First seen after an event of the same subject with a higher position. */
  readonly reordered: readonly ObservedEvent[];
  /** Observed again; allowed, counted. */
  readonly duplicates: number;
}

/** Holds what was observed against what was committed. Every change is expected to give exactly one event. */
export function judge(committed: readonly CommittedChange[], observed: readonly ObservedEvent[]): Verdict {
  const firsts = firstSightings(observed);
  const seen = new Set(firsts.map(keyOf));
  return {
    lost: committed.filter((change) => !seen.has(keyOf(change))),
    ghosts: unexpected(committed, firsts),
    reordered: outOfOrder(firsts),
    duplicates: observed.length - firsts.length,
  };
}

/** Each change accounts for one event. */
function unexpected(
  committed: readonly CommittedChange[],
  firsts: readonly ObservedEvent[],
): ObservedEvent[] {
  const open = new Set(committed.map(keyOf));
  return firsts.filter((event) => !open.delete(keyOf(event)));
}

function firstSightings(observed: readonly ObservedEvent[]): ObservedEvent[] {
  const ids = new Set<string>();
  return observed.filter((event) => {
    const isFirst = !ids.has(event.eventId);
    ids.add(event.eventId);
    return isFirst;
  });
}

function outOfOrder(firsts: readonly ObservedEvent[]): ObservedEvent[] {
  const highest = new Map<string, number>();
  return firsts.filter((event) => {
    const before = highest.get(event.subject) ?? 0;
    highest.set(event.subject, Math.max(before, event.position));
    return event.position < before;
  });
}

function keyOf({ eventType, subject }: CommittedChange): string {
  return `${eventType} ${subject}`;
}
