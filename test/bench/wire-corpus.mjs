#!/usr/bin/env node
// Wires copies of real repositories, and says what became of each mutation, and what the repository's own compiler,
// linter and formatter find after that they did not find before.
//   node test/bench/wire-corpus.mjs CHECKOUTS [NAME…] [--without-tools] [--edits FILE] [--seed N] [--keep]
// CHECKOUTS is as in generate-corpus.mjs; a repository that corpus.mjs does not know gives its shares only. The lines
// are those that `git diff -w` shows as added in the files that a call is put into, by handler that is wired there; the
// import and the injection of the emitter, which a file has once, are counted apart. --edits writes every edit to a
// file, in an order that the seed shuffles, to be read from the top.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commit,
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
  tell(
    'usage: node test/bench/wire-corpus.mjs CHECKOUTS [NAME…] [--without-tools] [--edits FILE] [--seed N] [--keep]',
  );
  process.exit(2);
}
const valueOf = (flag) => (rest.includes(flag) ? rest[rest.indexOf(flag) + 1] : undefined);
const [editsFile, seed = '1'] = [valueOf('--edits'), valueOf('--seed')];
const isWithoutTools = rest.includes('--without-tools');
const names = rest.filter(
  (argument, index) => !argument.startsWith('--') && !['--edits', '--seed'].includes(rest[index - 1]),
);
const corpus = openCorpus(checkouts);
const rows = [];
const edits = [];
const reasons = new Map();
/** Added lines by what they are; those that a file has once are no handler's. */
const ONCE = 'the import or injection, once a file';
const kinds = new Map();
for (const name of readdirSync(checkouts)) {
  const isWanted = names.length === 0 || names.some((part) => name.includes(part));
  if (!isWanted || !existsSync(join(checkouts, name, 'package.json'))) continue;
  const row = judge(name, REPOSITORIES[name] ?? {});
  if (row !== null) rows.push(row);
  if (!rest.includes('--keep')) rmSync(join(corpus.scratch, name), { recursive: true });
}
const columns = ['repository', 'mutations', 'joined', 'wrapped', 'not atomic', 'by hand'];
printTable([...columns, 'tsc', 'lint', 'formatter', 'lines', 'again'], [...rows, total(rows)]);
const places = rows.reduce((sum, { allLines }) => sum + allLines.length, 0);
for (const [kind, lines] of kinds)
  tell(`${(lines / Math.max(1, places)).toFixed(2)} lines a handler: ${kind}`);
for (const [reason, count] of [...reasons].toSorted(([, a], [, b]) => b - a))
  tell(`${count} by hand: ${reason}`);
if (editsFile !== undefined) writeFileSync(editsFile, shuffled(edits, Number(seed)).join('\n'));
if (rest.includes('--keep')) tell(`kept: ${corpus.scratch}`);
else rmSync(corpus.scratch, { recursive: true });
process.exitCode = rows.every(({ problems }) => problems.length === 0) ? 0 : 1;

function judge(name, { folder = '', ...known }) {
  const { types, lint, format } = isWithoutTools ? {} : known;
  const root = join(corpus.copyOf(name), folder);
  const problems = [];
  tell(name);
  const before = types === undefined ? [] : typeErrors(run(root, types));
  let report;
  for (const args of [['init'], ['scan', '--write'], ['generate', '--json']]) {
    const { status, stdout, stderr } = corpus.evtgen(root, args);
    if (status !== 0) {
      tell(`  not wired: evtgen ${args[0]}: ${stderr.split('\n').find((line) => line !== '') ?? status}`);
      return null;
    }
    report = args.includes('--json') ? JSON.parse(stdout) : null;
  }
  install(root, report.nextSteps);
  commit(root);
  const wired = wire(root, problems);
  if (wired === null) return null;
  const { changed, texts } = changesOf(root);
  for (const { reason } of wired.byHand) count(reasons, plain(reason));
  for (const one of wired.wired) edits.push(editOf(root, name, one));
  const linted = changed.filter((path) => /\.[cm]?[jt]sx?$/.test(path));
  const lintOf = () => lint.read(run(root, [...lint.command, ...linted]), root);
  const isBroken = (path) => spawnSync(process.execPath, ['--check', path], { cwd: root }).status !== 0;
  const isFormatted = () => run(root, [...format, ...changed]).status === 0;
  const isJudged = linted.length > 0;
  const after = {
    types: types === undefined ? [] : typeErrors(run(root, types)),
    lint: lint === undefined || !isJudged ? [] : lintOf(),
    isFormatted: format === undefined || !isJudged || isFormatted(),
  };
  const broken = changed.filter((path) => /\.[cm]?js$/.test(path)).filter(isBroken);
  const isAgainTheSame = wire(root, problems) !== null && changesOf(root).texts === texts;
  if (!isAgainTheSame) problems.push('a second run changes something');
  const lines = linesOf(root, wired.wired);
  execFileSync('git', ['checkout', '-q', '--', ...changed], { cwd: root });
  const fresh = {
    types: newIn(before, after.types),
    lint: lint === undefined || !isJudged ? [] : newIn(lintOf(), after.lint),
  };
  const isWorseFormatted = !after.isFormatted && isFormatted();
  problems.push(...fresh.types, ...fresh.lint, ...(isWorseFormatted ? ['the formatter complains'] : []));
  problems.push(...broken.map((path) => `${path}: node --check`));
  for (const problem of problems) tell(`  ${problem}`);
  const counts = (outcome) => wired.wired.filter((one) => one.outcome === outcome).length;
  return {
    repository: name.replace('+', '/'),
    mutations: wired.wired.length + wired.byHand.length + wired.notAtomic.length,
    joined: counts('joined'),
    wrapped: counts('wrapped'),
    'not atomic': wired.notAtomic.length,
    'by hand': wired.byHand.length,
    tsc: types === undefined ? '' : fresh.types.length,
    lint: lint === undefined ? '' : fresh.lint.length,
    formatter: format === undefined ? '' : isWorseFormatted ? 'complains' : 'nothing new',
    lines: median(lines),
    again: isAgainTheSame ? 'the same' : 'changes',
    allLines: lines,
    problems,
  };
}

