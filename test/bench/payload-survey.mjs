#!/usr/bin/env node
// How many kept mutations of each checkout get a payload schema, and a sample of them for reading by hand.
//   node test/bench/payload-survey.mjs CHECKOUTS [--truth FOLDER] [--only PART] [--sample N [--seed S] [--lines N]]
// CHECKOUTS holds one folder a repository, named OWNER+NAME; with --truth, `project_root` of its truth file says
// where in it the package to scan is. --only takes the repositories whose name contains PART; --lines prints as many
// lines of each sampled handler. Exits 1 when a schema has a keyword that a catalog refuses. Needs a build.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { schemaProblems } from '../../dist/catalog/json-schema.js';
import { scanProject } from '../../dist/scan/scan.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    truth: { type: 'string' },
    only: { type: 'string', default: '' },
    sample: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    lines: { type: 'string', default: '0' },
  },
});
const [checkouts] = positionals;
if (checkouts === undefined) {
  process.stderr.write(
    'usage: node test/bench/payload-survey.mjs CHECKOUTS [--truth FOLDER] [--sample N --seed S]\n',
  );
  process.exit(2);
}

const kept = [];
let refused = 0;
for (const name of readdirSync(checkouts).sort()) {
  const root = join(checkouts, name, projectRoot(name));
  if (!name.includes(flags.only) || !existsSync(join(root, 'package.json'))) continue;
  const report = scanProject(root);
  const mutations = report.mutations.filter((mutation) => mutation.kind === 'mutation');
  kept.push(...mutations.map((mutation) => ({ name, root, mutation })));
  row(name, mutations, existsSync(join(root, 'node_modules')), report.stats.durationMs);
  for (const { method, path, payload } of mutations) {
    const problems = payload === null ? [] : schemaProblems(payload);
    refused += problems.length;
    for (const problem of problems) print({ refused: `${method} ${path}`, ...problem });
  }
}
row(
  'all',
  kept.map(({ mutation }) => mutation),
);
for (const item of sampleOf(kept, Number(flags.sample), Number(flags.seed))) printForReading(item);
process.exitCode = refused > 0 ? 1 : 0;

function projectRoot(name) {
  const truth = flags.truth === undefined ? '' : join(flags.truth, `${name}.json`);
  return existsSync(truth) ? (JSON.parse(readFileSync(truth, 'utf8')).project_root ?? '.') : '.';
}

function row(name, mutations, installed, ms) {
  const count = (test) => mutations.filter(test).length;
  const withProperty = count(({ payload }) => propertyCount(payload) > 0);
  const sources = {};
  for (const { payloadSource } of mutations) sources[payloadSource] = (sources[payloadSource] ?? 0) + 1;
  const percent = mutations.length === 0 ? 0 : Math.round((1000 * withProperty) / mutations.length) / 10;
  const payload = count(({ payload }) => payload !== null);
  print({ name, installed, kept: mutations.length, payload, withProperty, percent, ...sources, ms });
}

function propertyCount(schema) {
  if (schema === null || schema === undefined) return 0;
  const own = Object.keys(schema.properties ?? {}).length;
  return own > 0 ? own : Math.max(propertyCount(schema.items), ...(schema.anyOf ?? []).map(propertyCount), 0);
}

/** The same seed gives the same sample of the same list. */
function sampleOf(items, size, seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const drawn = items.map((item) => ({ item, key: next() })).sort((a, b) => a.key - b.key);
  return drawn.slice(0, size).map(({ item }) => item);
}

function printForReading({ name, root, mutation }) {
  const { method, path, handler, payload, payloadSource, sensitive } = mutation;
  const place = handler ?? mutation;
  process.stdout.write(
    `\n## ${name} ${method} ${path}\n${place.file}:${place.line} ${handler?.name ?? ''}\n`,
  );
  process.stdout.write(`${payloadSource}: ${payload === null ? 'nothing' : shapeOf(payload, '')}\n`);
  if (sensitive.length > 0) process.stdout.write(`left out: ${sensitive.join(', ')}\n`);
  const lines = readFileSync(join(root, place.file), 'utf8').split('\n');
  const shown = lines.slice(place.line - 1, place.line - 1 + Number(flags.lines));
  for (const line of shown) process.stdout.write(`    | ${line}\n`);
}

/** A schema in the notation of TypeScript, which takes less room than JSON. */
function shapeOf(schema, indent) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join('|');
  if (schema.$ref !== undefined) return schema.$ref;
  if (schema.anyOf !== undefined) return schema.anyOf.map((option) => shapeOf(option, indent)).join(' | ');
  if (schema.items !== undefined) return `(${shapeOf(schema.items, indent)})[]`;
  if (schema.properties !== undefined) {
    const inner = `${indent}  `;
    const parts = Object.entries(schema.properties).map(([key, value]) => {
      const mark = schema.required?.includes(key) === true ? '' : '?';
      return `${key}${mark}: ${shapeOf(value, inner)}`;
    });
    if (schema.additionalProperties !== undefined) parts.push('…');
    const line = `{ ${parts.join(', ')} }`;
    return line.length < 100 ? line : `{\n${inner}${parts.join(`,\n${inner}`)} }`;
  }
  const type = [schema.type ?? 'anything'].flat().join('|');
  return schema.format === undefined ? type : `${type}(${schema.format})`;
}

function print(fields) {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}
