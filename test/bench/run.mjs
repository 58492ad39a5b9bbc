#!/usr/bin/env node
/**
 * Runs the benches, each variant beside what it is compared with; see README.md.
 *   node test/bench/run.mjs [--only emit,relay] [--rounds 5] [--events 30000] [--checkout DIR]
 */
import { parseArgs } from 'node:util';
import { benches } from './benches.mjs';
import { startServices } from './support/services.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    events: { type: 'string' },
    checkout: { type: 'string' },
  },
});
const names = values.only?.split(',') ?? Object.keys(benches);
const unknown = names.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `error: no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}\n`,
  );
  process.exit(2);
}
const numbers = Object.entries(values).filter(([name]) => name === 'rounds' || name === 'events');
const options = {
  ...Object.fromEntries(numbers.map(([name, text]) => [name, Number(text)])),
  checkout: values.checkout,
};
const services = await startServices();
process.on('SIGINT', () => void services.stop().then(() => process.exit(130)));
Object.assign(process.env, services.env);
try {
  for (const name of names) {
    process.stdout.write(`## ${name}\n\n`);
    await benches[name](options);
  }
} finally {
  await services.stop();
}
