import { createCloudEventsWriter } from './cloudevents.ts';
import type { CloudEventsOptions, WrittenEvent } from './cloudevents.ts';
import { envelopeText, withPosition } from './envelope.ts';
import type { Envelope } from './event.ts';
import type { Deprecation, EventRegistry } from './registry.ts';
import { createVersions } from './versions.ts';
import type { Endpoint, PayloadProfile } from './subscription-ports.ts';

/** An event on its way to a subscription. */
export interface OutboundEvent {
  /** None for a ping, which is not in the log. */
  readonly position?: number | undefined;
  readonly eventId: string;
  readonly eventType: string;
  /** Of the schema that the data in `body` has. */
  readonly version: number;
  /** The envelope as JSON text, without `position`. */
  readonly body: string;
}

/** What an attempt sends. It is shared between endpoints, so nobody changes it. */
export interface Payload {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface PayloadOptions {
  /** For subscriptions that are pinned to an older version; without it every event goes out as it was logged. */
  readonly registry?: EventRegistry | undefined;
  readonly cloudEvents?: CloudEventsOptions | undefined;
}

/**
 * Writes an event as a subscription wants it, by its payload profile and its pinned version. The same event object
 * is written once for all endpoints that want it alike.
 * @throws CastError when the data cannot be brought into the pinned version.
 */
export type PayloadOf = (endpoint: Pick<Endpoint, 'payload' | 'versions'>, event: OutboundEvent) => Payload;

/** An event as some endpoints want it. */
interface WrittenPayload {
  readonly profile: PayloadProfile;
  readonly version: number;
  readonly payload: Payload;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** @throws TypeError when `schemaBaseUrl` is no absolute URL. */
export function createPayloads(options: PayloadOptions = {}): PayloadOf {
  const versions = createVersions(options.registry);
  const cloudEvents = createCloudEventsWriter(options.cloudEvents);
  const writers: Readonly<Record<PayloadProfile, (envelope: Envelope) => WrittenEvent>> = {
    envelope: (envelope) => ({ headers: JSON_HEADERS, body: envelopeBody(envelope) }),
    standard: (envelope) => ({ headers: JSON_HEADERS, body: standardBody(envelope) }),
    thin: (envelope) => ({ headers: JSON_HEADERS, body: envelopeBody(envelope) }),
    'cloudevents-binary': (envelope) => cloudEvents.binary(envelope),
    'cloudevents-structured': (envelope) => cloudEvents.structured(envelope),
  };
  const written = new WeakMap<OutboundEvent, WrittenPayload[]>();

  function write(event: OutboundEvent, profile: PayloadProfile, version: number): WrittenEvent {
    const { body, position } = event;
    if (profile === 'envelope' && version === event.version) {
      // By far the most frequent case, and the one that need not be parsed.
      return { headers: JSON_HEADERS, body: position === undefined ? body : withPosition(body, position) };
    }
    const logged = JSON.parse(body) as Envelope;
    // Nothing is cast for a receiver that asks for ids.
    const data = profile === 'thin' ? undefined : versions.cast(event, logged.data, version);
    return writers[profile]({ ...logged, version, data, position });
  }

  return ({ payload: profile, versions: pins }, event) => {
    const version = versions.served(event, pins[event.eventType]);
    const known = written.get(event) ?? [];
    for (const each of known) {
      if (each.profile === profile && each.version === version) return each.payload;
    }

    const { headers, body } = write(event, profile, version);
    const deprecation = deprecationHeaders(versions.deprecation(event.eventType, version));
    const payload = { headers: { ...headers, ...deprecation }, body: Buffer.from(body) };
    known.push({ profile, version, payload });
    written.set(event, known);
    return payload;
  };
}

/** As it is logged and published, so with the same keys in the same order. */
function envelopeBody(envelope: Envelope): string {
  const text = envelopeText(envelope);
  return envelope.position === undefined ? text : withPosition(text, envelope.position);
}

/** Standard Webhooks 1.0.0, "Payload structure": type, timestamp and data; the id is a header. */
function standardBody({ eventType: type, timestamp, version, source, data }: Envelope): string {
  return JSON.stringify({ type, timestamp, version, source, data });
}

/** RFC 9745, section 2.1, a structured date; RFC 8594, section 3, an HTTP date. */
function deprecationHeaders(deprecation: Deprecation | undefined): Record<string, string> {
  if (deprecation === undefined) return {};
  const headers = { deprecation: `@${Math.floor(Date.parse(deprecation.since) / 1000)}` };
  if (deprecation.sunset === undefined) return headers;
  return { ...headers, sunset: new Date(deprecation.sunset).toUTCString() };
}
