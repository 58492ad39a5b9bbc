import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evtgen, repositoryRoot, startEvtgen } from '../helpers/exec.ts';

const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
  version: string;
};
const commands = await commandNames();
const subcommands = await subcommandNames();

describe('help', () => {
  it('of evtgen lists every command', async () => {
    const { stdout, ...rest } = await evtgen(['--help']);
    expect(rest).toEqual({ stderr: '', status: 0, signal: null });
    await expect(stdout).toMatchFileSnapshot('output/help.txt');
  });

  it.each([...commands, ...subcommands])(
    'of %s explains its options and ends with three examples',
    async (name) => {
      const { stdout, ...rest } = await evtgen([...name.split(' '), '--help']);
      expect(rest).toEqual({ stderr: '', status: 0, signal: null });
      await expect(stdout).toMatchFileSnapshot(`output/help-${name.replaceAll(' ', '-')}.txt`);
      const examples = stdout.split('\nExamples:\n')[1] ?? '';
      expect(examples.match(/^ {2}\$ /gm)).toHaveLength(3);
    },
  );

  it('is the same as a command and as an option', async () => {
    expect(await evtgen(['help'])).toEqual(await evtgen(['--help']));
    expect(await evtgen(['help', 'scan'])).toEqual(await evtgen(['scan', '--help']));
  });

  it('loads nothing but the option parser', async () => {
    const coverage = mkdtempSync(join(tmpdir(), 'evtgen-coverage-'));
    await evtgen(['--help'], { env: { NODE_V8_COVERAGE: coverage } });
    const [report] = readdirSync(coverage);
    const { result } = JSON.parse(readFileSync(join(coverage, report ?? ''), 'utf8')) as {
      result: { url: string }[];
    };
    const loaded = result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
    const folders = loaded.map((url) => /node_modules\/([^/]+)|dist\/([^/]+)\/|([^/]+)$/.exec(url));
    const names = folders.map((match) => match?.[1] ?? match?.[2] ?? match?.[3]);
    expect([...new Set(names)].toSorted()).toEqual(['cli.js', 'commander', 'evtgen.js', 'ui']);
  });
});

describe('exit codes and streams', () => {
  it('prints the version', async () => {
    expect(await evtgen(['--version'])).toEqual({
      stdout: `${version}\n`,
      stderr: '',
      status: 0,
      signal: null,
    });
  });

  it('asks for a command with exit 2', async () => {
    expect(await evtgen([])).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('Usage: evtgen'),
      status: 2,
    });
  });

  it.each([
    ['an unknown command', ['scna'], "error: unknown command 'scna'"],
    ['an unknown option', ['--nope'], "error: unknown option '--nope'"],
    ['an unknown option of a command', ['scan', '--nope'], "error: unknown option '--nope'"],
    [
      'an option without its value',
      ['verify-sig', '--request'],
      "error: option '--request <file>' argument missing",
    ],
    ['one argument too many', ['scan', 'a', 'b'], 'error: too many arguments'],
  ])('exits 2 on %s, explaining on stderr', async (_case, args, reason) => {
    const run = await evtgen(args);
    expect(run).toMatchObject({ stdout: '', status: 2 });
    expect(run.stderr.startsWith(reason)).toBe(true);
  });

  it.each(commands)('%s prints no colour where NO_COLOR is set', async (name) => {
    const { stdout, stderr } = await evtgen([name, '--help']);
    expect(stdout + stderr).not.toContain('\u001b');
  });

  it('ends quietly when the reader of stdout goes away', async () => {
    const running = startEvtgen(['--help']);
    running.child.stdout.destroy();
    expect(await running.exit).toEqual({ stdout: '', stderr: '', status: 0, signal: null });
  });

  it('keeps the verdict when the reader of stdout goes away', async () => {
    const args = ['verify-sig', '--secret', `whsec_${'A'.repeat(43)}=`, '--payload', '-', '--header', 'a: b'];
    const running = startEvtgen(args, { input: '{}' });
    running.child.stdout.destroy();
    expect(await running.exit).toMatchObject({
      stderr: expect.not.stringMatching(/EPIPE|error:/),
      status: 1,
    });
  });
});

/** Read off the root help, so that a new command is held to the contract from its first day. */
async function commandNames(): Promise<string[]> {
  const { stdout } = await evtgen(['--help']);
  const list = stdout.split('Commands:\n')[1] ?? '';
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].flatMap(([, name]) =>
    name === undefined || name === 'help' ? [] : [name],
  );
}

/** Of `events <list|show|replay>`, as the root help writes them. */
async function subcommandNames(): Promise<string[]> {
  const { stdout } = await evtgen(['--help']);
  return [...stdout.matchAll(/^ {2}([a-z-]+) <([a-z|]+)>/gm)].flatMap(([, name, names = '']) =>
    names.split('|').map((each) => `${name} ${each}`),
  );
}
