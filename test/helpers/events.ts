import { randomUUID } from 'node:crypto';
import { envelopeText } from '../../src/kernel/envelope.ts';
import type { NewEvent } from '../../src/kernel/event.ts';

export interface EventParts extends Partial<Omit<NewEvent, 'body'>> {
  readonly data?: unknown;
  readonly traceparent?: string;
}

/** An `order.created` of the order `ord_1`, ready for the log. */
export function newEvent(parts: EventParts): NewEvent {
  const { data = { total: 1 }, traceparent, ...given } = parts;
  const event = {
    eventId: randomUUID(),
    isIdGiven: true,
    eventType: 'order.created',
    version: 1,
    timestamp: '2026-01-01T00:00:00.000Z',
    audience: 'public' as const,
    subject: 'ord_1',
    tenant: undefined,
    actor: undefined,
    ...given,
  };
  return { ...event, body: envelopeText({ ...event, source: '/orders-api', data, traceparent }) };
}
