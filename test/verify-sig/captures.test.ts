import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sign } from '../../src/verify/index.ts';
import { evtgen } from '../helpers/exec.ts';
import { official } from './messages.ts';

/** Whole captures as tools and people leave them, through the command. */

const NOW = 1_614_265_330;
const PRETTY = JSON.stringify({ total: 4200, name: 'Zoë' }, null, 2);
const COMPACT = JSON.stringify({ total: 4200, name: 'Zoë' });
const LITERAL = "It's a Secret to Everybody";
const URL = 'https://shop.example/hooks?x=1';
let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'evtgen-captures-'));
  writeFileSync(join(cwd, 'body.json'), official.body);
});

describe('an HTTP message', () => {
  it.each<[string, string, string, string]>([
    ['whose line ends git made CRLF', PRETTY, PRETTY.replaceAll('\n', '\r\n'), 'body_line_ends'],
    ['that an editor formatted', COMPACT, PRETTY, 'body_reformatted'],
    ['to which an editor added a byte order mark', COMPACT, `\uFEFF${COMPACT}`, 'body_bom'],
    ['whose whole JSON is shorter than what was sent', '{"a":1.0}', '{"a":1}', 'signature_mismatch'],
    ['that was cut', PRETTY, PRETTY.slice(0, 20), 'body_truncated'],
  ])('%s', async (_what, sent, captured, code) => {
    const { results } = await check(raw(sent, captured));
    expect(results).toMatchObject([{ ok: false, code }]);
  });

  it('whose length was counted in characters is checked whole', async () => {
    const { results } = await check(raw(COMPACT, COMPACT, [`content-length: ${COMPACT.length}`]));
    expect(results).toMatchObject([
      { code: 'body_truncated', message: expect.stringContaining('that follow were signed') as string },
    ]);
  });

  it('may announce chunks that its recorder has put together', async () => {
    const { results } = await check(raw(COMPACT, COMPACT, ['transfer-encoding: chunked']));
    expect(results).toMatchObject([{ ok: true }]);
  });

  it('that came through two proxies has the URL that the first one saw', async () => {
    const headers = sign({ body: Buffer.from(COMPACT), secrets: [LITERAL], scheme: 'square', url: URL });
    const lines = [
      'x-forwarded-host: shop.example, inner',
      'x-forwarded-proto: https, http',
      'host: 10.0.0.7',
    ];
    const head = [...lines, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
    const request = `POST /hooks?x=1 HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${COMPACT}`;
    expect((await check(request, LITERAL)).results).toMatchObject([{ ok: true, scheme: 'square' }]);
  });

  it('that is a file of secrets is refused without showing one', async () => {
    for (const args of [
      ['--request', '-'],
      ['--payload', 'body.json', '--header', official.secret],
    ]) {
      const input = Buffer.from(`${official.secret}\n\n`);
      const run = await evtgen(['verify-sig', ...args, '--debug'], {
        cwd,
        input,
        env: { EVTGEN_SECRET: 'x' },
      });
      expect(run.status).toBe(2);
      expect(run.stdout + run.stderr).not.toContain(official.secret.slice(6));
    }
  });
});

describe('a JSON capture', () => {
  it('of Node has the path only, and the host in its headers', async () => {
    const headers = sign({ body: Buffer.from(COMPACT), secrets: [LITERAL], scheme: 'square', url: URL });
    const capture = { url: '/hooks?x=1', headers: { ...headers, host: 'shop.example' }, body: COMPACT };
    expect((await check(JSON.stringify(capture), LITERAL)).results).toMatchObject([{ ok: true }]);
    const { host: _host, ...without } = capture.headers;
    const unknown = JSON.stringify({ ...capture, headers: without });
    expect((await check(unknown, LITERAL)).results).toMatchObject([{ code: 'url_missing' }]);
  });
});

describe('an HTTP archive', () => {
  const signed = (body: string) =>
    sign({ body: Buffer.from(body), secrets: [official.secret], id: 'msg_1', timestamp: NOW });
  const entry = (headers: Record<string, string>, rest: object) => ({
    request: {
      method: 'POST',
      url: URL,
      headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
      ...rest,
    },
  });
  const archive = (...entries: object[]) => JSON.stringify({ log: { entries } });

  it('may have an empty body, and requests that are no webhooks', async () => {
    const login = entry({ accept: '*/*' }, { postData: { params: [{ name: 'user', value: 'ada' }] } });
    const { results } = await check(archive(login, entry(signed(''), { bodySize: 0 })));
    expect(results).toMatchObject([{ ok: true, bodyBytes: 0 }]);
  });

  it.each([
    ['capture_body_missing', { bodySize: 20 }],
    ['capture_body_parsed', { postData: { params: [{ name: 'a', value: 'b' }] } }],
  ])('without the bytes of a webhook is %s', async (code, rest) => {
    mkdirSync(join(cwd, code));
    writeFileSync(join(cwd, code, 'a.har'), archive(entry(signed('a=b'), rest)));
    const run = await evtgen(['verify-sig', '--request', code, '--json'], {
      cwd,
      env: { EVTGEN_SECRET: official.secret },
    });
    expect(JSON.parse(run.stdout)).toMatchObject({ results: [{ code }] });
    expect(run.status).toBe(2);
  });
});

describe('a folder', () => {
  it('is summed up also where it holds one capture, and named in reports that tools take', async () => {
    mkdirSync(join(cwd, 'one'));
    writeFileSync(join(cwd, 'one', 'a #1.http'), raw(COMPACT, PRETTY));
    const check = async (...flags: string[]) => {
      const env = { EVTGEN_SECRET: official.secret };
      return (await evtgen(['verify-sig', '--request', 'one', '--now', String(NOW), ...flags], { cwd, env }))
        .stdout;
    };
    expect(await check()).toMatch(/^one\/a #1\.http: (?:.*\n)*1 message: 0 good, 1 bad\n$/);
    const [run] = (JSON.parse(await check('--sarif')) as { runs: { results: object[] }[] }).runs;
    expect(run?.results).toMatchObject([
      { locations: [{ physicalLocation: { artifactLocation: { uri: 'one/a%20%231.http' } } }] },
    ]);
  });
});

describe('the environment', () => {
  it('may hold a secret with blanks in it, and several, one a line', async () => {
    const headers = sign({ body: Buffer.from(COMPACT), secrets: [LITERAL], scheme: 'github', id: 'x' });
    const capture = JSON.stringify({ headers, body: COMPACT });
    expect((await check(capture, LITERAL)).results).toMatchObject([{ ok: true, secretIndex: 0 }]);
    const several = `other\n\n${LITERAL}\n`;
    expect((await check(capture, several)).results).toMatchObject([{ ok: true, secretIndex: 1 }]);
  });
});

describe('evtgen sign for Twilio', () => {
  it('puts the hash of a body that is no form into the URL, and says so', async () => {
    const env = { EVTGEN_SECRET: LITERAL };
    const flags = ['sign', '--scheme', 'twilio', '--payload', 'body.json', '--url', URL];
    const url = `${URL}&bodySHA256=${createHash('sha256').update(official.body).digest('hex')}`;
    const made = await evtgen([...flags, '--http'], { cwd, env });
    expect(made.stdout).toMatch(/^POST \/hooks\?x=1&bodySHA256=/);
    expect((await check(made.stdout, LITERAL)).results).toMatchObject([{ ok: true, scheme: 'twilio' }]);
    const headers = await evtgen(flags, { cwd, env });
    expect(headers.stderr).toBe(`send it to ${url}\n`);
    expect(JSON.parse((await evtgen([...flags, '--json'], { cwd, env })).stdout)).toMatchObject({ url });
  });
});

/** A message over what was sent that holds what was captured. */
function raw(
  sent: string,
  captured: string,
  framing = [`content-length: ${Buffer.byteLength(sent)}`],
): string {
  const headers = sign({ body: Buffer.from(sent), secrets: [official.secret], id: 'msg_1', timestamp: NOW });
  const lines = ['POST / HTTP/1.1', 'host: shop.example', ...framing];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n${captured}`;
}

async function check(capture: string, secret: string = official.secret) {
  const run = await evtgen(['verify-sig', '--request', '-', '--json', '--now', String(NOW)], {
    cwd,
    env: { EVTGEN_SECRET: secret },
    input: Buffer.from(capture),
  });
  return JSON.parse(run.stdout) as { results: { code: string | null; message: string }[] };
}
