import type { Clock } from './ports.ts';
import type { Signal } from './signal.ts';

/** Wake-ups within this time become one message; by then the transaction that an event is part of has usually ended. */
const JOIN_MS = 5;
/** While they keep coming, each message stands for more of them. */
const JOIN_NEXT_MS = 20;
/** The one who waits asks for the generation at least this often: the sequencer looks every 100 ms. */
const PRESENCE_MS = 250;

export interface SharedSignalOptions {
  /** Wakes those who wait in this process. */
  readonly signal: Signal;
  /** Sends one message to the other processes; never rejects. */
  tell(): Promise<void>;
  /** Called whenever somebody begins to wait. */
  onWait(): void;
  /** Only one process at a time waits. While it is this one, there is nobody to tell. */
  readonly isForOne: boolean;
  readonly clock: Clock;
}

/** A signal whose `notify` reaches other processes too, a little later and joined. */
export interface SharedSignal extends Signal {
  /** Resolves when no message is under way; later ones are not sent. */
  close(): Promise<void>;
}

export function createSharedSignal(options: SharedSignalOptions): SharedSignal {
  const { signal, isForOne, clock } = options;
  const closed = new AbortController();
  let askedAt = Number.NEGATIVE_INFINITY;
  let isWanted = false;
  let telling: Promise<void> | undefined;

  async function tell(): Promise<void> {
    // One at a time: while the database is slow they must not queue up for its connections.
    for (let joinMs = JOIN_MS; isWanted; joinMs = JOIN_NEXT_MS) {
      await clock.sleep(joinMs, closed.signal);
      isWanted = false;
      if (closed.signal.aborted === false) await options.tell();
    }
    telling = undefined;
  }

  return {
    generation(): number {
      askedAt = clock.monotonic();
      return signal.generation();
    },

    notify(): void {
      signal.notify();
      if (closed.signal.aborted || (isForOne && clock.monotonic() - askedAt < PRESENCE_MS)) return;
      isWanted = true;
      telling ??= tell();
    },

    async wait(timeoutMs, abort, since): Promise<void> {
      askedAt = clock.monotonic();
      options.onWait();
      await signal.wait(timeoutMs, abort, since);
    },

    async close(): Promise<void> {
      closed.abort();
      await telling;
    },
  };
}
