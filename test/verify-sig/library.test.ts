import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verify as kernelVerify } from '../../src/kernel/verify.ts';
import { KeyError, sign, verify } from '../../src/verify/index.ts';
import { bytes, official } from './messages.ts';

const body = bytes('{"total":4200}');
const NOW = 1_767_323_045;

describe('evtgen/verify', () => {
  it('signs and verifies, with headers as a Headers, a record or a list', () => {
    const headers = sign({ body, secrets: ['s3cret'], scheme: 'stripe', timestamp: NOW });
    const input = { body, secrets: ['s3cret'], nowSeconds: NOW };
    expect(verify({ ...input, headers }).ok).toBe(true);
    expect(verify({ ...input, headers: new Headers(headers) })).toMatchObject({ ok: true, scheme: 'stripe' });
    const shouted = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]),
    );
    expect(verify({ ...input, headers: shouted }).ok).toBe(true);
    expect(verify({ ...input, headers: Object.entries(headers) }).ok).toBe(true);
  });

  it('says why it fails', () => {
    const headers = sign({ body, secrets: ['s3cret'], scheme: 'github', id: 'x' });
    const verdict = verify({ headers, body: bytes('{ "total": 4200 }'), secrets: ['s3cret'] });
    expect(verdict).toMatchObject({ ok: false, code: 'body_reformatted', causes: [{ header: null }] });
  });

  it('agrees with what the generated code verifies and signs', () => {
    const headers = sign({ body, secrets: [official.secret], id: 'msg_1', timestamp: NOW });
    const input = { headers, body, secrets: [official.secret], nowSeconds: NOW };
    expect([verify(input).ok, kernelVerify(input).ok]).toEqual([true, true]);
    expect([
      verify({ ...input, nowSeconds: NOW + 301 }).code,
      kernelVerify({ ...input, nowSeconds: NOW + 301 }),
    ]).toEqual(['timestamp_too_old', expect.objectContaining({ code: 'timestamp_too_old' })]);
  });

  it('takes the parts of a scheme of its own', () => {
    const scheme = {
      signatureHeader: 'x-sig',
      signaturePrefix: '',
      template: '{body}',
      timestampHeader: undefined,
      idHeader: undefined,
      algorithm: 'sha512',
      encoding: 'base64',
      keyEncoding: 'utf8',
    } as const;
    const headers = sign({ body, secrets: ['s3cret'], scheme });
    expect(verify({ headers, body, secrets: ['s3cret'], scheme }).ok).toBe(true);
  });

  it('signs the fields of a form for Twilio in the order of their names', () => {
    const url = 'https://shop.example/sms';
    const expected = createHmac('sha1', 's3cret').update(`${url}a1b2b3`).digest('base64');
    const form = { body: bytes('b=3&b=2&a=1&b=2'), secrets: ['s3cret'], scheme: 'twilio', url } as const;
    expect(sign(form)).toEqual({ 'x-twilio-signature': expected });
    expect(verify({ ...form, headers: sign(form) }).ok).toBe(true);
  });

  it('refuses to verify without a secret, or with one that cannot be used', () => {
    expect(() => verify({ headers: {}, body, secrets: [] })).toThrow(RangeError);
    const headers = sign({ body, secrets: [official.secret], id: 'msg_1' });
    expect(() => verify({ headers, body, secrets: ['whsec_%%'] })).toThrow(KeyError);
  });
});
