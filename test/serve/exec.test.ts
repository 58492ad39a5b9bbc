import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { execa } from 'execa';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCommand } from '../../src/serve/run-command.ts';
import { repositoryRoot, startEvtgen, type RunningCommand } from '../helpers/exec.ts';
import { eventually } from './local-server.ts';

const SECRET = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'evtgen-exec-'));
});

describe('serve --exec', () => {
  it('runs the command when it is ready, and ends with its exit code and no trace', async () => {
    const script = `
      const { EVTGEN_URL, EVTGEN_SECRET } = process.env;
      const { status } = await fetch(EVTGEN_URL + '/healthz');
      console.log(status, EVTGEN_SECRET);
      process.exitCode = 7;`;
    const { stdout, stderr, status } = await start(`"${process.execPath}" check.mjs && true`, script).exit;
    expect({ stdout, status }).toEqual({ stdout: `200 ${SECRET}\n`, status: 7 });
    expect(stderr).toContain('evtgen serve is ready: http://127.0.0.1:');
    expect(readdirSync(cwd)).toEqual(['check.mjs']);
  });

  it('passes signals on, and says by its exit code which one ended the command', async () => {
    const running = start(
      `exec "${process.execPath}" check.mjs`,
      `process.on('SIGTERM', () => { console.log('told to end'); process.exit(3); });
      setInterval(() => undefined, 1000);
      console.log('running');`,
    );
    await running.waitForLine((line) => line === 'running');
    expect(await running.stop('SIGTERM')).toMatchObject({ stdout: 'running\ntold to end\n', status: 3 });

    expect(await start('kill -9 $$').exit).toMatchObject({ status: 137, signal: null });
    expect(await start('no-such-command-here').exit).toMatchObject({ status: 127 });
  });
});

// Windows tells a console by itself.
describe.skipIf(process.platform === 'win32')('a command whose shell dies of Ctrl-C first', () => {
  /** Its own end of the shell, as dash has it, while what it has started takes its time. */
  const command = `"${process.execPath}" check.mjs & while [ ! -e started ]; do sleep 0.02; done; echo $$ > shell; kill -INT $$`;
  const lingers = `
    import { existsSync, writeFileSync } from 'node:fs';
    process.on('SIGINT', () => undefined);
    const check = setInterval(() => {
      if (!existsSync('go')) return;
      clearInterval(check);
      writeFileSync('tidy', '');
    }, 10);
    writeFileSync('started', String(process.pid));`;

  it.each([true, false])('is over when all it has started is (on a terminal: %s)', async (isTerminal) => {
    writeFileSync(join(cwd, 'check.mjs'), lingers);
    let isOver = false;
    const running = runCommand(command, { cwd, env: {}, isTerminal }).finally(() => (isOver = true));
    await eventually(
      async () => pidIn('shell'),
      (pid) => pid > 0 && !isRunning(pid),
    );
    await setImmediate();
    expect(isOver).toBe(false);
    writeFileSync(join(cwd, 'go'), '');
    expect(await running).toBe(130);
    expect(readdirSync(cwd)).toContain('tidy');
  });

  it('is killed off a terminal when that takes too long', async () => {
    writeFileSync(join(cwd, 'check.mjs'), lingers);
    expect(await runCommand(command, { cwd, env: {}, isTerminal: false, graceMs: 50 })).toBe(130);
    await eventually(
      async () => isRunning(pidIn('started')),
      (isThere) => !isThere,
    );
    expect(readdirSync(cwd)).not.toContain('tidy');
  });
});

it('does in GitHub Actions what the README says', async () => {
  const readme = readFileSync(join(repositoryRoot, 'README.md'), 'utf8');
  const workflow = parse(blockOf(readme, 'yaml')) as {
    readonly jobs: { readonly test: { readonly steps: readonly { readonly run?: string }[] } };
  };
  const runs = workflow.jobs.test.steps.flatMap(({ run }) => run ?? []);
  expect(runs).toEqual(['npm ci', expect.stringContaining('--exec "npm test"')]);

  // What `npm ci` would have installed.
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(repositoryRoot, 'bin/evtgen.js'), join(cwd, 'node_modules/.bin/evtgen'));
  writeFileSync(join(cwd, 'package.json'), '{"private":true,"scripts":{"test":"node --test"}}');
  writeFileSync(join(cwd, 'webhooks.test.mjs'), blockOf(readme, 'js'));
  for (const run of runs.slice(1)) {
    const { exitCode, all } = await execa(run, { shell: true, cwd, all: true, reject: false });
    expect(all).toContain('a subscriber that fails once gets the order all the same');
    expect({ exitCode, all: exitCode === 0 ? '' : all }).toEqual({ exitCode: 0, all: '' });
  }
});

function start(command: string, script?: string): RunningCommand {
  if (script !== undefined) writeFileSync(join(cwd, 'check.mjs'), script);
  const flags = ['--port', '0', '--in-memory', '--secret', SECRET];
  return startEvtgen(['serve', ...flags, '--exec', command], { cwd });
}

/** 0 as long as nobody has written it. */
function pidIn(file: string): number {
  return existsSync(join(cwd, file)) ? Number(readFileSync(join(cwd, file), 'utf8')) : 0;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The text of the first code block in this language. */
function blockOf(readme: string, language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? '';
}
