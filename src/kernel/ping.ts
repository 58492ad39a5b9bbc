import { systemClock } from './clock.ts';
import type { Deliver } from './deliver.ts';
import { envelopeText } from './envelope.ts';
import type { Clock } from './ports.ts';
import type { Endpoint } from './subscription-ports.ts';
import type { IdSource } from './uuid.ts';
import type { Attempt } from './webhook-ports.ts';

/** In no catalog and in no log: it only ever answers a request for it. */
export const PING_EVENT_TYPE = 'webhook.ping';

export interface PingOptions {
  readonly deliver: Deliver;
  /** URI-reference put into the envelope. */
  readonly source: string;
  readonly createId: IdSource;
  readonly clock?: Clock | undefined;
}

export interface PingResult {
  readonly eventId: string;
  readonly isDelivered: boolean;
  readonly attempt: Attempt;
}

/** Sends a signed event to an endpoint, active or not. Whatever comes of it, no counter and no state changes. */
export async function ping(
  endpoint: Endpoint,
  { deliver, source, createId, clock = systemClock }: PingOptions,
): Promise<PingResult> {
  const event = { eventId: createId(), eventType: PING_EVENT_TYPE, version: 1 };
  const timestamp = new Date(clock.now()).toISOString();
  const body = envelopeText({ ...event, timestamp, source, data: { subscriptionId: endpoint.id } });
  const { attempt, isSuccess } = await deliver(endpoint, { ...event, body });
  return { eventId: event.eventId, isDelivered: isSuccess, attempt };
}
