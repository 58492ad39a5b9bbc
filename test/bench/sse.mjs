// Fan-out of the event stream beside plain `response.write` and better-sse: npm run build && node test/bench/sse.mjs
//   [connections=1000,5000] [rounds=5]       BENCH_PEERS: a folder where better-sse is installed (test/bench/peers)
// Needs a C compiler for the load client, which would otherwise be the slower side. Rounds are interleaved and ratios
// paired: the machine is never quiet. Above 1 is better than plain `response.write`, in rates as in CPU.
// single: from one event to its arrival at the last client; burst: events as fast as they come.
import { execFileSync, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const sizes = (process.argv[2] ?? '1000,5000').split(',').map(Number);
const rounds = Number(process.argv[3] ?? 5);
const peers = process.env.BENCH_PEERS ?? join(here, 'peers');
const KINDS = ['write', 'better-sse', 'evtgen'];
const MESSAGES = 200_000;

const work = mkdtempSync(join(tmpdir(), 'evtgen-bench-'));
const client = join(work, 'sse-client');
execFileSync('cc', ['-O2', '-o', client, join(here, 'sse-client.c')]);

/** One server of a kind with all its connections: rates in messages a second, CPU in microseconds a message. */
async function run(kind, connections) {
  const server = fork(join(here, 'sse-server.mjs'), [kind, peers], { execArgv: ['--expose-gc'] });
  const answer = () => new Promise((resolve) => server.once('message', resolve));
  const ask = (command, count) => {
    server.send({ command, count });
    return answer();
  };
  const { port } = await answer();
  const before = await ask('memory');
  const load = spawn(client, [String(port), String(connections)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: load.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  await line();
  const after = await ask('memory');

  /** Nanoseconds and CPU microseconds until every client has as many more events. */
  async function measure(command, count) {
    load.stdin.write(`${count * connections}\n`);
    await line();
    const { startedNs } = await ask(command, count);
    const [seen, lastNs] = (await line()).split(' ');
    if (Number(seen) !== count * connections) throw new Error(`${kind} lost events: ${seen}`);
    const { cpuUs } = await ask('cpu');
    return { ns: Number(BigInt(lastNs) - BigInt(startedNs)), cpuUs };
  }

  async function singles(count) {
    const all = [];
    for (let done = 0; done < count; done += 1) all.push(await measure('single', 1));
    return all;
  }

  const perMessage = (parts, count) => ({
    rate: (count * connections * 1e9) / sum(parts.map(({ ns }) => ns)),
    cpuUs: sum(parts.map(({ cpuUs }) => cpuUs)) / (count * connections),
  });

  const count = Math.round(MESSAGES / connections);
  await singles(Math.ceil(count / 4));
  const result = {
    single: perMessage(await singles(count), count),
    burst: perMessage([await measure('burst', count)], count),
    kilobytes: (after.bytes - before.bytes) / 1024 / connections,
  };
  load.stdin.end();
  server.disconnect();
  await new Promise((resolve) => server.once('exit', resolve));
  return result;
}

const sum = (values) => values.reduce((total, each) => total + each, 0);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const print = (text) => process.stdout.write(`${text}\n`);
const times = (value) => `${value.toFixed(2)} ×`;

try {
  for (const connections of sizes) {
    const results = Object.fromEntries(KINDS.map((kind) => [kind, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of round % 2 === 0 ? KINDS : KINDS.toReversed()) {
        results[kind].push(await run(kind, connections));
      }
    }
    print(`\n${connections} connections, ${rounds} rounds, ${MESSAGES} messages each`);
    print(
      '| server | single/s | to write | CPU µs | to write | burst/s | to write | CPU µs | to write | kB a connection |',
    );
    print('|---|---|---|---|---|---|---|---|---|---|');
    for (const kind of KINDS) {
      const own = results[kind];
      const cells = ['single', 'burst'].flatMap((mode) => [
        Math.round(median(own.map((result) => result[mode].rate))),
        times(median(own.map((result, round) => result[mode].rate / results.write[round][mode].rate))),
        median(own.map((result) => result[mode].cpuUs)).toFixed(2),
        times(median(own.map((result, round) => results.write[round][mode].cpuUs / result[mode].cpuUs))),
      ]);
      const kilobytes = median(own.map((result) => result.kilobytes)).toFixed(1);
      print(`| ${kind} | ${[...cells, kilobytes].join(' | ')} |`);
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
