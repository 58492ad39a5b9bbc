#!/usr/bin/env node
// Generates into copies of real repositories, and says what their own compiler, linter and formatter find after that
// they did not find before, and whether the tests that came with the code pass.
//   node test/bench/generate-corpus.mjs CHECKOUTS [NAME…] [--keep]
// CHECKOUTS holds one folder a repository, named OWNER+NAME, with its dependencies installed. It is not changed: a copy
// borrows its node_modules. What the emitted code imports beside them comes from evtgen's own. The command line that
// is run is that of the packed package. --keep leaves the copies where they are, and names them.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  bareEnv,
  install,
  newIn,
  openCorpus,
  printTable,
  REPOSITORIES,
  run,
  tell,
  typeErrors,
} from './corpus.mjs';

const [checkouts, ...rest] = process.argv.slice(2);
if (checkouts === undefined) {
  process.stderr.write('usage: node test/bench/generate-corpus.mjs CHECKOUTS [NAME…] [--keep]\n');
  process.exit(2);
}
const isKept = rest.includes('--keep');
const names = rest.filter((argument) => !argument.startsWith('--'));
const corpus = openCorpus(checkouts);
const rows = [];
for (const [name, tools] of Object.entries(REPOSITORIES)) {
  const isWanted = names.length === 0 || names.some((part) => name.includes(part));
  if (!isWanted || !existsSync(join(checkouts, name))) continue;
  rows.push(judge(name, tools));
}
const columns = ['repository', 'files', 'tsc', 'lint', 'formatter', 'again', 'tests'];
printTable(columns, rows);
if (isKept) process.stderr.write(`kept: ${corpus.scratch}\n`);
else rmSync(corpus.scratch, { recursive: true });
const isClean = rows.every(({ problems }) => problems.length === 0);
process.exitCode = isClean ? 0 : 1;

function judge(name, { folder = '', types, lint, format }) {
  const root = join(corpus.copyOf(name), folder);
  const problems = [];
  const check = (what, before, after) => {
    const fresh = newIn(before, after);
    const files = new Map();
    for (const line of fresh) {
      const [, file, rest] = /^(.*?): (.*)$/.exec(line) ?? ['', line, ''];
      files.set(rest, [...(files.get(rest) ?? []), file]);
    }
    for (const [rest, [first, ...others]] of files) {
      problems.push(`${what}: ${first}${others.length > 0 ? ` and ${others.length} more` : ''}: ${rest}`);
    }
    return `${fresh.length} new of ${after.length}`;
  };
  const findings = () => ({
    types: types === undefined ? [] : typeErrors(run(root, types)),
    lint: lint.read(run(root, [...lint.command, ...lint.paths]), root),
  });
  tell(`${name}: before`);
  const before = findings();
  tell(`${name}: init, scan, generate`);
  for (const args of [['init'], ['scan', '--write']]) evtgen(root, args);
  const report = JSON.parse(evtgen(root, ['generate', '--json']));
  const written = report.changes.filter(({ kind }) => kind !== 'keep').map(({ path }) => path);
  const pathOf = (line) => relative(folder, line.slice(3));
  const contract = execFileSync('git', ['status', '--porcelain', '-uall'], { cwd: root, encoding: 'utf8' });
  const all = new Set([...written, ...contract.split('\n').map(pathOf)].filter(Boolean));
  for (const warning of report.warnings) problems.push(`warning: ${warning}`);
  install(root, report.nextSteps);
  tell(`${name}: after`);
  const after = findings();
  const row = {
    repository: name.replace('+', '/'),
    files: all.size,
    tsc: types === undefined ? 'JavaScript' : check('tsc', before.types, after.types),
    lint: check('lint', before.lint, after.lint),
    formatter: format === undefined ? 'by lint' : formatted(root, format, [...all], problems),
    again: again(root, problems),
    tests: tests(root, report.nextSteps, problems),
    problems,
  };
  for (const problem of problems) process.stderr.write(`  ${problem}\n`);
  return row;
}

function evtgen(root, args) {
  const result = corpus.evtgen(root, args);
  if (result.status !== 0)
    throw new Error(`evtgen ${args.join(' ')} in ${root}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

function formatted(root, command, files, problems) {
  const present = files.filter((file) => existsSync(join(root, file)));
  const { status, stdout, stderr } = run(root, [...command, ...present]);
  if (status !== 0) problems.push(`formatter: ${stdout}${stderr}`);
  return status === 0 ? 'nothing to say' : 'complains';
}

function again(root, problems) {
  const result = corpus.evtgen(root, ['generate', '--check']);
  if (result.status !== 0) problems.push(`generate --check: ${result.stdout}${result.stderr}`);
  return result.status === 0 ? '0 bytes' : 'drift';
}

/** By the command that the next steps end with. */
function tests(root, steps, problems) {
  const command = steps.find((step) => step.startsWith('Run the tests'))?.split('\n')[1];
  if (command === undefined) return 'none';
  // Not every package manager is there to run it.
  const { status, stdout, stderr } = spawnSync(command.replace(/^(?:pnpm exec|yarn|bunx) /, 'npx '), {
    cwd: root,
    shell: true,
    encoding: 'utf8',
    env: bareEnv(),
    timeout: 600_000,
  });
  const output = `${stdout}${stderr}`;
  if (status !== 0) problems.push(`tests (${command}): ${output}`);
  const count = /Tests:?\s+(.*?passed)/.exec(output)?.[1] ?? 'no result';
  return status === 0 ? count : `failed (${count})`;
}
