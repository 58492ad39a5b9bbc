#!/usr/bin/env node
// Generates into copies of real repositories, and says what their own compiler, linter and formatter find after that
// they did not find before, and whether the tests that came with the code pass.
//   node test/bench/generate-corpus.mjs CHECKOUTS [NAME…] [--keep]
// CHECKOUTS holds one folder a repository, named OWNER+NAME, with its dependencies installed. It is not changed: a copy
// borrows its node_modules. What the emitted code imports beside them comes from evtgen's own. The command line that
// is run is that of the packed package. --keep leaves the copies where they are, and names them.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ESLINT = { command: ['eslint', '-f', 'json'], read: eslintFindings };
// SQL is among what is written.
const PRETTIER = ['prettier', '--check', '--ignore-unknown'];
const TSC = ['tsc', '--noEmit', '--pretty', 'false'];

/** What each team runs, by its package.json; the formatter goes over the written files alone. */
const REPOSITORIES = {
  'brocoders+nestjs-boilerplate': {
    types: TSC,
    lint: with_(ESLINT, '{src,apps,libs,test}/**/*.ts'),
    format: PRETTIER,
  },
  'fastify+demo': { types: TSC, lint: with_(ESLINT, '--ignore-pattern=dist') },
  'gothinkster+node-express-realworld-example-app': {
    types: [...TSC, '-p', 'tsconfig.app.json'],
    lint: with_(ESLINT, '.'),
    format: PRETTIER,
  },
  'outline+outline': {
    types: TSC,
    lint: {
      command: ['oxlint', '--format=unix', 'app', 'server', 'shared', 'plugins'],
      read: lineFindings(/^(.+?):\d+:\d+: (.*)$/),
    },
    format: ['oxfmt', '--check'],
  },
  'screwdriver-cd+screwdriver': {
    lint: with_(ESLINT, '.'),
    format: PRETTIER,
  },
  'umami-software+umami': {
    types: TSC,
    lint: {
      command: ['biome', 'lint', '--max-diagnostics=none', '--reporter=github', '.'],
      read: lineFindings(/^::(?:error|warning) title=(\S+?),file=(.+?),line=.*?::(.*)$/),
    },
    // Assists are what puts imports in order.
    format: ['biome', 'check', '--linter-enabled=false'],
  },
  'w3cj+hono-open-api-starter': { types: TSC, lint: with_(ESLINT, '.') },
};

const evtgenRoot = fileURLToPath(new URL('../../', import.meta.url));
const [checkouts, ...rest] = process.argv.slice(2);
if (checkouts === undefined) {
  process.stderr.write('usage: node test/bench/generate-corpus.mjs CHECKOUTS [NAME…] [--keep]\n');
  process.exit(2);
}
const isKept = rest.includes('--keep');
const names = rest.filter((argument) => !argument.startsWith('--'));
const scratch = mkdtempSync(join(tmpdir(), 'evtgen-corpus-'));
const bin = packed();
const rows = [];
for (const [name, tools] of Object.entries(REPOSITORIES)) {
  const isWanted = names.length === 0 || names.some((part) => name.includes(part));
  if (!isWanted || !existsSync(join(checkouts, name))) continue;
  rows.push(judge(name, tools));
}
const columns = ['repository', 'files', 'tsc', 'lint', 'formatter', 'again', 'tests'];
process.stdout.write(`| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}\n`);
for (const row of rows) process.stdout.write(`| ${columns.map((column) => row[column]).join(' | ')} |\n`);
if (isKept) process.stderr.write(`kept: ${scratch}\n`);
else rmSync(scratch, { recursive: true });
const isClean = rows.every(({ problems }) => problems.length === 0);
process.exitCode = isClean ? 0 : 1;

function judge(name, { types, lint, format }) {
  const root = copyOf(name);
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
    lint: lint.read(run(root, lint.command), root),
  });
  tell(`${name}: before`);
  const before = findings();
  tell(`${name}: init, scan, generate`);
  for (const args of [['init'], ['scan', '--write']]) evtgen(root, args);
  const report = JSON.parse(evtgen(root, ['generate', '--json']));
  const written = report.changes.filter(({ kind }) => kind !== 'keep').map(({ path }) => path);
  const contract = execFileSync('git', ['status', '--porcelain', '-uall'], { cwd: root, encoding: 'utf8' });
  const all = new Set([...written, ...contract.split('\n').map((line) => line.slice(3))].filter(Boolean));
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

