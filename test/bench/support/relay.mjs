import { createPublisherReader } from '../../../dist/kernel/publish.js';
import { createSequencer } from '../../../dist/kernel/sequencer.js';
import { stderrLogger } from '../../../dist/kernel/stderr-logger.js';
import { createWakeUp } from '../../../dist/kernel/wake-up.js';
import { createWorker } from '../../../dist/kernel/worker.js';

/**
 * The sequencer and one publisher, as an application runs them.
 *
 * @param isTold false leaves other processes to polling
 */
export function createRelay(store, publisher, { isTold = true } = {}) {
  const logger = stderrLogger;
  const wakeUp = createWakeUp({ notifier: isTold ? store.notifier : undefined, logger });
  const worker = createWorker({
    logger,
    parts: [
      createSequencer({ ...wakeUp, store, logger }),
      createPublisherReader({ ...wakeUp, store, publisher, logger }),
    ],
  });
  return {
    start: worker.start,
    /** What `emit` calls. */
    onEmitted: wakeUp.outboxSignal.notify,
    async stop() {
      await worker.stop();
      await wakeUp.close();
    },
  };
}

/** A publisher that hands each batch to `take` and confirms at once. */
export function publisherTo(take) {
  return {
    name: 'bench',
    publish: async (events) => take(events),
    close: async () => {},
  };
}

/**
 * Resolves once `add` has been called with `total` in sum.
 *
 * @param warmUp after this many of them `onWarm` is called
 */
export function createCountdown(total, { warmUp = 0, onWarm = () => {} } = {}) {
  let done = 0;
  let finish;
  const isDone = new Promise((resolve) => (finish = resolve));
  return {
    isDone,
    add(count) {
      if (done < warmUp && done + count >= warmUp) onWarm();
      done += count;
      if (done >= total) finish();
    },
  };
}
