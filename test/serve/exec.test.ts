import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repositoryRoot, startEvtgen, type RunningCommand } from '../helpers/exec.ts';

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

/** The text of the first code block in this language. */
function blockOf(readme: string, language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? '';
}