/** The package as npm would publish it, unpacked where it finds its dependencies. */
function packed() {
  const output = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch], {
    cwd: evtgenRoot,
    encoding: 'utf8',
  });
  const [{ filename }] = JSON.parse(output);
  execFileSync('tar', ['-xzf', join(scratch, filename), '-C', scratch]);
  symlinkSync(join(evtgenRoot, 'node_modules'), join(scratch, 'package/node_modules'));
  return join(scratch, 'package/bin/evtgen.js');
}

/** A repository of git with its sources in one commit. */
function copyOf(name) {
  const [from, root] = [join(checkouts, name), join(scratch, name)];
  cpSync(from, root, {
    recursive: true,
    filter: (path) => !/(?:^|\/)(?:node_modules|\.git)$/.test(relative(from, path)),
  });
  borrow(join(from, 'node_modules'), join(root, 'node_modules'));
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    [
      '-c',
      'user.name=evtgen',
      '-c',
      'user.email=evtgen@example.com',
      'commit',
      '-qm',
      'as it is',
      '--no-verify',
    ],
  ])
    execFileSync('git', args, { cwd: root });
  return root;
}

function borrow(from, to) {
  for (const entry of readdirSync(from)) {
    if (/^\.(?:cache|vite)/.test(entry)) continue;
    // Folders that something is added to.
    if (entry.startsWith('@') || entry === '.bin') {
      mkdirSync(join(to, entry), { recursive: true });
      for (const inner of readdirSync(join(from, entry)))
        symlinkSync(join(from, entry, inner), join(to, entry, inner));
    } else {
      mkdirSync(to, { recursive: true });
      symlinkSync(join(from, entry), join(to, entry));
    }
  }
}

/** Does what the first of the next steps says, from what evtgen itself depends on. */
function install(root, steps) {
  const step = steps.find((text) => text.startsWith('Install ')) ?? '';
  const file = join(root, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  for (const [, name] of step.matchAll(/ ((?:@[\w-]+\/)?[\w.-]+)(?:@\d+)?(?= |$)/g)) {
    const from = join(evtgenRoot, 'node_modules', name);
    const to = join(root, 'node_modules', name);
    manifest.dependencies = { ...manifest.dependencies, [name]: '*' };
    if (!existsSync(from) || existsSync(to)) continue;
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(from, to);
    const { bin = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    for (const [command, program] of Object.entries(typeof bin === 'string' ? { [name]: bin } : bin)) {
      const link = join(root, 'node_modules/.bin', command);
      if (!existsSync(link)) symlinkSync(join(from, program), link);
    }
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

function evtgen(root, args) {
  const result = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: 'utf8', env: bareEnv() });
  if (result.status !== 0)
    throw new Error(`evtgen ${args.join(' ')} in ${root}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

function run(root, [command, ...args]) {
  const path = join(root, 'node_modules/.bin', command);
  const { stdout, stderr, status } = spawnSync(path, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...bareEnv(), NODE_OPTIONS: '--max-old-space-size=4096' },
    maxBuffer: 1 << 28,
  });
  return { stdout, stderr, status };
}

function bareEnv() {
  return { PATH: process.env.PATH, HOME: scratch, NO_COLOR: '1', CI: '1' };
}

function typeErrors({ stdout }) {
  return [...stdout.matchAll(/^(\S.*?)\(\d+,\d+\): (error TS\d+: .*)$/gm)].map(
    ([, file, message]) => `${file}: ${message}`,
  );
}

function eslintFindings({ stdout, stderr }, root) {
  if (!stdout.startsWith('[')) throw new Error(`eslint: ${stderr}${stdout}`);
  return JSON.parse(stdout).flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => `${relative(root, filePath)}: ${ruleId}: ${message}`),
  );
}

function lineFindings(pattern) {
  return ({ stdout }) =>
    stdout.split('\n').flatMap((line) => {
      const parts = pattern.exec(line);
      return parts === null ? [] : [parts.slice(1).join(': ')];
    });
}

function formatted(root, command, files, problems) {
  const present = files.filter((file) => existsSync(join(root, file)));
  const { status, stdout, stderr } = run(root, [...command, ...present]);
  if (status !== 0) problems.push(`formatter: ${stdout}${stderr}`);
  return status === 0 ? 'nothing to say' : 'complains';
}

function again(root, problems) {
  const result = spawnSync(process.execPath, [bin, 'generate', '--check'], {
    cwd: root,
    encoding: 'utf8',
    env: bareEnv(),
  });
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

function newIn(before, after) {
  const left = new Map();
  for (const line of before) left.set(line, (left.get(line) ?? 0) + 1);
  return after.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

function with_({ command, read }, ...args) {
  return { command: [...command, ...args], read };
}

function tell(text) {
  process.stderr.write(`${text}\n`);
}
