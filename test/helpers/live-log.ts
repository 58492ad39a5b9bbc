import type { LoggedEvent } from '../../src/kernel/event.ts';
import type { Clock } from '../../src/kernel/ports.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import type { Signal } from '../../src/kernel/signal.ts';
import { newEvent } from './events.ts';
import type { EventParts } from './events.ts';
import { createMemoryStore } from './memory-store.ts';
import type { MemoryStore } from './memory-store.ts';

export interface LiveLog {
  readonly store: MemoryStore;
  readonly logSignal: Signal;
  /** Appends events that have their positions at once, and wakes the readers. */
  append(count?: number, parts?: EventParts): void;
}

/** An event log in memory, for tests of what becomes of events on their way to a client. */
export function createLiveLog(clock?: Clock): LiveLog {
  const store = createMemoryStore(() => 0);
  const logSignal = createSignal(clock);
  return {
    store,
    logSignal,
    append(count = 1, parts = {}): void {
      for (let done = 0; done < count; done += 1) {
        const event: LoggedEvent = { ...newEvent(parts), position: store.events.length + 1 };
        store.events.push(event);
      }
      logSignal.notify();
    },
  };
}
