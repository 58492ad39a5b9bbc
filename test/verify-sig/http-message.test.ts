import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvtgenError } from '../../src/ui/errors.ts';
import { parseHttpMessage } from '../../src/verify/captures/http-message.ts';
import { bytes, official, rawRequest } from './messages.ts';

describe('a raw HTTP message', () => {
  it.each(['\r\n', '\n'])('is read with line ends %j', (newline) => {
    const message = parseHttpMessage(rawRequest({ newline }), 'x.http');
    expect(message.headers).toMatchObject({ host: ['localhost'], 'webhook-timestamp': ['1614265330'] });
    expect(message.body).toEqual(official.body);
    expect(message.announcedBytes).toBeUndefined();
  });

  it('may be a response, or start with its headers', () => {
    expect(parseHttpMessage(bytes('HTTP/1.1 200 OK\r\na: b\r\n\r\nx'), 'x').headers).toEqual({ a: ['b'] });
    expect(parseHttpMessage(bytes('a: b\n\nx'), 'x')).toMatchObject({
      headers: { a: ['b'] },
      body: bytes('x'),
    });
  });

  it('ends where content-length says, so an editor may add a newline', () => {
    const capture = Buffer.concat([rawRequest(), bytes('\n')]);
    expect(parseHttpMessage(capture, 'x').body).toEqual(official.body);
  });

  it('reports the length announced for a body that was cut', () => {
    expect(parseHttpMessage(rawRequest().subarray(0, -5), 'x')).toMatchObject({ announcedBytes: 20 });
  });

  it('keeps every value of a repeated header', () => {
    expect(parseHttpMessage(bytes('A: 1\na: 2\n\n'), 'x').headers).toEqual({ a: ['1', '2'] });
  });

  it('keeps the bytes of any body, whole or in chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 }), (parts) => {
        const body = Buffer.concat(parts);
        expect(Buffer.from(parseHttpMessage(rawRequest({ body }), 'x').body)).toEqual(body);
        const framed = Buffer.concat([
          ...parts.flatMap((part) => [bytes(`${part.length.toString(16)};ext=1\r\n`), part, bytes('\r\n')]),
          bytes('0\r\nTrailer: x\r\n\r\n'),
        ]);
        const chunked = rawRequest({ body: framed, headers: ['Transfer-Encoding: chunked'] });
        expect(Buffer.from(parseHttpMessage(chunked, 'x').body)).toEqual(body);
      }),
    );
  });

  it('either parses or says what is wrong, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, withHead) => {
        const input = withHead ? rawRequest({ body: noise, headers: ['transfer-encoding: chunked'] }) : noise;
        expect([undefined, EvtgenError]).toContain(errorOf(() => parseHttpMessage(input, 'x'))?.constructor);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [
      'no empty line',
      'POST / HTTP/1.1\r\nA: b\r\n',
      'x.http is not a raw HTTP message: no empty line ends its headers',
    ],
    ['a header without colon', 'POST / HTTP/1.1\nA: b\nnonsense\n\n', 'x.http:3: this is not a header'],
    ['a folded header', 'A: b\n  c\n\n', 'x.http:2: this is not a header'],
    ['a length of words', 'content-length: many\n\n', 'content-length is "many"'],
    ['a body that ends amid chunks', 'transfer-encoding: chunked\n\n5\r\nab', 'the 5 bytes it announces'],
    ['chunks without an end', 'transfer-encoding: chunked\n\n2\r\nab\r\n', 'ends before the last chunk'],
  ])('with %s is refused', (_case, text, reason) => {
    expect(() => parseHttpMessage(bytes(text), 'x.http')).toThrow(reason);
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
