import type { DescribedRoute, JsonSchema, Operation, Parameter } from './openapi.ts';
import { count, object, orNull, PAGE_PARAMETERS, refTo, text, time } from './openapi-parts.ts';

const types: Parameter = {
  name: 'types',
  in: 'query',
  description: 'Event types or patterns, e.g. order.*,user.updated; all unless given.',
  schema: text,
};

/** What the OpenAPI document says of `GET /events`. */
export const LIST_EVENTS: Operation = {
  operationId: 'listEvents',
  summary: 'Lists events from a position on; customers get the public ones of their tenant.',
  parameters: [
    ...PAGE_PARAMETERS,
    {
      name: 'since',
      in: 'query',
      description:
        'The position of an earlier answer, or a time; the oldest event that is kept unless given.',
      schema: { anyOf: [count, time] },
    },
    {
      name: 'order',
      in: 'query',
      description: 'Where to begin.',
      schema: { type: 'string', enum: ['oldest_first', 'newest_first'], default: 'oldest_first' },
    },
    { name: 'eventId', in: 'query', description: 'This event alone.', schema: text },
    types,
    { name: 'subject', in: 'query', description: 'Only those of this resource.', schema: text },
    { name: 'tenant', in: 'query', description: 'For operators who belong to no tenant.', schema: text },
  ],
  answers: { 200: 'EventPage' },
  problems: [403, 410],
};

/** The live stream and its tickets, which have handlers of their own below the same path. */
export const STREAM_ROUTES: readonly DescribedRoute[] = [
  {
    method: 'GET',
    path: '/stream',
    operation: {
      operationId: 'streamEvents',
      summary:
        'Server-Sent Events: those after the cursor, then live. It ends when the client is to come back.',
      parameters: [
        types,
        {
          name: 'Last-Event-ID',
          in: 'header',
          description: 'The id of the last event that was seen; a new client begins with the next one.',
          schema: text,
        },
        {
          name: 'lastEventId',
          in: 'query',
          description: 'The same, for clients that cannot set headers.',
          schema: text,
        },
        {
          name: 'ticket',
          in: 'query',
          description: 'Access for clients that send no credentials.',
          schema: text,
        },
      ],
      answers: { 200: 'EventStream' },
      mediaType: 'text/event-stream',
      problems: [403],
      has500: false,
    },
  },
  {
    method: 'POST',
    path: '/stream/ticket',
    operation: {
      operationId: 'createStreamTicket',
      summary:
        'Gives a URL by which a browser can read the stream for ten minutes, as often as it reconnects.',
      parameters: [types],
      answers: { 200: 'StreamTicket' },
    },
  },
];

/** The components of the OpenAPI document. */
export const EVENT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Event: object(
    {
      eventId: text,
      eventType: text,
      version: { type: 'integer', minimum: 1 },
      timestamp: time,
      source: { ...text, format: 'uri-reference' },
      data: { description: 'As the schema of the event type and version says; null when it was erased.' },
      subject: text,
      traceparent: text,
      redactedAt: { ...time, description: 'When its data was erased.' },
      position: count,
      audience: { type: 'string', enum: ['public', 'internal'], description: 'For operators.' },
      tenant: { ...orNull(text), description: 'For operators.' },
      actor: { ...orNull(text), description: 'Who caused it; for operators.' },
    },
    ['subject', 'traceparent', 'redactedAt', 'audience', 'tenant', 'actor'],
  ),
  EventPage: object({
    data: { type: 'array', items: refTo('Event') },
    position: {
      ...count,
      description: 'The since of the next question: up to where it has looked, or the end of the log.',
    },
    nextCursor: { ...orNull(text), description: 'The cursor of the next page; null at the end of the log.' },
  }),
  EventStream: {
    ...text,
    description: 'Each event has its position as id, its type as event, and itself as data.',
  },
  StreamTicket: object({
    ticket: text,
    expiresAt: time,
    url: { ...text, description: 'Of the stream, with the ticket in it.' },
    position: { ...count, description: 'A client that begins after it misses nothing from now on.' },
  }),
};
