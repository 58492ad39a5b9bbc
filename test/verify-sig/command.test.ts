import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { evtgen } from '../helpers/exec.ts';
import { official, rawRequest, rotation } from './messages.ts';

const NOW = ['--now', '1614265330'];
const headerFlags = Object.entries(official.headers).flatMap(([name, value]) => [
  '--header',
  `${name}: ${value}`,
]);
let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'evtgen-verify-'));
  writeFileSync(join(cwd, 'body.json'), official.body);
  writeFileSync(join(cwd, 'good.http'), rawRequest());
  writeFileSync(
    join(cwd, 'unsigned.http'),
    'POST / HTTP/1.1\r\nwebhook-id: a\r\nwebhook-timestamp: 1\r\n\r\n{}',
  );
  writeFileSync(join(cwd, 'secrets'), `${rotation.newSecret}\n${official.secret}\n`);
  writeFileSync(join(cwd, 'empty'), '\n');
});

describe('evtgen verify-sig', () => {
  it('checks headers and payload given one by one', async () => {
    const run = await verifySig([
      '--secret',
      official.secret,
      '--payload',
      'body.json',
      ...headerFlags,
      ...NOW,
    ]);
    expect(run).toEqual({
      stdout: 'good signature: msg_p5jXN8AQM9LWM0D4loKWxJek, signed now, matches secret 1 of 1\n',
      stderr: '',
      status: 0,
      signal: null,
    });
  });

  it('reads the payload or the request from stdin, and the secret from the environment', async () => {
    const env = { EVTGEN_SECRET: official.secret };
    const payload = await verifySig(['--payload', '-', ...headerFlags, ...NOW], {
      env,
      input: official.body,
    });
    const request = await verifySig(['--request', '-', ...NOW], { env, input: rawRequest() });
    expect([payload.status, request.status]).toEqual([0, 0]);
  });

  it('tries every secret of a file and of the flags', async () => {
    const run = await verifySig(
      ['--secret', rotation.oldSecret, '--secret-file', 'secrets', '--request', 'good.http'].concat(NOW),
    );
    expect(run).toMatchObject({ status: 0, stdout: expect.stringContaining('matches secret 3 of 3') });
  });

  it('checks the bytes as they are, also where they are no text', async () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0d, 0x0a]);
    const key = Buffer.from(official.secret.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update('msg_1.1614265330.').update(body).digest('base64');
    const flags = [
      'webhook-id: msg_1',
      'webhook-timestamp: 1614265330',
      `webhook-signature: v1,${signature}`,
    ];
    const run = await verifySig(
      ['--secret', official.secret, '--payload', '-', ...flags.flatMap((flag) => ['--header', flag]), ...NOW],
      { input: body },
    );
    expect(run.status).toBe(0);
  });

  it('exits 1 and names the cause of a bad signature', async () => {
    const run = await verifySig(['--secret', rotation.newSecret, '--request', 'good.http', ...NOW]);
    expect(run).toMatchObject({ status: 1, stderr: expect.stringMatching(/^hint: .*\n$/) });
    expect(run.stdout).toMatch(/^bad signature: no signature matches .*\ncode: signature_mismatch\n$/);
  });

  it('judges a recorded message by this clock unless told otherwise, and says so', async () => {
    const flags = ['--secret', official.secret, '--request', 'good.http'];
    const old = await verifySig(flags);
    expect(old).toMatchObject({ status: 1, stdout: expect.stringContaining('code: timestamp_too_old') });
    expect(old.stderr).toContain("this machine's clock");
    expect((await verifySig([...flags, '--now', '2021-02-25T15:07:10Z', '--tolerance', '5m'])).status).toBe(
      0,
    );
    expect((await verifySig([...flags, '--now', '2021-02-25T15:07:10Z', '--tolerance', '119s'])).status).toBe(
      1,
    );
  });

  it('prints one JSON document with --json, good or bad', async () => {
    const flags = ['--secret', official.secret, '--json', ...NOW];
    const good = await verifySig([...flags, '--request', 'good.http']);
    expect({ ...good, stdout: JSON.parse(good.stdout) }).toEqual({
      status: 0,
      signal: null,
      stderr: '',
      stdout: {
        schemaVersion: 1,
        ok: true,
        results: [
          {
            source: 'good.http',
            scheme: 'standard',
            ok: true,
            code: null,
            message: 'msg_p5jXN8AQM9LWM0D4loKWxJek, signed now, matches secret 1 of 1',
            header: null,
            id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
            timestamp: 1614265330,
            ageSeconds: 0,
            secretIndex: 0,
            bodyBytes: 20,
            now: '2021-02-25T15:02:10.000Z',
            nowSource: 'flag',
            toleranceSeconds: 300,
          },
        ],
      },
    });
    const bad = await verifySig([...flags, '--request', 'unsigned.http']);
    expect(bad).toMatchObject({ status: 1, stderr: '' });
    expect(JSON.parse(bad.stdout)).toMatchObject({
      ok: false,
      results: [{ code: 'header_missing', header: 'webhook-signature' }],
    });
  });

  it.each<[string, string[], string]>([
    ['no secret', ['--request', 'good.http'], 'error: no secret to check with\n'],
    [
      'a secret file without secrets',
      ['--secret-file', 'empty', '--request', 'good.http'],
      'empty holds no secret',
    ],
    ['an empty secret', ['--secret', '', '--request', 'good.http'], '--secret: the secret is empty'],
    ['a secret that is no base64', ['--secret', 'whsec_%%', '--request', 'good.http'], 'not standard base64'],
    ['a public key as secret', ['--secret', 'whpk_1SiA4o9h', '--request', 'good.http'], 'ed25519'],
    ['a missing file', ['--secret', official.secret, '--request', 'none.http'], 'none.http cannot be read'],
    [
      'a file that is no HTTP',
      ['--secret', official.secret, '--request', 'body.json'],
      'not a raw HTTP message',
    ],
    [
      'a header without colon',
      ['--secret', official.secret, '--payload', '-', '--header', 'x'],
      '"x" is not a header',
    ],
    ['nothing to check', ['--secret', official.secret], 'error: nothing to check\n'],
    [
      'both kinds of input',
      ['--secret', official.secret, '--request', '-', '--header', 'a: b'],
      '--request holds',
    ],
    ['two readers of stdin', ['--secret-file', '-', '--request', '-'], 'only one option can read stdin'],
    ['a tolerance of words', ['--request', 'good.http', '--tolerance', 'long'], "argument 'long' is invalid"],
    ['a clock of words', ['--request', 'good.http', '--now', 'yesterday'], "argument 'yesterday' is invalid"],
  ])('exits 2 on %s, with one line that says what and where', async (_case, args, reason) => {
    const run = await verifySig(args);
    expect(run).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(reason) });
    expect(run.stderr.split('\n').filter((line) => line.startsWith('error: '))).toHaveLength(1);
  });

  it('exits 2 on a malformed header, and says so in JSON too', async () => {
    const flags = ['--secret', official.secret, '--payload', 'body.json', '--json', ...NOW];
    const headers = ['webhook-id: a', 'webhook-timestamp: soon', 'webhook-signature: v1,x'];
    const run = await verifySig([...flags, ...headers.flatMap((header) => ['--header', header])]);
    expect(run.status).toBe(2);
    expect(JSON.parse(run.stdout).results).toMatchObject([
      { code: 'header_malformed', header: 'webhook-timestamp' },
    ]);
  });

  it('never prints a secret', async () => {
    const inputs = [
      ['--request', 'good.http', '--json', ...NOW],
      ['--request', 'unsigned.http'],
      ['--secret', 'whsec_not-a-secret', '--request', 'good.http', '--debug'],
    ];
    for (const args of inputs) {
      const { stdout, stderr } = await verifySig(['--secret', official.secret, ...args]);
      expect(stdout + stderr).not.toContain(official.secret.slice('whsec_'.length));
      expect(stdout + stderr).not.toContain('not-a-secret');
    }
  });

  it('loads no compiler, schema library, database or server', async () => {
    const coverage = mkdtempSync(join(tmpdir(), 'evtgen-coverage-'));
    const env = { NODE_V8_COVERAGE: coverage };
    await verifySig(['--secret', official.secret, '--request', 'good.http', ...NOW], { env });
    const [report] = readdirSync(coverage);
    const { result } = JSON.parse(readFileSync(join(coverage, report ?? ''), 'utf8')) as {
      result: { url: string }[];
    };
    const loaded = result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
    const packages = loaded.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
    expect([...new Set(packages)]).toEqual(['commander']);
    expect(loaded.filter((url) => url.includes('/dist/kernel/')).map((url) => url.split('/').at(-1))).toEqual(
      expect.arrayContaining(['secret.js', 'sign.js', 'verify.js']),
    );
  });
});

async function verifySig(args: readonly string[], options: Parameters<typeof evtgen>[1] = {}) {
  return evtgen(['verify-sig', ...args], { cwd, ...options });
}
