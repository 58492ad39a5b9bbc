import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCursor, encodeEvent, encodeRetry } from '../../src/kernel/sse.ts';
import { streamBytes } from '../../src/kernel/stream-bytes.ts';
import { readSse } from '../helpers/sse-reader.ts';
import { sseVectors } from '../helpers/sse-vectors.ts';

interface Parsed {
  readonly events: readonly EventSourceMessage[];
  readonly retry: number | undefined;
}

function parse(pieces: readonly string[]): Parsed {
  const events: EventSourceMessage[] = [];
  let retry: number | undefined;
  const parser = createParser({
    onEvent: (event) => void events.push(event),
    onRetry: (ms) => (retry = ms),
  });
  for (const piece of pieces) parser.feed(piece);
  return { events, retry };
}

describe('what the standard makes of a stream', () => {
  it.each(sseVectors)('%j', (stream, expected, lastEventId) => {
    const reading = readSse(Buffer.from(stream));
    expect(reading.events.map(({ type, data }) => [type, data])).toEqual(
      expected.map(({ event = 'message', data }) => [event, data]),
    );
    expect(reading.lastEventId).toBe(lastEventId);
    // The package wants decoded text, and keeps a CR back until it sees another line end.
    const text = `${new TextDecoder().decode(Buffer.from(stream))}:\n`;
    for (const pieces of [[text], Array.from(text)]) expect(parse(pieces).events).toEqual(expected);
  });

  it.each([
    ['3000', 3000],
    ['0', 0],
    ['0030', 30],
    ['+5', undefined],
    ['3s', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['1.5', undefined],
    ['', undefined],
  ])('retry: %s', (text, expected) => {
    const stream = `retry: ${text}\n\n`;
    expect([readSse(Buffer.from(stream)).retry, parse([stream]).retry]).toEqual([expected, expected]);
  });
});

describe('what we write', () => {
  const written = sseVectors.flatMap(([, events]) => events);

  it.each(written)('says %j as the vectors do', ({ data, event = 'message', id = '7' }) => {
    const stream = encodeEvent(id, event, data);
    expect(readSse(Buffer.from(stream))).toEqual({
      events: [{ type: event, data, lastEventId: id }],
      lastEventId: id,
      retry: undefined,
    });
    expect(parse([stream]).events).toEqual([{ id, event, data }]);
  });

  it.each([
    ['a\rb', 'a\nb'],
    ['a\r\nb\nc', 'a\nb\nc'],
    ['x\rid: 99\rdata: y', 'x\nid: 99\ndata: y'],
    ['\n\n', '\n\n'],
    ['a\n', 'a\n'],
  ])('keeps %j one event', (data, expected) => {
    const { events } = readSse(Buffer.from(encodeEvent('1', 'message', data)));
    expect(events).toEqual([{ type: 'message', data: expected, lastEventId: '1' }]);
  });

  it('lets no value start another field', () => {
    expect(encodeEvent('1\ndata: x', 'a\rb', '')).toBe('id: 1data: x\nevent: ab\ndata: \n\n');
    expect(encodeCursor('1\0')).toBe('id: 1\n\n');
  });

  it('moves the cursor without dispatching anything', () => {
    expect(encodeCursor('12')).toBe('id: 12\n\n');
    expect(readSse(Buffer.from(encodeCursor('12')))).toEqual({
      events: [],
      lastEventId: '12',
      retry: undefined,
    });
  });

  it('writes retry as digits', () => {
    expect(parse([encodeRetry(2999.6)]).retry).toBe(3000);
    expect(parse([encodeRetry(-1)]).retry).toBe(0);
  });

  // Mostly what could break the framing.
  const value = fc.string({
    unit: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('\r', '\n', '\r\n', '\0', ':', ' ', '\uFEFF', 'id: 9', 'data:', '\uD800'),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    ),
    maxLength: 12,
  });
  /** As UTF-8 carries it. */
  const carried = (text: string): string => Buffer.from(text).toString();
  const oneLine = (text: string): string => carried(text.replaceAll(/[\r\n\0]/g, ''));
  const lines = (text: string): string => carried(text.replaceAll(/\r\n?/g, '\n'));

  it('frames every value, whatever is in it and however the bytes are cut', () => {
    fc.assert(
      fc.property(
        value,
        value,
        value,
        value,
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (cursor, id, type, data, sizes) => {
          const stream = [
            encodeRetry(5),
            encodeCursor(cursor),
            encodeEvent(id, type, data),
            encodeEvent('8', 'end', '{}'),
          ].join('');
          const expected = [
            { type: oneLine(type) || 'message', data: lines(data), lastEventId: oneLine(id) },
            { type: 'end', data: '{}', lastEventId: '8' },
          ];
          const { plain } = streamBytes(stream);
          expect(readSse(plain)).toEqual({ events: expected, lastEventId: '8', retry: 5 });
          expect(readSse(Buffer.from(encodeCursor(cursor)))).toEqual({
            events: [],
            lastEventId: oneLine(cursor),
            retry: undefined,
          });
          const decoder = new TextDecoder();
          const pieces: string[] = [];
          for (let at = 0; at < plain.length;) {
            const size = sizes.next().value;
            pieces.push(decoder.decode(plain.subarray(at, at + size), { stream: true }));
            at += size;
          }
          const { events, retry } = parse(pieces);
          expect(
            events.map((event) => ({
              type: event.event ?? 'message',
              data: event.data,
              lastEventId: event.id,
            })),
          ).toEqual(expected);
          expect(retry).toBe(5);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('puts the same bytes into one chunk of HTTP/1.1', () => {
    fc.assert(
      fc.property(value, value, (id, data) => {
        const text = encodeEvent(id, 'order.created', data);
        const { plain, chunk } = streamBytes(text);
        expect(Buffer.from(plain).equals(Buffer.from(text))).toBe(true);
        const frame = Buffer.concat([
          Buffer.from(`${plain.length.toString(16)}\r\n`),
          plain,
          Buffer.from('\r\n'),
        ]);
        expect(Buffer.from(chunk).equals(frame)).toBe(true);
      }),
    );
  });
});
