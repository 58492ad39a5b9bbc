import { MAX_FILTER_PAGE_SIZE } from './dead-letter-filter.ts';
import type { JsonSchema, Operation, Parameter } from './openapi.ts';
import {
  ATTEMPT,
  count,
  object,
  orNull,
  PAGE_PARAMETERS,
  pageOf,
  refTo,
  request,
  text,
  time,
} from './openapi-parts.ts';

const filter = {
  kind: { type: 'string', enum: ['delivery_exhausted', 'pipeline_error'] },
  state: { type: 'string', enum: ['open', 'replayed'], default: 'open' },
  eventType: { ...text, description: 'An event type like order.created, a pattern like order.*, or *.' },
  subscriptionId: text,
  tenant: { ...text, description: 'For operators who belong to no tenant.' },
  createdAfter: { ...time, description: 'Those that came to be, or failed again, at this time or later.' },
  createdBefore: time,
} as const satisfies Readonly<Record<string, JsonSchema>>;

const filterParameters: readonly Parameter[] = Object.entries(filter).map(([name, schema]) => ({
  name,
  in: 'query',
  description: `Only those with this ${name}.`,
  schema,
}));

type DeadLetterRoute = 'list' | 'show' | 'replay' | 'replayMatching' | 'purgeMatching' | 'purge';

/** What the OpenAPI document says of each route of the dead letters API. */
export const DEAD_LETTER_OPERATIONS: Readonly<Record<DeadLetterRoute, Operation>> = {
  list: {
    operationId: 'listDeadLetters',
    summary: 'Lists the dead letters, oldest first; those of the pipeline for operators only.',
    parameters: [...PAGE_PARAMETERS, ...filterParameters],
    answers: { 200: 'DeadLetterPage' },
    problems: [403],
  },
  show: {
    operationId: 'getDeadLetter',
    summary: 'Shows a dead letter with its event and all attempts.',
    answers: { 200: 'DeadLetterDetail' },
  },
  replay: {
    operationId: 'replayDeadLetter',
    summary: 'Puts a dead letter back to work, with all attempts ahead.',
    answers: { 202: 'ReplayedDeadLetter' },
    problems: [409, 422],
  },
  replayMatching: {
    operationId: 'replayDeadLetters',
    summary: 'Replays a page of those that match, and tells what is left and where to go on.',
    body: { schema: 'ReplayDeadLetters', isRequired: false },
    answers: { 202: 'ReplayedPage' },
    problems: [403],
  },
  purgeMatching: {
    operationId: 'purgeDeadLetters',
    summary: 'Deletes up to so many of those that match, the oldest first.',
    body: { schema: 'PurgeDeadLetters', isRequired: true },
    answers: { 200: 'PurgedPage' },
    problems: [403],
  },
  purge: {
    operationId: 'purgeDeadLetter',
    summary: 'Deletes a dead letter.',
    answers: { 204: null },
  },
};

const letter = {
  id: text,
  kind: filter.kind,
  stage: {
    type: ['string', 'null'],
    enum: ['emit', 'publish', null],
    description: 'Where a pipeline error happened.',
  },
  reader: { ...orNull(text), description: 'Whose broker refused it.' },
  subscriptionId: { ...orNull(text), description: 'To whom it could not be delivered.' },
  eventId: text,
  eventType: text,
  subject: orNull(text),
  tenant: orNull(text),
  position: orNull(count),
  error: text,
  createdAt: time,
  replayedAt: orNull(time),
  redactedAt: { ...orNull(time), description: 'When its data was erased; it cannot be replayed any more.' },
};

const limit = { type: 'integer', minimum: 1, maximum: MAX_FILTER_PAGE_SIZE };
const page = {
  limit,
  cursor: { ...text, description: 'The nextCursor of the answer before.' },
};

/** The components of the OpenAPI document. */
export const DEAD_LETTER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  DeadLetter: object(letter),
  DeadLetterPage: pageOf('DeadLetter'),
  DeadLetterDetail: object({
    ...letter,
    actor: { ...orNull(text), description: 'Who caused the event.' },
    event: { type: ['object', 'null'], description: 'Null when it is no longer kept.' },
    attempts: { type: 'array', items: refTo('Attempt') },
  }),
  Attempt: ATTEMPT,
  ReplayedDeadLetter: object({ id: text }),
  ReplayDeadLetters: request({ ...filter, ...page }),
  ReplayedPage: object({
    replayed: count,
    refused: { type: 'array', items: object({ id: text, code: text, detail: text }) },
    remaining: { ...count, description: 'How many that match are still to come.' },
    nextCursor: {
      ...orNull(text),
      description: 'The cursor of the next request; null when this was the last.',
    },
  }),
  PurgeDeadLetters: {
    ...request({ ...filter, limit }),
    description: 'It must say what to purge, be it all that are open.',
    anyOf: Object.keys(filter).map((name) => ({ required: [name] })),
  },
  PurgedPage: object({ purged: count, remaining: count }),
};
