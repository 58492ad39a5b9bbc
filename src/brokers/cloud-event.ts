import { createCloudEventsWriter } from '../kernel/cloudevents.ts';
import type { CloudEventsOptions } from '../kernel/cloudevents.ts';
import { withPosition } from '../kernel/envelope.ts';
import type { Envelope, PublishedEvent } from '../kernel/event.ts';

/** An event in the two shapes that CloudEvents gives it on a broker. */
export interface BrokerCloudEvents {
  /** The data is the message; the attributes, by their plain names, go where the broker has headers. */
  binary(event: PublishedEvent): {
    readonly attributes: readonly (readonly [name: string, value: string])[];
    readonly data: string;
  };
  /** One JSON document, for brokers that have no place for every attribute. */
  structured(event: PublishedEvent): string;
}

/** The media type of the data of every event, and that of a whole event in one document. */
export const DATA_CONTENT_TYPE = 'application/json';
export const EVENT_CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/** @throws TypeError when `schemaBaseUrl` is no absolute URL. */
export function brokerCloudEvents(options: CloudEventsOptions): BrokerCloudEvents {
  const writer = createCloudEventsWriter(options);

  return {
    binary(event) {
      const envelope = envelopeOf(event);
      const attributes = Object.entries(writer.attributes(envelope));
      return {
        attributes: attributes.map(([name, value]) => [name, String(value)] as const),
        data: JSON.stringify(envelope.data),
      };
    },

    structured: (event) => writer.structured(envelopeOf(event)).body,
  };
}

function envelopeOf(event: PublishedEvent): Envelope {
  return JSON.parse(withPosition(event.body, event.position)) as Envelope;
}
