import { Webhook } from 'standardwebhooks';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecret, decodeSecret, SecretError } from '../../src/kernel/secret.ts';
import { sign, signatureHeaders } from '../../src/kernel/sign.ts';
import { verify } from '../../src/kernel/verify.ts';
import type { VerifyInput, VerifyResult } from '../../src/kernel/verify.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const OFFICIAL = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1614265330,
  body: bytes('{"test": 2432232314}'),
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const NEW_SECRET = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const OLD_SECRET = 'whsec_/+7dzLuqmYh3ZlVEMyIRAP/u3cy7qpmI';
const ENVELOPE = bytes(
  '{"eventId":"evt_01","eventType":"order.created","version":1,"timestamp":"2026-01-02T03:04:05.000Z","source":"/orders-api","data":{"id":"ord_1","total":4200}}',
);

function receive(headers: Record<string, string>, change: Partial<VerifyInput> = {}): VerifyResult {
  const nowSeconds = OFFICIAL.timestamp;
  return verify({ headers, body: OFFICIAL.body, secrets: [OFFICIAL.secret], nowSeconds, ...change });
}

const official = {
  'webhook-id': OFFICIAL.id,
  'webhook-timestamp': String(OFFICIAL.timestamp),
  'webhook-signature': OFFICIAL.signature,
};

describe('sign', () => {
  it('gives the official v1 signature', () => {
    expect(sign({ ...OFFICIAL, secrets: [OFFICIAL.secret] })).toBe(OFFICIAL.signature);
  });

  it('signs with every current secret during a rotation, separated by a space', () => {
    const secrets = [NEW_SECRET, OLD_SECRET];
    expect(sign({ id: 'evt_01', timestamp: 1767323045, body: ENVELOPE, secrets })).toBe(
      'v1,rH5ZM9N8JfBS8/Ho0AkwosLT6pRWXP8OnieHyLpDR5c= v1,m/XwkC0Ahpae+90i/S/PYGJvGUe4LUI7GTC/TTuJOoA=',
    );
  });

  it('signs bytes, not characters', () => {
    const secrets = [NEW_SECRET];
    const input = { timestamp: 1767323045, secrets };
    expect(sign({ ...input, id: 'msg_u', body: bytes('{"name":"Zoë ✓ 🚀"}') })).toBe(
      'v1,zf7KSnXGkenutmAAD422v2qQDf4lpZHhMa+Nz2lUJFA=',
    );
    expect(sign({ ...input, id: 'msg_e', body: bytes('') })).toBe(
      'v1,zpIl2xDhdbV4T3yeIdsW9XGYxMij7H4GyAHbrIFk5iE=',
    );
  });

  it.each([
    [{ id: 'a.b' }],
    [{ id: '' }],
    [{ timestamp: 1.5 }],
    [{ timestamp: -1 }],
    [{ timestamp: Number.NaN }],
    [{ secrets: [] }],
  ])('refuses %j', (change) => {
    expect(() => sign({ ...OFFICIAL, secrets: [OFFICIAL.secret], ...change })).toThrow(RangeError);
  });
});

