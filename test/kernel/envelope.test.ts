import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  envelopeText,
  isSameContent,
  redactedText,
  redactionOf,
  sourceOf,
  timestampOf,
  withPosition,
} from '../../src/kernel/envelope.ts';
import type { Envelope } from '../../src/kernel/event.ts';

const envelopes: fc.Arbitrary<Envelope> = fc.record(
  {
    eventId: fc.string({ minLength: 1 }),
    eventType: fc.string(),
    version: fc.integer({ min: 1 }),
    timestamp: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    source: fc.oneof(fc.webPath(), fc.string({ unit: 'binary' }), fc.constant('"source":"\\"')),
    data: fc.jsonValue(),
    subject: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('"source":"x"')),
    traceparent: fc.string(),
  },
  { requiredKeys: ['eventId', 'eventType', 'version', 'timestamp', 'source', 'data'] },
);

test('the position is spliced into the text as if it had been there from the start', () => {
  fc.assert(
    fc.property(envelopes, fc.integer({ min: 1 }), (envelope, position) => {
      const spliced: unknown = JSON.parse(withPosition(envelopeText(envelope), position));
      expect(spliced).toStrictEqual({ ...JSON.parse(envelopeText(envelope)), position });
    }),
  );
});

test('the source is read off the text, whatever stands around it', () => {
  fc.assert(
    fc.property(envelopes, (envelope) => {
      const tricky = { ...envelope, eventId: `"source":"fake"${envelope.eventId}` };
      expect(sourceOf(envelopeText(tricky))).toBe(JSON.parse(JSON.stringify(envelope.source)));
    }),
  );
});

test('the timestamp is read off the text, whatever stands around it', () => {
  fc.assert(
    fc.property(envelopes, (envelope) => {
      const tricky = { ...envelope, eventId: `"timestamp":"fake"${envelope.eventId}` };
      expect(timestampOf(envelopeText(tricky))).toBe(envelope.timestamp);
      expect(timestampOf(redactedText(envelopeText(tricky), '2026-01-02T03:04:05.006Z'))).toBe(
        envelope.timestamp,
      );
    }),
  );
});

test('an erasure is read off the end of the text, and off nothing else', () => {
  const redactedAt = '2026-01-02T03:04:05.006Z';
  fc.assert(
    fc.property(envelopes, (envelope) => {
      const text = envelopeText(envelope);
      const sly = envelopeText({
        ...envelope,
        data: { redactedAt },
        subject: `,"redactedAt":"${redactedAt}`,
      });
      expect([redactionOf(text), redactionOf(sly)]).toEqual([undefined, undefined]);
      expect(redactionOf(redactedText(text, redactedAt))).toBe(redactedAt);
    }),
  );
});

test('content is the same but for time and trace', () => {
  fc.assert(
    fc.property(envelopes, envelopes, (left, right) => {
      const retold = { ...left, timestamp: right.timestamp, traceparent: right.traceparent };
      expect(isSameContent(envelopeText(left), envelopeText(retold))).toBe(true);
      const other = { ...left, data: { other: right.data } };
      expect(isSameContent(envelopeText({ ...left, data: { this: right.data } }), envelopeText(other))).toBe(
        false,
      );
    }),
  );
});
