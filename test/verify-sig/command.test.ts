import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
const WARNING = 'warning: --secret is visible in the process list; use --secret-file or EVTGEN_SECRET\n';
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
  mkdirSync(join(cwd, 'none'));
  mkdirSync(join(cwd, 'captures', 'deep'), { recursive: true });
  writeFileSync(join(cwd, 'captures', 'a-good.http'), rawRequest());
  writeFileSync(
    join(cwd, 'captures', 'b-changed.json'),
    JSON.stringify({
      receivedAt: '2021-02-25T15:02:11.000Z',
      headers: official.headers,
      body: '{"test":2432232314}',
    }),
  );
  writeFileSync(join(cwd, 'captures', 'deep', 'c-noise.http'), 'no message');
  writeFileSync(join(cwd, 'captures', 'deep', 'notes.txt'), 'not looked at');
  writeFileSync(join(cwd, 'captures', 'deep', 'd.har'), JSON.stringify(har()));
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
      stderr: WARNING,
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
    const run = await verifySig(['--request', 'good.http', ...NOW], {
      env: { EVTGEN_SECRET: rotation.newSecret },
    });
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
      stderr: WARNING,
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
            causes: [],
            fix: null,
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
    expect(bad).toMatchObject({ status: 1, stderr: WARNING });
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
    ['an empty secret', ['--secret', '', '--request', 'good.http'], 'the secret is empty'],
    ['a secret that is no base64', ['--secret', 'whsec_%%', '--request', 'good.http'], 'not standard base64'],
    ['a public key as secret', ['--secret', 'whpk_1SiA4o9h', '--request', 'good.http'], 'ed25519'],
    ['a missing file', ['--secret', official.secret, '--request', 'none.http'], 'none.http cannot be read'],
    [
      'a file that is no HTTP',
      ['--secret', official.secret, '--request', 'secrets'],
      'not a raw HTTP message',
    ],
    [
      'a header without colon',
      ['--secret', official.secret, '--payload', '-', '--header', 'x'],
      '--header: this is not a header',
    ],
    [
      'JSON that is no capture',
      ['--secret', official.secret, '--request', 'body.json'],
      'it has no "headers"',
    ],
    [
      'a folder without captures',
      ['--secret', official.secret, '--request', 'none'],
      'no .http, .har or .json',
    ],
    ['a scheme nobody knows', ['--request', 'good.http', '--scheme', 'acme'], 'there is no scheme "acme"'],
    [
      'parts without --scheme hmac',
      ['--request', 'good.http', '--signed', '{body}'],
      'go with --scheme hmac',
    ],
    ['hmac without a header', ['--request', 'good.http', '--scheme', 'hmac'], 'needs --signature-header'],
    ['two reports', ['--request', 'good.http', '--json', '--sarif'], '--json and --sarif exclude each other'],
    [
      'a secret without a name',
      ['--secret', 'x', '--endpoint', 'a', '--request', 'good.http'],
      'has no name',
    ],
    [
      'an endpoint without a secret',
      ['--secret', 'b=x', '--endpoint', 'a', '--request', 'good.http'],
      'no secret of "a"',
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
      ['secret.js'],
    );
  });
});

