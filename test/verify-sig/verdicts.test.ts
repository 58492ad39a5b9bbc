import { describe, expect, it } from 'vitest';
import { sign, verify, type SchemeName } from '../../src/verify/index.ts';
import type { Message } from '../../src/verify/message.ts';
import standard from '../../src/verify/schemes/standard.ts';
import { judge, type Evidence } from '../../src/verify/verdict.ts';
import { bytes, messageOf, official, rotation } from './messages.ts';

const NOW = 1_614_265_330;
const GOOD = official.headers['webhook-signature'];

describe('a good signature', () => {
  it('is the official vector of Standard Webhooks', () => {
    expect(judgeOfficial({})).toMatchObject({
      ok: true,
      code: null,
      secretIndex: 0,
      ageSeconds: 0,
      bodyBytes: 20,
    });
  });

  it('may be made with either of two secrets, by either of two signatures', () => {
    const evidence = {
      scheme: standard,
      message: messageOf(rotation.headers, rotation.body),
      nowSeconds: 1_767_323_045,
    };
    expect(judge({ ...evidence, secrets: [rotation.newSecret] })).toMatchObject({ ok: true, secretIndex: 0 });
    expect(judge({ ...evidence, secrets: [rotation.oldSecret] })).toMatchObject({ ok: true, secretIndex: 0 });
    const foreign = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    expect(judge({ ...evidence, secrets: [foreign, rotation.oldSecret] })).toMatchObject({ secretIndex: 1 });
  });

  it.each([-300, 300])('is good %d s from now, at the edge of the tolerance', (offset) => {
    expect(judgeOfficial({ nowSeconds: NOW + offset })).toMatchObject({ ok: true, ageSeconds: offset });
  });

  it.each([
    ['the secret has no prefix', { secrets: [official.secret.slice('whsec_'.length)] }],
    ['it stands among unknown versions', headers({ 'webhook-signature': `v2,abc ${GOOD} v1a,xyz` })],
    ['it stands among wrong ones', headers({ 'webhook-signature': `v1,${'A'.repeat(43)}= ${GOOD}` })],
  ])('is good where %s', (_case, change) => {
    expect(judgeOfficial(change).ok).toBe(true);
  });
});

describe('the clock', () => {
  it.each<[SchemeName, boolean]>([
    ['standard', false],
    ['convoy', false],
    ['hook0', false],
    ['stripe', true],
    ['slack', true],
  ])('of %s takes a time of the future as the own library of the provider does', (scheme, isTaken) => {
    const input = { body: official.body, secrets: [official.secret], scheme };
    const signed = sign({ ...input, id: 'msg_1', timestamp: NOW + 3600 });
    expect(verify({ ...input, headers: signed, nowSeconds: NOW }).ok).toBe(isTaken);
  });
});

describe('a bad signature', () => {
  it.each<[string, Change, string, string | null]>([
    ['no id', headers({ 'webhook-id': undefined }), 'header_missing', 'webhook-id'],
    ['no timestamp', headers({ 'webhook-timestamp': undefined }), 'header_missing', 'webhook-timestamp'],
    ['no signature', headers({ 'webhook-signature': undefined }), 'header_missing', 'webhook-signature'],
    [
      'an empty signature header',
      headers({ 'webhook-signature': '' }),
      'header_missing',
      'webhook-signature',
    ],
    [
      'a timestamp of words',
      headers({ 'webhook-timestamp': 'now' }),
      'header_malformed',
      'webhook-timestamp',
    ],
    [
      'a timestamp with a tail',
      headers({ 'webhook-timestamp': '1614265330abc' }),
      'header_malformed',
      'webhook-timestamp',
    ],
    ['a dot in the id', headers({ 'webhook-id': 'msg.1' }), 'header_malformed', 'webhook-id'],
    ['an empty v1', headers({ 'webhook-signature': 'v1,' }), 'header_malformed', 'webhook-signature'],
    [
      'a truncated signature',
      headers({ 'webhook-signature': GOOD.slice(0, -5) }),
      'header_malformed',
      'webhook-signature',
    ],
    [
      'the good value as v2 only',
      headers({ 'webhook-signature': GOOD.replace('v1', 'v2') }),
      'unknown_version',
      'webhook-signature',
    ],
    ['another body', { body: bytes('{"test":1}') }, 'signature_mismatch', null],
    ['another id', headers({ 'webhook-id': 'msg_other' }), 'signature_mismatch', null],
    ['another secret', { secrets: [rotation.newSecret] }, 'signature_mismatch', null],
    ['301 s of age', { nowSeconds: NOW + 301 }, 'timestamp_too_old', 'webhook-timestamp'],
    ['301 s in the future', { nowSeconds: NOW - 301 }, 'timestamp_too_new', 'webhook-timestamp'],
  ])('with %s', (_case, change, code, header) => {
    expect(judgeOfficial(change)).toMatchObject({ ok: false, code, header });
  });

  it('that nothing explains says nothing of the clock, but how far it is off', () => {
    const verdict = judgeOfficial({ nowSeconds: NOW + 9999, body: bytes('{}') });
    expect(verdict).toMatchObject({ code: 'signature_mismatch', ageSeconds: 9999, causes: [{}] });
  });

  it('that something explains says of the clock too', () => {
    const verdict = judgeOfficial({ nowSeconds: NOW + 9999, body: bytes('{"test":2432232314}') });
    expect(verdict.causes.map(({ code }) => code)).toEqual(['body_reformatted', 'timestamp_too_old']);
    expect(verdict.causes[1]?.message).toBe('the timestamp is 9999 s in the past; 300 s are allowed');
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const)('with %s twice', (name) => {
    const value = official.headers[name];
    const verdict = judge({
      scheme: standard,
      message: messageOf({ ...listed(official.headers), [name]: [value, value] }, official.body),
      secrets: [official.secret],
      nowSeconds: NOW,
    });
    expect(verdict).toMatchObject({ ok: false, code: 'header_duplicated', header: name });
  });
});

interface Change extends Partial<Pick<Evidence, 'secrets' | 'nowSeconds'>> {
  readonly headers?: Message['headers'];
  readonly body?: Uint8Array;
}

function judgeOfficial({ headers: changed, body = official.body, ...change }: Change) {
  return judge({
    scheme: standard,
    message: messageOf(changed ?? listed(official.headers), body),
    secrets: [official.secret],
    nowSeconds: NOW,
    ...change,
  });
}

function headers(change: Record<string, string | undefined>): Change {
  return { headers: listed({ ...official.headers, ...change }) };
}

function listed(record: Record<string, string | undefined>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]]])),
  );
}
