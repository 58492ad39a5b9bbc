/**
 * How long the light commands take from start to exit, as multiples of a bare `node -e 0` in the same run: median
 * of ten, interleaved, so that a busy machine slows all of them alike. Run it by `npm run bench -- --only startup`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROUNDS = 10;
const bin = fileURLToPath(new URL('../../bin/evtgen.js', import.meta.url));

const commands = {
  'node -e 0': ['-e', '0'],
  'evtgen --help': [bin, '--help'],
  'evtgen verify-sig --help': [bin, 'verify-sig', '--help'],
};

const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, args] of Object.entries(commands)) {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, args);
    if (status !== 0) throw new Error(`${name} ended with ${status}`);
    times[name].push(performance.now() - start);
  }
}

const bare = median(times['node -e 0']);
for (const [name, values] of Object.entries(times)) {
  const ms = median(values);
  process.stdout.write(`${name.padEnd(26)} ${ms.toFixed(0).padStart(4)} ms  ${(ms / bare).toFixed(2)} x\n`);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
