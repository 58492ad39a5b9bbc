/** Insert ids from `from` to `to`, both included. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/**
 * What a sequencer knows of the insert ids: up to `newest` all have their positions, but for the gaps. An id in a gap
 * belongs to a transaction that has not ended, or to one that was rolled back; only time tells.
 */
export interface InsertIds {
  newest(): number;
  /** Ascending. */
  gaps(): readonly Gap[];
  /** Up to here nothing can turn up any more. */
  settled(): number;
  /**
   * Who is writing to the events now. A gap is settled once everybody has ended who was writing when it was known
   * already: the ids in it had been given before, and whoever was given one holds the table's lock until the end.
   *
   * @param writers virtual transaction ids, as pg_locks has them
   */
  observe(writers: Iterable<string>): void;
  /**
   * The ids that a look found, which have their positions now.
   *
   * @param ids ascending
   * @param isComplete the look saw everything that was committed; settled gaps are forgotten then
   */
  stamped(ids: readonly number[], isComplete: boolean): void;
}

interface OpenGap extends Gap {
  /** Those who may still fill it; undefined before the first `observe`. */
  readonly writers: readonly string[] | undefined;
}

export function createInsertIds(newestKnown: number, knownGaps: readonly Gap[]): InsertIds {
  let newest = newestKnown;
  let gaps: OpenGap[] = knownGaps.map(({ from, to }) => ({ from, to, writers: undefined }));

  return {
    newest: () => newest,
    gaps: () => gaps,

    settled(): number {
      const [first] = gaps;
      return first === undefined ? newest : first.from - 1;
    },

    observe(writers): void {
      const now = [...writers];
      gaps = gaps.map((gap) => ({ ...gap, writers: remaining(gap.writers, now) }));
    },

    stamped(ids, isComplete): void {
      const open = isComplete
        ? gaps.filter(({ writers }) => writers === undefined || writers.length > 0)
        : gaps;
      gaps = [...without(open, ids), ...between(newest, ids)];
      newest = Math.max(newest, ids.at(-1) ?? 0);
    },
  };
}

function remaining(before: readonly string[] | undefined, now: readonly string[]): readonly string[] {
  if (before === undefined) return now;
  const known = new Set(before);
  // A transaction that is prepared goes on under another name; one of those that were not yet could be it.
  const mayBePrepared = before.some((writer) => isPrepared(writer) === false);
  return now.filter((writer) => known.has(writer) || (mayBePrepared && isPrepared(writer)));
}

function isPrepared(writer: string): boolean {
  return writer.startsWith('-1/');
}

/** The gaps less the ids, both ascending. */
function without(gaps: readonly OpenGap[], ids: readonly number[]): OpenGap[] {
  const result: OpenGap[] = [];
  let next = 0;
  for (const gap of gaps) {
    let { from } = gap;
    for (let id = ids[next]; id !== undefined && id <= gap.to; id = ids[next]) {
      if (id >= from) {
        if (id > from) result.push({ ...gap, from, to: id - 1 });
        from = id + 1;
      }
      next += 1;
    }
    if (from <= gap.to) result.push({ ...gap, from });
  }
  return result;
}

/** What the ids beyond `newest` leave out. */
function between(newest: number, ids: readonly number[]): OpenGap[] {
  const result: OpenGap[] = [];
  let last = newest;
  for (const id of ids) {
    if (id <= last) continue;
    if (id > last + 1) result.push({ from: last + 1, to: id - 1, writers: undefined });
    last = id;
  }
  return result;
}
