import { growDatabase } from './grow.mjs';
import { interleave, median, pairedRatio, percentile, printTable, ratioSpread } from './support/measure.mjs';
import { compileSseClient, measureFanOut } from './sse.mjs';
import { measureScan } from './scan-speed.mjs';
import { measureServe } from './serve.mjs';
import { findNode22, runDriver } from './support/run-driver.mjs';

const RELAY = ['delete loop', 'delete loop, lean rows', 'evtgen', 'graphile-worker 0.18', 'pg-boss 12'];
const TO_REDIS = [
  'delete loop with pipelined XADD',
  'delete loop, lean rows, with pipelined XADD',
  'evtgen to Redis Streams',
  'BullMQ',
];
const STREAMS = ['response.write', 'better-sse', 'evtgen'];
const GROWTH = { events: 5_000_000, deliveries: 100_000 };

/** What `npm run bench -- --only NAME` runs. */
export const benches = {
  async startup() {
    await import('./startup.mjs');
  },

  serve: (options) => measureServe(options),

  async scan(options) {
    if (options.checkout === undefined) {
      process.stdout.write('left out: needs --checkout DIR, a project with its dependencies installed\n\n');
      return;
    }
    await measureScan(options);
  },

  async emit({ rounds = 25 }) {
    const rows = [['concurrency', 'variant', 'per second', 'ratio', 'middle half']];
    for (const concurrency of [8, 32]) {
      const rates = await runDriver(process.execPath, 'emit-driver.mjs', [concurrency, rounds]);
      for (const [name, values] of Object.entries(rates)) {
        rows.push([concurrency, name, ...rateCells(values, rates[name.split(' with ')[0]])]);
      }
    }
    printTable(rows);
  },

  relay: (options) => compare('relay-driver.mjs', RELAY, { events: 30_000, ...options }),

  redis: (options) => compare('relay-driver.mjs', TO_REDIS, { events: 30_000, ...options }),

  async latency({ rounds = 1, events = 200 }) {
    const names = ['in process', 'across processes, by polling', 'across processes, told by NOTIFY'];
    const results = await interleave(names, rounds, (name) =>
      runDriver(process.execPath, 'latency-driver.mjs', [name, events]),
    );
    printTable([
      ['variant', 'p50 ms', 'p99 ms'],
      ...names.map((name) => {
        const latencies = results[name].flat();
        return [name, percentile(latencies, 0.5).toFixed(1), percentile(latencies, 0.99).toFixed(1)];
      }),
    ]);
  },

  delivery: (options) =>
    compare(
      'delivery-driver.mjs',
      [
        'raw dispatch, no state',
        'evtgen by undici',
        'evtgen by node:http',
        'graphile-worker 0.18 with fetch',
        'graphile-worker 0.18 with dispatch',
        'pg-boss 12 with fetch',
        'pg-boss 12 with dispatch',
      ],
      { events: 30_000, ...options },
    ),

  async sse({ rounds = 5, events = 200_000 }) {
    const client = compileSseClient();
    if (client === undefined) {
      process.stdout.write('left out: needs a C compiler (cc)\n\n');
      return;
    }
    try {
      for (const connections of [1_000, 5_000]) {
        const results = await interleave(STREAMS, rounds, (name) =>
          measureFanOut(client, name, connections, events),
        );
        printTable(fanOutRows(connections, results));
      }
    } finally {
      client.remove();
    }
  },

  async growth({ rounds = 5, events }) {
    const drop = await growDatabase(GROWTH);
    const rows = [
      ['bench', 'new database, per second', 'grown database, per second', 'ratio', 'middle half'],
    ];
    try {
      for (const [name, measure] of Object.entries(growing(events, rounds))) {
        const { fresh, grown } = await interleave(['fresh', 'grown'], rounds, (which) =>
          measure(which === 'grown' ? { BENCH_GROWN: '1' } : {}),
        );
        rows.push([name, median(fresh).toFixed(0), ...rateCells(grown, fresh)]);
      }
    } finally {
      await drop();
    }
    printTable(rows);
  },
};

/** One run of each bench, on the database that the environment names; gives a rate. */
function growing(events, rounds) {
  const node = findNode22() ?? process.execPath;
  const rateOf = (file, name, count) => async (env) =>
    (await runDriver(node, file, [name, events ?? count], env)).perSecond;
  const emit = (concurrency, name) => async (env) =>
    median((await runDriver(node, 'emit-driver.mjs', [concurrency, rounds], env))[name]);
  return {
    'emit in a transaction, 8 at once': emit(8, 'a transaction with an event'),
    relay: rateOf('relay-driver.mjs', 'evtgen', 30_000),
    'relay to Redis Streams': rateOf('relay-driver.mjs', 'evtgen to Redis Streams', 30_000),
    'in process, 1 ÷ p50 of the latency in s': async (env) =>
      1000 / median(await runDriver(node, 'latency-driver.mjs', ['in process', 60], env)),
    'delivery by undici': rateOf('delivery-driver.mjs', 'evtgen by undici', 30_000),
  };
}

/** Runs variants of a driver on Node 22, interleaved; the first one is what the ratios refer to. */
async function compare(file, names, { rounds = 5, events }) {
  const node = findNode22();
  if (node === undefined) {
    process.stdout.write('left out: needs Node 22, see README.md\n\n');
    return;
  }
  const results = await interleave(names, rounds, (name) => runDriver(node, file, [name, events]));
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

/** Ratios to `response.write`, and in a row of its own the one to the peer. */
function fanOutRows(connections, results) {
  const rows = [
    [
      'connections',
      'events',
      'variant',
      'per second',
      'ratio',
      'middle half',
      'processor time, µs each',
      'kB a connection',
    ],
  ];
  for (const mode of ['single', 'burst']) {
    const rates = STREAMS.map((name) => results[name].map((result) => result[mode].perSecond));
    const [base, peer, own] = rates;
    for (const [index, name] of STREAMS.entries()) {
      rows.push([
        connections,
        mode,
        name,
        ...rateCells(rates[index], base),
        median(results[name].map((result) => result[mode].processorUs)).toFixed(2),
        median(results[name].map((result) => result.kilobytes)).toFixed(1),
      ]);
    }
    const [, ...ratio] = rateCells(own, peer);
    rows.push([connections, mode, 'evtgen ÷ better-sse', '', ...ratio, '', '']);
  }
  return rows;
}

function rateCells(values, bases) {
  return [
    median(values).toFixed(0),
    pairedRatio(values, bases).toFixed(2),
    values === bases ? '' : ratioSpread(values, bases),
  ];
}
