import { processorTime } from './measure.mjs';

/**
 * The frame of a driver, a process that measures one variant: runs the one named on the command line and prints what
 * it returns as one line of JSON. A variant sets up, calls `start`, works, calls `finish`, and cleans up.
 *
 * @param variants functions by name; each gets `{ count, start, finish }` and returns what `finish` gave
 */
export async function runDriver(variants) {
  const [name, count] = process.argv.slice(2);
  let startedAt;
  let processorAt;
  const result = await variants[name]({
    count: Number(count),
    start() {
      processorAt = processorTime();
      startedAt = performance.now();
    },
    finish(done) {
      const seconds = (performance.now() - startedAt) / 1000;
      return { perSecond: done / seconds, processorUs: (processorTime() - processorAt) / done };
    },
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
