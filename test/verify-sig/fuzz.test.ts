import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvtgenError } from '../../src/ui/errors.ts';
import { parseCapture } from '../../src/verify/captures/read.ts';
import { schemes } from '../../src/verify/schemes/index.ts';
import { KeyError } from '../../src/verify/schemes/scheme.ts';
import { judge } from '../../src/verify/verdict.ts';
import { messageOf } from './messages.ts';

/** The whole run of 100,000 takes minutes: `EVTGEN_FUZZ_RUNS=100000`. */
const RUNS = Number(process.env['EVTGEN_FUZZ_RUNS'] ?? 3000);
const seed = Number(process.env['EVTGEN_TEST_SEED'] ?? Date.now() & 0x7fffffff);

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('v1,', 'v1a,', 't=1767323045', ',v1=', 'sha256=', 'v0=', '1767323045', ' ', ',', '='),
  fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString('hex')),
);
const value = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
const names = [
  ...new Set(schemes.flatMap(({ headers }) => headers)),
  'content-type',
  'content-encoding',
  'host',
];
const headers = fc.dictionary(fc.constantFrom(...names), fc.array(value, { minLength: 1, maxLength: 2 }), {
  maxKeys: 6,
});
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map((text) => Buffer.from(text)),
  fc.constant(Buffer.from([0x1f, 0x8b, 8, 0, 0])),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
);

describe(`headers and bodies of random bytes (seed ${seed})`, () => {
  it('are judged without a crash, and never taken for good', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...schemes),
        headers,
        body,
        value,
        fc.option(fc.webUrl()),
        (scheme, fields, bytes, secret, url) => {
          try {
            const message = messageOf(fields, bytes, { url: url ?? undefined });
            expect(judge({ scheme, message, secrets: [secret], nowSeconds: 1_767_323_045 }).ok).toBe(false);
          } catch (error) {
            if (!(error instanceof KeyError)) throw error;
          }
        },
      ),
      { numRuns: RUNS, seed },
    );
  });

  it('are read as a capture, or refused with a reason', () => {
    fc.assert(
      fc.property(
        body,
        fc.constantFrom(
          '',
          '{"headers":{},"body":',
          '{"log":{"entries":[',
          'POST / HTTP/1.1\r\na: b\r\n\r\n',
        ),
        (bytes, head) => {
          const read = (): unknown => parseCapture(Buffer.concat([Buffer.from(head), bytes]), 'x');
          expect([undefined, EvtgenError]).toContain(errorOf(read)?.constructor);
        },
      ),
      { numRuns: RUNS, seed },
    );
  });
});

function errorOf(run: () => unknown): object | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return Object(error);
  }
}
