#!/usr/bin/env node
// Scans a folder of checkouts and scores each against its truth file.
//   node test/bench/scan-corpus.mjs CHECKOUTS TRUTH_FOLDER
// CHECKOUTS holds one folder a repository, named OWNER+NAME as the truth files are. Needs a build (npm run build).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scanProject } from '../../dist/scan/scan.js';

const [checkouts, truths] = process.argv.slice(2);
if (checkouts === undefined || truths === undefined) {
  process.stderr.write('usage: node test/bench/scan-corpus.mjs CHECKOUTS TRUTH_FOLDER\n');
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'evtgen-corpus-'));
const rows = [];
const scans = [];
for (const file of readdirSync(truths).filter((name) => name.includes('+') && name.endsWith('.json'))) {
  const name = file.replace(/\.json$/, '');
  if (!existsSync(join(checkouts, name))) continue;
  const { project_root: root = '.' } = JSON.parse(readFileSync(join(truths, file), 'utf8'));
  const report = scanProject(join(checkouts, name, root));
  const scan = join(scratch, file);
  writeFileSync(scan, JSON.stringify(report));
  scans.push(`${name}=${scan}`);
  const score = run('score.mjs', [join(truths, file), scan, '--root', root]);
  const payloads = report.mutations.filter((mutation) => mutation.payload !== null).length;
  const { truth, found, exact, handler, precision, partial, wrong, unresolved } = score;
  const ms = report.stats.durationMs;
  rows.push({ name, truth, found, exact, handler, precision, partial, wrong, unresolved, payloads, ms });
}
for (const row of rows) print(row);
const { misses, ...naming } = run('score-naming.mjs', [join(truths, 'naming.json'), ...scans]);
print(naming);
for (const miss of misses) process.stdout.write(`${miss}\n`);
rmSync(scratch, { recursive: true });

function print(row) {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

function run(scorer, args) {
  return JSON.parse(execFileSync(process.execPath, [join(truths, scorer), ...args], { encoding: 'utf8' }));
}