function wire(root, problems) {
  const { status, stdout, stderr } = corpus.evtgen(root, [
    'generate',
    '--wire',
    '--yes',
    '--allow-dirty',
    '--json',
  ]);
  if (status === 0) return JSON.parse(stdout);
  problems.push(`generate --wire: ${stderr}`);
  tell(`  generate --wire: ${stderr}`);
  return null;
}

function changesOf(root) {
  const changed = git(root, ['diff', '--name-only', '--relative']).split('\n').filter(Boolean);
  return { changed, texts: changed.map((path) => readFileSync(join(root, path), 'utf8')).join('\0') };
}

/** For each wired handler, its part of the lines of its file. */
function linesOf(root, wired) {
  const files = new Map();
  for (const { file } of wired) files.set(file, (files.get(file) ?? 0) + 1);
  return [...files].flatMap(([file, handlers]) => {
    const diff = git(root, ['diff', '-w', '-U0', '--relative', '--', file]).split(/^@@.*$/m);
    const added = diff.slice(1).flatMap((hunk) => hunk.split('\n').filter((line) => line.startsWith('+')));
    const own = added.map((line) => kindOf(line.slice(1).trim()));
    for (const kind of own) count(kinds, kind);
    const lines = own.filter((kind) => kind !== ONCE).length;
    return Array.from({ length: handlers }, () => lines / handlers);
  });
}

function kindOf(line) {
  if (/^import\b|= require\(|\bevents: Events\b|^constructor\(|^$/.test(line)) return ONCE;
  if (/(?:\$?transaction|transactional|begin|execute|\w*[tT]ransaction\w*)\(.*=> \{$/.test(line))
    return 'the transaction opens';
  if (/\.emit\(/.test(line)) return 'the call';
  if (/^(?:subject|data)\b/.test(line)) return 'the call, where it takes several lines';
  if (/^return\b/.test(line)) return 'the row is handed out';
  if (/^\}\)*;?$/.test(line)) return 'something closes';
  return 'the write, and the rest';
}

function median(lines) {
  if (lines.length === 0) return '';
  return lines.toSorted((a, b) => a - b)[Math.floor(lines.length / 2)].toFixed(1);
}

function total(all) {
  const sum = (column) => all.reduce((before, row) => before + Number(row[column] || 0), 0);
  const sums = Object.fromEntries(columns.slice(1).map((column) => [column, sum(column)]));
  const lines = median(all.flatMap(({ allLines }) => allLines));
  return { repository: 'all', ...sums, tsc: sum('tsc'), lint: sum('lint'), formatter: '', lines, again: '' };
}

/** The hunks of a file that hold the call. */
function editOf(root, name, { mutation, outcome, file, line, reason }) {
  const { event } = JSON.parse(readFileSync(join(root, 'events/catalog.json'), 'utf8')).mutations[mutation];
  const [, ...hunks] = git(root, ['diff', '-U14', '--relative', '--', file]).split(/^(?=@@)/m);
  const own = hunks.filter((hunk) => new RegExp(`^\\+.*['"]${event}['"]`, 'm').test(hunk));
  return `### ${name} ${mutation} ${event} ${outcome} ${file}:${line} (${reason})\n${own.join('')}`;
}

function git(root, args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** A reason without what is only of one place. */
function plain(reason) {
  return reason
    .replaceAll(/`[^`]*`|"[^"]*"/g, '…')
    .replaceAll(/[\w./@[\]()-]+:\d+/g, '…')
    .replaceAll(/(?:…(?:, | or )?)+/g, '… ')
    .replace(/(would not compile).*/, '$1')
    .replace(/(handler also serves).*/, '$1')
    .trim();
}

function count(counts, key) {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** By a generator of Lehmer's, so that a seed gives one order everywhere. */
function shuffled(items, start) {
  const result = [...items];
  let state = (start * 48_271) % 2_147_483_647;
  for (let index = result.length - 1; index > 0; index -= 1) {
    state = (state * 48_271) % 2_147_483_647;
    const other = state % (index + 1);
    [result[index], result[other]] = [result[other], result[index]];
  }
  return result;
}
