import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { envelopeText, isSameContent, sourceOf, withPosition } from '../../src/kernel/envelope.ts';
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
