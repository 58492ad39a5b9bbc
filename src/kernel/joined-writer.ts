import { backoffMs } from './clock.ts';
import type { Clock } from './ports.ts';

const MAX_ITEMS_PER_WRITE = 500;
/** After a write it lets others gather, the longer the more it had: what a statement costs hardly depends on them. */
const GATHER_PER_ITEM_MS = 0.5;
const GATHER_MAX_MS = 20;
const BACKOFF_FIRST_MS = 50;
const BACKOFF_MAX_MS = 5_000;

export interface JoinedWriterOptions<Item> {
  write(items: readonly Item[]): Promise<void>;
  readonly clock: Clock;
  /** A write failed and is tried again. */
  onError(error: unknown): void;
  /** Once aborted, a write that fails is given up. */
  readonly stop: AbortSignal;
}

/**
 * Joins what comes while a write is under way into the next one, so that the database sees few statements under
 * load, and what comes alone is not delayed.
 */
export interface JoinedWriter<Item> {
  /** Resolves when the item is written: true, or false when that was given up. Never rejects. */
  add(item: Item): Promise<boolean>;
}

export function createJoinedWriter<Item>(options: JoinedWriterOptions<Item>): JoinedWriter<Item> {
  const { write, clock, onError, stop } = options;
  let waiting: { readonly item: Item; readonly done: (isWritten: boolean) => void }[] = [];
  let isWriting = false;
  let isGivenUp = false;

  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_ITEMS_PER_WRITE);
      waiting = waiting.slice(MAX_ITEMS_PER_WRITE);
      const items = batch.map((entry) => entry.item);
      const written = isGivenUp ? undefined : await persist(() => write(items), { clock, onError, stop });
      // Nor what came after it: an ordered subscription must not have a later row while an earlier one is missing.
      isGivenUp = written === undefined;
      for (const entry of batch) entry.done(isGivenUp === false);
      const isAlone = batch.length === 1;
      if (isAlone === false && waiting.length < MAX_ITEMS_PER_WRITE) {
        await clock.sleep(Math.min(batch.length * GATHER_PER_ITEM_MS, GATHER_MAX_MS), stop);
      }
    }
    isWriting = false;
  }

  return {
    add: (item) =>
      new Promise((done) => {
        waiting.push({ item, done });
        if (isWriting === false) void writeAll();
      }),
  };
}

export interface PersistOptions {
  readonly clock: Clock;
  onError(error: unknown): void;
  readonly stop: AbortSignal;
}

/**
 * Tries until it works: what happened outside must not be forgotten because the database is away for a while.
 * Undefined when `stop` was aborted and it still fails.
 */
export async function persist<T>(
  run: () => Promise<T>,
  options: PersistOptions,
): Promise<{ readonly value: T } | undefined> {
  const { clock, onError, stop } = options;
  for (let failures = 1; ; failures += 1) {
    try {
      return { value: await run() };
    } catch (error) {
      onError(error);
      if (stop.aborted) return undefined;
      await clock.sleep(backoffMs(failures, BACKOFF_FIRST_MS, BACKOFF_MAX_MS), stop);
    }
  }
}
