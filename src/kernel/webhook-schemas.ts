import type { JsonSchema } from './openapi.ts';
import { ATTEMPT, count, object, orNull, pageOf, refTo, request, text, time } from './openapi-parts.ts';
import {
  ATTEMPTS_PER_SECOND,
  MAX_DESCRIPTION_LENGTH,
  MAX_EVENT_TYPES,
  MAX_HEADERS,
  MAX_RETRIES,
  RETRY_DELAY_SECONDS,
} from './subscription-fields.ts';
import { PAYLOAD_PROFILES } from './subscription-ports.ts';

/** What a filter of a delivery list may ask for. */
export const SHOWN_DELIVERY_STATES = [
  'pending',
  'parked',
  'delivered',
  'exhausted',
  'skipped',
  'cancelled',
] as const;
/** How long a secret may sign after its rotation, in seconds. */
export const MAX_OVERLAP_SECONDS = 604_800;

const settings = {
  url: {
    ...text,
    format: 'uri',
    maxLength: 2000,
    description: 'Where events are sent; on the public internet.',
  },
  eventTypes: {
    type: 'array',
    items: text,
    minItems: 1,
    maxItems: MAX_EVENT_TYPES,
    description: 'Event types like order.created, patterns like order.*, or *.',
  },
  description: orNull({ ...text, maxLength: MAX_DESCRIPTION_LENGTH }),
  payload: { type: 'string', enum: PAYLOAD_PROFILES, description: 'How an event is written into a request.' },
  versions: {
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 1 },
    description: 'Event type to version. One that is not listed comes in its newest.',
  },
  isOrdered: {
    type: 'boolean',
    description: 'One delivery at a time; a failing one holds back those after it.',
  },
  maxPerSecond: orNull({ type: 'number', ...ATTEMPTS_PER_SECOND }),
  retrySchedule: {
    ...orNull({ type: 'array' }),
    items: { type: 'integer', ...RETRY_DELAY_SECONDS },
    maxItems: MAX_RETRIES,
    description: 'Seconds before each retry; null for the schedule of the application.',
  },
} as const;

const subscription = {
  id: text,
  ...settings,
  headerNames: {
    ...orNull({ type: 'array' }),
    items: text,
    description: 'Of the headers that are sent with every attempt; null when they cannot be read.',
  },
  state: { type: 'string', enum: ['active', 'disabled', 'deactivated'] },
  stateReason: orNull(text),
  failureCount: { ...count, description: 'Deliveries in a row that used up every attempt.' },
  createdAt: time,
};

const settingsRequest = {
  ...settings,
  headers: {
    ...orNull({ type: 'object' }),
    additionalProperties: orNull(text),
    maxProperties: MAX_HEADERS,
    description: 'Sent with every attempt; only their names are shown again.',
  },
  payload: { ...settings.payload, type: ['string', 'null'], enum: [...PAYLOAD_PROFILES, null] },
  versions: {
    ...orNull(settings.versions),
    additionalProperties: { type: ['integer', 'null'], minimum: 1 },
    description: 'Event type to version; the current ones unless given, null for always the newest.',
  },
  isOrdered: orNull(settings.isOrdered),
};

const delivery = {
  eventId: text,
  eventType: text,
  position: count,
  state: { type: 'string', enum: SHOWN_DELIVERY_STATES },
  isReplay: { type: 'boolean' },
  attempts: { type: 'array', items: refTo('Attempt') },
  nextAttemptAt: orNull(time),
};

/** The components of the OpenAPI document. */
export const WEBHOOK_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Subscription: object(subscription),
  CreatedSubscription: object({
    ...subscription,
    secret: { ...text, description: 'Signs the requests; shown this once.' },
  }),
  RepeatedSubscription: object({
    ...subscription,
    secret: { type: 'null', description: 'It was shown when the first request was answered.' },
    isRepeat: { const: true },
  }),
  SubscriptionPage: pageOf('Subscription'),
  CreateSubscription: request(settingsRequest, ['url', 'eventTypes']),
  ChangeSubscription: { ...request(settingsRequest), description: 'A merge patch (RFC 7396).' },
  EnableSubscription: request({
    from: { type: 'string', enum: ['skip', 'resume'], default: 'skip' },
  }),
  RotateSecret: request({
    overlapSeconds: { type: 'integer', minimum: 0, maximum: MAX_OVERLAP_SECONDS, default: 86_400 },
  }),
  RotatedSecret: object({ id: text, secret: text, previousSecretExpiresAt: time }),
  Empty: request({}),
  PingResult: object({ eventId: text, isDelivered: { type: 'boolean' }, attempt: refTo('Attempt') }),
  Attempt: ATTEMPT,
  Delivery: object(delivery),
  DeliveryDetail: object({
    ...delivery,
    event: { type: ['object', 'null'], description: 'Null when the log no longer holds it.' },
  }),
  DeliveryPage: pageOf('Delivery'),
  Recover: {
    ...request({
      since: time,
      sincePosition: count,
      untilPosition: { ...count, description: 'The last that counts.' },
      eventTypes: { type: 'array', items: text, description: 'Only these, as in a subscription.' },
      isDeliveredToo: { type: 'boolean', default: false, description: 'Whether all of it is sent again.' },
    }),
    oneOf: [{ required: ['since'] }, { required: ['sincePosition'] }],
  },
  Recovered: object({
    recovered: { ...count, description: 'Deliveries that were made due.' },
    nextSincePosition: {
      ...orNull(count),
      description: 'Not null when there was too much for one request: the sincePosition of the next.',
    },
  }),
};
