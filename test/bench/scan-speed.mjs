#!/usr/bin/env node
/**
 * How long a scan takes, as multiples of what else reads the same project in the same run: `tsc --noEmit` and a parser
 * that parses every file. Whole processes, start included.
 *   node test/bench/scan-speed.mjs --checkout DIR [--rounds 5]
 * DIR is a project with its dependencies installed. Its cache is removed, and one file after the other gets a line
 * and loses it again.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../../dist/scan/cache-file.js';
import { findSourceFiles } from '../../dist/scan/files.js';
import { interleave, median, pairedRatio, printTable, ratioSpread } from './support/measure.mjs';

const MAX_PEAK_MB = 600;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const DRIVER = here('scan-driver.mjs');
const OXC = here('peers/oxc-parse.mjs');
const TSC = here('../../node_modules/typescript-5.9/bin/tsc');

export async function measureScan({ checkout, rounds = 5 }) {
  const root = resolve(checkout);
  const cache = cacheFolder(root);
  if (cache === null) throw new Error(`${root} has no node_modules: install its dependencies first`);
  const { files } = findSourceFiles(root, () => true);
  const clear = () => rmSync(cache, { recursive: true, force: true });
  const first = scan(root).report;
  process.stdout.write(
    `${files.length} files, ${first.parsed} parsed, ${first.mutations} mutations, ${first.payloads} with a payload\n\n`,
  );
  const peaks = [];
  let edits = 0;
  const variants = {
    'tsc --noEmit': () => timed([TSC, '--noEmit', '--incremental', 'false', '-p', root], { isFailing: true }),
    'oxc-parser, every file': () => timed([OXC], { input: files.join('\n') }),
    'scan, cold': () => {
      clear();
      const { ms, report } = scan(root);
      peaks.push(report.peakMb);
      return ms;
    },
    'scan, cold, without payloads': () => scan(root, '--no-payloads').ms,
    'scan again, one handler edited': () => {
      scan(root);
      const { handlerFiles } = first;
      const file = join(root, handlerFiles[Math.floor(((edits++ + 0.5) / rounds) * handlerFiles.length)]);
      const before = readFileSync(file);
      try {
        appendFileSync(file, '\n// edited\n');
        return scan(root).ms;
      } finally {
        writeFileSync(file, before);
      }
    },
  };
  const results = await interleave(Object.keys(variants), rounds, (name) => variants[name]());
  const [tsc, oxc, cold, bare, again] = Object.values(results);
  const row = (what, values, bases, bar) => {
    const ratio = pairedRatio(values, bases);
    return [what, ratio.toFixed(2), ratioSpread(values, bases), bar, ratio <= bar ? '' : '**missed**'];
  };
  const peak = median(peaks);
  printTable([
    ['what', 'ratio', 'middle half', 'bar', ''],
    row('scan ÷ tsc --noEmit', cold, tsc, 0.25),
    row('scan without payloads ÷ oxc-parser', bare, oxc, 1.5),
    row('scan again after one edit ÷ scan', again, cold, 0.3),
    ['peak MB of a scan', peak.toFixed(0), '', MAX_PEAK_MB, peak <= MAX_PEAK_MB ? '' : '**missed**'],
  ]);
}

function scan(root, ...flags) {
  const { ms, stdout } = run([DRIVER, root, ...flags], {});
  return { ms, report: JSON.parse(stdout) };
}

function timed(args, options) {
  return run(args, options).ms;
}

/** `isFailing`: the project may have type errors of its own, which take no less time to find. */
function run(args, { input, isFailing = false }) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--max-old-space-size=8192', ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (status !== 0 && !isFailing) throw new Error(`${args[0]} ended with ${status}: ${stderr}`);
  return { ms: performance.now() - start, stdout };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { checkout: { type: 'string' }, rounds: { type: 'string' } } });
  if (values.checkout === undefined) {
    process.stderr.write('usage: node test/bench/scan-speed.mjs --checkout DIR [--rounds 5]\n');
    process.exit(2);
  }
  await measureScan({ checkout: values.checkout, rounds: Number(values.rounds ?? 5) });
}
