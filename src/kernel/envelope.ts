import { isDeepStrictEqual } from 'node:util';
import type { Envelope } from './event.ts';

/** The envelope as the JSON text that is stored and sent. Keys always come in this order. */
export function envelopeText(envelope: Envelope): string {
  return JSON.stringify({
    eventId: envelope.eventId,
    eventType: envelope.eventType,
    version: envelope.version,
    timestamp: envelope.timestamp,
    source: envelope.source,
    data: envelope.data,
    subject: envelope.subject,
    traceparent: envelope.traceparent,
  });
}

/**
 * Adds the position, if there is one, to an envelope's text without parsing it: done for every event and every
 * reader.
 */
export function withPosition(body: string, position: number | undefined): string {
  return position === undefined ? body : `${body.slice(0, -1)},"position":${position}}`;
}

/**
 * What is left of an envelope when its data is erased: that something happened, when, and to what. Its `data` is
 * null and `redactedAt` says since when.
 */
export function redactedText(body: string, redactedAt: string): string {
  const envelope = JSON.parse(body) as Envelope;
  return `${envelopeText({ ...envelope, data: null }).slice(0, -1)},"redactedAt":${JSON.stringify(redactedAt)}}`;
}

/**
 * When the data of an envelope was erased, ISO 8601; undefined when it was not. Read off the end of its text, where no
 * other envelope has this: the last key of one that was emitted is `data`, `subject` or `traceparent`.
 */
export function redactionOf(body: string): string | undefined {
  return /,"redactedAt":"([^"\\]+)"\}$/.exec(body.slice(-REDACTION_LENGTH))?.[1];
}

/**
 * Whether two envelope texts tell of the same event. When it was emitted and in which trace does not count: a
 * caller that tries again with the same event id does so later.
 */
export function isSameContent(left: string, right: string): boolean {
  return isDeepStrictEqual(contentOf(left), contentOf(right));
}

function contentOf(body: string): unknown {
  const { timestamp: _timestamp, traceparent: _traceparent, ...content } = JSON.parse(body) as Envelope;
  return content;
}

/** `,"redactedAt":"2026-01-31T12:00:00.000Z"}`; nobody has to look through all of a body for it. */
const REDACTION_LENGTH = 41;

/** When the event of an envelope happened, read off its text like the source below. */
export function timestampOf(body: string): string {
  const timestamp = /"timestamp":"([^"\\]+)"/.exec(body)?.[1];
  if (timestamp === undefined) throw new TypeError('an envelope without a timestamp');
  return timestamp;
}

/** The source of an envelope, read off its text. Quotes inside JSON strings are escaped, so the first hit is it. */
export function sourceOf(body: string): string {
  const match = /"source":("(?:[^"\\]|\\.)*")/.exec(body);
  if (match === null || match[1] === undefined) throw new TypeError('an envelope without a source');
  return String(JSON.parse(match[1]));
}
