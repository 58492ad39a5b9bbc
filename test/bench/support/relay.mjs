import { createPublisherReader } from '../../../dist/kernel/publish.js';
import { createSequencer } from '../../../dist/kernel/sequencer.js';
import { createSignal } from '../../../dist/kernel/signal.js';
import { stderrLogger } from '../../../dist/kernel/stderr-logger.js';
import { createWorker } from '../../../dist/kernel/worker.js';

/** The sequencer and one publisher, as an application runs them. `wakeUp` is what `emit` calls. */
export function createRelay(store, publisher) {
  const [outboxSignal, logSignal] = [createSignal(), createSignal()];
  const logger = stderrLogger;
  const worker = createWorker({
    logger,
    parts: [
      createSequencer({ store, outboxSignal, logSignal, logger }),
      createPublisherReader({ store, publisher, logSignal, logger }),
    ],
  });
  return { ...worker, wakeUp: () => outboxSignal.notify() };
}

/** A publisher that hands each batch to `take` and confirms at once. */
export function publisherTo(take) {
  return {
    name: 'bench',
    publish: async (events) => take(events),
    close: async () => {},
  };
}

/** Resolves once `add` has been called with `total` in sum. */
export function createCountdown(total) {
  let rest = total;
  let finish;
  const isDone = new Promise((resolve) => (finish = resolve));
  return {
    isDone,
    add(count) {
      rest -= count;
      if (rest <= 0) finish();
    },
  };
}
