// Copies of real repositories, the packed evtgen run in them, and what their own tools say: shared by the scripts that
// judge what evtgen does to them.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
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
export const REPOSITORIES = {
  'brocoders+nestjs-boilerplate': {
    types: TSC,
    lint: { ...ESLINT, paths: ['{src,apps,libs,test}/**/*.ts'] },
    format: PRETTIER,
  },
  'fastify+demo': { types: TSC, lint: { ...ESLINT, paths: ['--ignore-pattern=dist'] } },
  'FlowFuse+flowfuse': { lint: { ...ESLINT, paths: ['forge'] } },
  'gothinkster+node-express-realworld-example-app': {
    types: [...TSC, '-p', 'tsconfig.app.json'],
    lint: { ...ESLINT, paths: ['.'] },
    format: PRETTIER,
  },
  'hedgedoc+hedgedoc': {
    folder: 'backend',
    types: TSC,
    lint: {
      command: ['oxlint', '--format=unix'],
      paths: ['src', 'test'],
      read: lineFindings(/^(.+?):\d+:\d+: (.*)$/),
    },
    format: ['oxfmt', '--check'],
  },
  'outline+outline': {
    types: TSC,
    lint: {
      command: ['oxlint', '--format=unix'],
      paths: ['app', 'server', 'shared', 'plugins'],
      read: lineFindings(/^(.+?):\d+:\d+: (.*)$/),
    },
    format: ['oxfmt', '--check'],
  },
  'screwdriver-cd+screwdriver': { lint: { ...ESLINT, paths: ['.'] }, format: PRETTIER },
  'umami-software+umami': {
    types: TSC,
    lint: {
      command: ['biome', 'lint', '--max-diagnostics=none', '--reporter=github'],
      paths: ['.'],
      read: lineFindings(/^::(?:error|warning) title=(\S+?),file=(.+?),line=.*?::(.*)$/),
    },
    // Assists are what puts imports in order.
    format: ['biome', 'check', '--linter-enabled=false'],
  },
  'w3cj+hono-open-api-starter': { types: TSC, lint: { ...ESLINT, paths: ['.'] } },
};

const evtgenRoot = fileURLToPath(new URL('../../', import.meta.url));

/** @param checkouts holds one folder a repository, named OWNER+NAME; none of them is changed */
export function openCorpus(checkouts) {
  const scratch = mkdtempSync(join(tmpdir(), 'evtgen-corpus-'));
  const bin = packed(scratch);
  return {
    scratch,
    copyOf: (name) => copyOf(join(checkouts, name), join(scratch, name)),
    evtgen: (root, args) =>
      spawnSync(process.execPath, [bin, ...args], {
        cwd: root,
        encoding: 'utf8',
        env: bareEnv(),
        maxBuffer: 1 << 28,
      }),
  };
}

/** The package as npm would publish it, unpacked where it finds its dependencies. */
function packed(scratch) {
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
function copyOf(from, root) {
  const installed = [];
  cpSync(from, root, {
    recursive: true,
    filter(path) {
      const inner = relative(from, path);
      if (/(?:^|\/)node_modules$/.test(inner)) installed.push(inner);
      return !/(?:^|\/)(?:node_modules|\.git)$/.test(inner);
    },
  });
  for (const folder of installed) borrow(join(from, folder), join(root, folder));
  execFileSync('git', ['init', '-q'], { cwd: root });
  commit(root);
  return root;
}

export function commit(root) {
  execFileSync('git', ['add', '-A'], { cwd: root });
  const author = ['-c', 'user.name=evtgen', '-c', 'user.email=evtgen@example.com'];
  execFileSync('git', [...author, 'commit', '-qm', 'as it is', '--no-verify'], { cwd: root });
}

function borrow(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from)) {
    if (/^\.(?:cache|vite)/.test(entry)) continue;
    // Folders that something is added to.
    if (entry.startsWith('@') || entry === '.bin') {
      mkdirSync(join(to, entry), { recursive: true });
      for (const inner of readdirSync(join(from, entry)))
        symlinkSync(join(from, entry, inner), join(to, entry, inner));
    } else symlinkSync(join(from, entry), join(to, entry));
  }
}

/** Does what the first of the next steps says, from what evtgen itself depends on. */
export function install(root, steps) {
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
      mkdirSync(dirname(link), { recursive: true });
      if (!existsSync(link)) symlinkSync(join(from, program), link);
    }
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** What is declared in a workspace is often installed at its root. */
export function run(root, [command, ...args]) {
  let folder = root;
  while (!existsSync(join(folder, 'node_modules/.bin', command)) && folder !== dirname(folder))
    folder = dirname(folder);
  const { stdout, stderr, status } = spawnSync(join(folder, 'node_modules/.bin', command), args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...bareEnv(), NODE_OPTIONS: '--max-old-space-size=4096' },
    maxBuffer: 1 << 28,
  });
  return { stdout, stderr, status };
}

export function bareEnv() {
  return { PATH: process.env.PATH, HOME: tmpdir(), NO_COLOR: '1', CI: '1' };
}

export function typeErrors({ stdout }) {
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

export function newIn(before, after) {
  const left = new Map();
  for (const line of before) left.set(line, (left.get(line) ?? 0) + 1);
  return after.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

export function printTable(columns, rows) {
  process.stdout.write(`| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}\n`);
  for (const row of rows) process.stdout.write(`| ${columns.map((column) => row[column]).join(' | ')} |\n`);
}

export function tell(text) {
  process.stderr.write(`${text}\n`);
}