describe('a folder of captures', () => {
  const env = { EVTGEN_SECRET: official.secret };
  const check = (...flags: string[]) => verifySig(['--request', 'captures', ...flags], { env });

  it('is checked whole, each at the time of its capture, and summed up', async () => {
    const { stdout, stderr, status } = await check('--now', '1614265330');
    expect(status).toBe(1);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^captures\/a-good\.http: good signature: /),
      expect.stringMatching(
        /^captures\/b-changed\.json: bad signature: the body was parsed and written again/,
      ),
      '  code: body_reformatted',
      expect.stringMatching(/^captures\/deep\/c-noise\.http: not checked: /),
      '  code: http_message_malformed',
      expect.stringMatching(/^captures\/deep\/d\.har \(entry 2\): good signature: /),
      '4 messages: 2 good, 1 bad, 1 not checked',
      '',
    ]);
    expect(stderr).toMatch(/^hint: verify the bytes as they came/);
  });

  it('is judged by the time of each capture where there is one', async () => {
    const { results } = JSON.parse((await check('--json')).stdout) as { results: { nowSource: string }[] };
    expect(results.map(({ nowSource }) => nowSource)).toEqual(['clock', 'capture', undefined, 'capture']);
  });

  it('is annotated on GitHub', async () => {
    const { stdout } = await check('--github', ...NOW);
    expect(stdout.split('\n')[0]).toMatch(
      /^::error file=captures\/b-changed\.json,title=captures\/b-changed\.json%3A body_reformatted::the body was .*%0Averify the bytes/,
    );
  });

  it('gives SARIF and JUnit reports', async () => {
    const sarif = JSON.parse((await check('--sarif', ...NOW)).stdout);
    expect(sarif).toMatchObject({
      version: '2.1.0',
      runs: [
        { results: [{ ruleId: 'body_reformatted', level: 'error' }, { ruleId: 'http_message_malformed' }] },
      ],
    });
    const junit = await check('--junit', ...NOW);
    expect(junit.stdout).toContain('<testsuites tests="4" failures="1" errors="1">');
    expect(junit.stdout).toContain('<failure type="body_reformatted"');
    expect(junit.status).toBe(1);
  });

  it('has hints for the framework of the project, or the one that is named', async () => {
    expect((await check('--framework', 'fastify', ...NOW)).stderr).toContain('addContentTypeParser');
    writeFileSync(join(cwd, 'package.json'), '{"dependencies":{"koa":"3"}}');
    expect((await check(...NOW)).stderr).toContain('koa-bodyparser');
  });
});

describe('evtgen sign', () => {
  it.each([
    'standard',
    'svix',
    'stripe',
    'github',
    'slack',
    'shopify',
    'square',
    'convoy',
    'outpost',
    'hook0',
  ])('makes a message of %s that verify-sig takes', async (scheme) => {
    const env = {
      EVTGEN_SECRET: scheme === 'standard' || scheme === 'svix' ? official.secret : 'a-literal-one',
    };
    const flags = ['--payload', 'body.json', '--url', 'https://localhost/hooks?x=1'];
    const signed = await evtgen(['sign', '--scheme', scheme, '--http', ...flags], { cwd, env });
    expect(signed.status).toBe(0);
    const checked = await verifySig(['--request', '-'], { env, input: Buffer.from(signed.stdout) });
    expect(checked).toMatchObject({ status: 0, stdout: expect.stringContaining('good signature') });
  });

  it('prints the headers, or one JSON document', async () => {
    const env = { EVTGEN_SECRET: official.secret };
    const { 'webhook-id': id, 'webhook-timestamp': timestamp } = official.headers;
    const flags = ['--payload', 'body.json', '--id', id, '--timestamp', timestamp];
    const lines = (await evtgen(['sign', ...flags], { cwd, env })).stdout;
    expect(lines).toBe(
      Object.entries(official.headers)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
    );
    expect(JSON.parse((await evtgen(['sign', ...flags, '--json'], { cwd, env })).stdout)).toEqual({
      schemaVersion: 1,
      scheme: 'standard',
      headers: official.headers,
    });
  });

  it('signs with both secrets of a rotation, where the scheme can hold both', async () => {
    const both = ['--secret-file', 'secrets', '--payload', 'body.json'];
    const signed = await evtgen(['sign', ...both, '--http'], { cwd });
    for (const secret of [official.secret, rotation.newSecret]) {
      const checked = await verifySig(['--request', '-'], {
        env: { EVTGEN_SECRET: secret },
        input: Buffer.from(signed.stdout),
      });
      expect(checked.status).toBe(0);
    }
    const refused = await evtgen(['sign', ...both, '--scheme', 'github'], { cwd });
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('one signature only') });
  });

  it('refuses what cannot be signed', async () => {
    const env = { EVTGEN_SECRET: official.secret };
    const run = await evtgen(['sign', '--payload', 'body.json', '--id', 'a.b'], { cwd, env });
    expect(run).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('must not be empty or contain a dot'),
    });
  });
});

function har() {
  const entry = (headers: Record<string, string>, text: string) => ({
    startedDateTime: '2021-02-25T15:02:12.000Z',
    request: {
      method: 'POST',
      url: 'https://shop.example/hooks',
      headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
      postData: { mimeType: 'application/json', text },
    },
  });
  return {
    log: { entries: [entry({ accept: '*/*' }, '{}'), entry(official.headers, '{"test": 2432232314}')] },
  };
}

async function verifySig(args: readonly string[], options: Parameters<typeof evtgen>[1] = {}) {
  return evtgen(['verify-sig', ...args], { cwd, ...options });
}
