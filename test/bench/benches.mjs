import { interleave, median, pairedRatio, printTable, ratioSpread } from './support/measure.mjs';
import { findNode22, runDriver } from './support/run-driver.mjs';

/** What `npm run bench -- --only NAME` runs. */
export const benches = {
  async emit({ rounds = 25 }) {
    const rows = [['concurrency', 'variant', 'per second', 'ratio', 'middle half']];
    for (const concurrency of [8, 32]) {
      const rates = await runDriver(process.execPath, 'emit-driver.mjs', [concurrency, rounds]);
      for (const [name, values] of Object.entries(rates)) {
        const base = rates[name.split(' with ')[0]];
        rows.push([concurrency, name, ...rateCells(values, base)]);
      }
    }
    printTable(rows);
  },

  relay: (options) =>
    compare('relay-driver.mjs', options, 30_000, [
      'delete loop, lean rows',
      'evtgen',
      'delete loop',
      'graphile-worker 0.18',
      'pg-boss 12',
    ]),

  redis: (options) =>
    compare('relay-driver.mjs', options, 30_000, [
      'delete loop with pipelined XADD',
      'evtgen to Redis Streams',
      'BullMQ',
    ]),
};

/** Runs variants of a driver on Node 22, interleaved; the first one is what the ratios refer to. */
async function compare(file, { rounds = 5, events }, defaultCount, names, env) {
  const node = findNode22();
  if (node === undefined) {
    process.stdout.write('left out: needs Node 22, see README.md\n\n');
    return;
  }
  const results = await interleave(names, rounds, (name) =>
    runDriver(node, file, [name, events ?? defaultCount], env),
  );
  const rate = (name) => results[name].map((result) => result.perSecond);
  printTable([
    ['variant', 'per second', 'ratio', 'middle half', 'processor time, µs each'],
    ...names.map((name) => [
      name,
      ...rateCells(rate(name), rate(names[0])),
      median(results[name].map((result) => result.processorUs)).toFixed(1),
    ]),
  ]);
}

function rateCells(values, bases) {
  return [
    median(values).toFixed(0),
    pairedRatio(values, bases).toFixed(2),
    values === bases ? '' : ratioSpread(values, bases),
  ];
}
