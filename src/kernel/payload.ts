import { withPosition } from './envelope.ts';
import type { Endpoint } from './webhook-ports.ts';

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

/** Writes events as their subscriptions want them. */
export type PayloadOf = (endpoint: Endpoint, event: OutboundEvent) => Payload;

export function createPayloads(): PayloadOf {
  const rendered = new WeakMap<OutboundEvent, Payload>();

  return (_endpoint, event) => {
    const known = rendered.get(event);
    if (known !== undefined) return known;
    const { body, position } = event;
    const text = position === undefined ? body : withPosition(body, position);
    const payload = { headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
    rendered.set(event, payload);
    return payload;
  };
}
