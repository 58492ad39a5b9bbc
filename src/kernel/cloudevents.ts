import type { Envelope } from './event.ts';

/** How events are named as CloudEvents. */
export interface CloudEventsOptions {
  /** Put before every event type; reverse DNS is advised: `com.acme.`. */
  readonly typePrefix?: string | undefined;
  /** Absolute URL under which the schemas are published; `dataschema` is `<this>/order.created/1`. */
  readonly schemaBaseUrl?: string | undefined;
}

/** An event as it goes into a request. */
export interface WrittenEvent {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Attributes = Readonly<Record<string, string | number>>;

/** Writes envelopes as CloudEvents 1.0. */
export interface CloudEventsWriter {
  /** All attributes but `datacontenttype`, for bindings that have a place of their own for each. */
  attributes(envelope: Envelope): Attributes;
  /** The data is the body, everything else a header. https://github.com/cloudevents/spec, HTTP binding, 3.1 */
  binary(envelope: Envelope): WrittenEvent;
  /** All of it in one JSON document. HTTP binding, 3.2 */
  structured(envelope: Envelope): WrittenEvent;
}

/** @throws TypeError when `schemaBaseUrl` is no absolute URL. */
export function createCloudEventsWriter(options: CloudEventsOptions = {}): CloudEventsWriter {
  const { typePrefix = '', schemaBaseUrl } = options;
  const base = schemaBaseUrl === undefined ? undefined : new URL(schemaBaseUrl).href.replace(/\/+$/, '');

  function attributesOf(envelope: Envelope): Attributes {
    const { eventId, eventType, version, timestamp, source, subject, position, traceparent } = envelope;
    return {
      specversion: '1.0',
      id: eventId,
      source,
      type: `${typePrefix}${eventType}`,
      time: timestamp,
      ...(subject !== undefined && { subject, partitionkey: subject }),
      ...(base !== undefined && { dataschema: `${base}/${eventType}/${version}` }),
      eventversion: version,
      // As text: an Integer of CloudEvents has 32 bits, and a log may have more events than that.
      ...(position !== undefined && { position: String(position) }),
      // The trace that the event comes from (extension "Distributed Tracing"), not that of the request.
      ...(traceparent !== undefined && { traceparent }),
    };
  }

  return {
    attributes: attributesOf,

    binary(envelope): WrittenEvent {
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      for (const [name, value] of Object.entries(attributesOf(envelope))) {
        headers[`ce-${name}`] = attributeHeader(String(value));
      }
      return { headers, body: JSON.stringify(envelope.data) };
    },

    structured(envelope): WrittenEvent {
      const attributes = attributesOf(envelope);
      return {
        // Lower case means the same (RFC 9110, 8.3.2), and the official SDK for JavaScript takes nothing else.
        headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
        body: JSON.stringify({ ...attributes, datacontenttype: 'application/json', data: envelope.data }),
      };
    },
  };
}

/**
 * An attribute's value as a header holds it: space, `"`, `%` and all but printable ASCII percent-encoded as UTF-8
 * (HTTP binding 3.1.3.2). Unlike `encodeURIComponent` it leaves the rest readable.
 */
export function attributeHeader(value: string): string {
  return value.replaceAll(/[^!#$&-~]+/gu, (run) =>
    Array.from(Buffer.from(run), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