describe('verify', () => {
  it('accepts the official vector, with and without the prefix of the secret', () => {
    expect(receive(official)).toEqual({
      ok: true,
      id: OFFICIAL.id,
      timestamp: OFFICIAL.timestamp,
      secretIndex: 0,
    });
    expect(receive(official, { secrets: [OFFICIAL.secret.slice('whsec_'.length)] }).ok).toBe(true);
  });

  it('reads a web Headers object and a record with names in any case', () => {
    expect(verify({ ...OFFICIAL, headers: new Headers(official), ...now() }).ok).toBe(true);
    const upper = Object.fromEntries(Object.entries(official).map(([k, v]) => [k.toUpperCase(), [v]]));
    expect(verify({ ...OFFICIAL, headers: upper, ...now() }).ok).toBe(true);
    function now(): Pick<VerifyInput, 'secrets' | 'nowSeconds'> {
      return { secrets: [OFFICIAL.secret], nowSeconds: OFFICIAL.timestamp };
    }
  });

  it.each([
    [{ toleranceSeconds: Number.NaN }, RangeError],
    [{ toleranceSeconds: -1 }, RangeError],
    [{ nowSeconds: Number.NaN }, RangeError],
    [{ secrets: [undefined as never] }, /not set/],
  ])('refuses %j: nothing is older than NaN, and JavaScript hands on what is not set', (change, error) => {
    expect(() => receive(official, change)).toThrow(error);
  });

  it.each(Object.keys(official))('names a missing %s', (name) => {
    const headers: Record<string, string> = { ...official };
    delete headers[name];
    expect(receive(headers)).toMatchObject({ ok: false, code: 'header_missing', header: name });
    expect(receive({ ...official, [name]: '  ' })).toMatchObject({ code: 'header_missing', header: name });
  });

  it.each(['1614265330abc', 'abc', '-1', '1.5', '01614265330', '+1614265330', '1e9', '9'.repeat(16)])(
    'refuses the timestamp %s even if it is signed as such',
    (timestamp) => {
      const result = receive({ ...official, 'webhook-timestamp': timestamp });
      expect(result).toMatchObject({ code: 'header_malformed', header: 'webhook-timestamp' });
    },
  );

  it.each([
    ['v1,', 'header_malformed'],
    [OFFICIAL.signature.slice(0, -8), 'header_malformed'],
    [OFFICIAL.signature.slice(3), 'header_malformed'],
    ['garbage', 'header_malformed'],
    [OFFICIAL.signature.replace('v1', 'v2'), 'unknown_version'],
    [OFFICIAL.signature.replace('v1', 'v1a'), 'unknown_version'],
    ['v1,TcxlhK9b6UD6iVI1ZU2tTqp8PEVfYRseNNfa6b+LcUg=', 'signature_mismatch'],
    ['v1,rTuMKFUiBNE7gJ41LZxwvD1dtGO0rPk1IamJN9BSq2w=', 'signature_mismatch'],
  ])('refuses the signature %s as %s', (signature, code) => {
    expect(receive({ ...official, 'webhook-signature': signature })).toMatchObject({ ok: false, code });
  });

  it('accepts a good signature among bad ones, other versions and other secrets', () => {
    const bad = `v1,${Buffer.alloc(32).toString('base64')}`;
    const list = `v2,zzz  ${bad} junk ${OFFICIAL.signature}`;
    const result = receive(
      { ...official, 'webhook-signature': list },
      { secrets: [NEW_SECRET, OFFICIAL.secret] },
    );
    expect(result).toMatchObject({ ok: true, secretIndex: 1 });
  });

  it('judges the clock only after the signature, 300 s in both directions', () => {
    expect(receive(official, { nowSeconds: OFFICIAL.timestamp + 300 }).ok).toBe(true);
    expect(receive(official, { nowSeconds: OFFICIAL.timestamp - 300 }).ok).toBe(true);
    const late = receive(official, { nowSeconds: OFFICIAL.timestamp + 301 });
    expect(late).toMatchObject({ code: 'timestamp_too_old', ageSeconds: 301 });
    const early = receive(official, { nowSeconds: OFFICIAL.timestamp - 301 });
    expect(early).toMatchObject({ code: 'timestamp_too_new', ageSeconds: -301 });
    const forged = receive(official, { nowSeconds: OFFICIAL.timestamp + 301, secrets: [NEW_SECRET] });
    expect(forged).toMatchObject({ code: 'signature_mismatch' });
  });

  it('refuses a changed body, id or timestamp, and an id that could hide a moved boundary', () => {
    expect(receive(official, { body: bytes('{"test":2432232314}') })).toMatchObject({
      code: 'signature_mismatch',
    });
    expect(receive({ ...official, 'webhook-id': 'msg_other' })).toMatchObject({ code: 'signature_mismatch' });
    expect(receive({ ...official, 'webhook-timestamp': '1614265331' })).toMatchObject({
      code: 'signature_mismatch',
    });
    expect(receive({ ...official, 'webhook-id': 'a.1' })).toMatchObject({ code: 'header_malformed' });
  });

  it('agrees with the standardwebhooks package in both directions', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.uuid(),
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        (text, id, key) => {
          const secret = `whsec_${Buffer.from(key).toString('base64')}`;
          const timestamp = Math.floor(Date.now() / 1000);
          const headers = signatureHeaders({ id, timestamp, body: bytes(text), secrets: [secret] });
          const oracle = new Webhook(secret);
          expect(oracle.sign(id, new Date(timestamp * 1000), text)).toBe(headers['webhook-signature']);
          const json = JSON.stringify({ text });
          const theirs = oracle.sign(id, new Date(timestamp * 1000), json);
          const received = { ...headers, 'webhook-signature': theirs };
          expect(verify({ headers: received, body: bytes(json), secrets: [secret] }).ok).toBe(true);
          const ours = signatureHeaders({ id, timestamp, body: bytes(json), secrets: [secret] });
          expect(oracle.verify(json, ours)).toEqual({ text });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('throws for secrets that cannot be used', () => {
    expect(() => receive(official, { secrets: [] })).toThrow(RangeError);
    expect(() => receive(official, { secrets: [OFFICIAL.secret, ''] })).toThrow(SecretError);
  });
});

describe('secrets', () => {
  it('are whsec_ and 32 random bytes', () => {
    expect(createSecret((size) => Uint8Array.from({ length: size }, (_, i) => i))).toBe(NEW_SECRET);
    expect(createSecret()).not.toBe(createSecret());
    expect(decodeSecret(createSecret())).toHaveLength(32);
  });

  it.each([
    ['', 'empty'],
    ['whsec_', 'empty'],
    ['whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=', 'asymmetric'],
    ['whsec__-7dzLuqmYh3ZlVEMyIRAP_u3cy7qpmI', 'not_base64'],
    ['whsec_plain text secret', 'not_base64'],
    [NEW_SECRET.replace('=', ''), 'not_base64'],
    [`${OLD_SECRET}\n`, 'not_base64'],
    [`whsec_${Buffer.alloc(23).toString('base64')}`, 'length'],
    [`whsec_${Buffer.alloc(65).toString('base64')}`, 'length'],
  ])('refuse %j as %s without printing it', (secret, problem) => {
    const error = catchError(() => decodeSecret(secret));
    expect(error).toMatchObject({ problem });
    expect(error.message).not.toContain(secret.slice(6) || 'whsec_');
  });
});

function catchError(action: () => unknown): SecretError {
  try {
    action();
  } catch (error) {
    if (error instanceof SecretError) return error;
    throw error;
  }
  throw new Error('no SecretError was thrown');
}
