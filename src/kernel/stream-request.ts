import { isFilterPattern } from './filter.ts';
import type { EventFilter } from './filter.ts';
import { badQuery } from './http-api.ts';

/** What a client of the stream asks for. */
export interface StreamRequest {
  /** Undefined: all event types. */
  readonly filter: EventFilter | undefined;
  /** The last position it has seen; undefined for a new client. */
  readonly lastEventId: number | undefined;
}

const MAX_TYPES = 100;

/**
 * Reads `?types=order.*,user.updated`, and the cursor from `Last-Event-ID` or, for clients that cannot set headers,
 * `?lastEventId=`. The header wins: a browser reconnects with the URL of the first time.
 *
 * @throws ProblemError 400. A browser gives up for good then, which garbage deserves.
 */
export function readStreamRequest(request: Request): StreamRequest {
  const query = new URL(request.url).searchParams;
  const cursor = request.headers.get('last-event-id') ?? query.get('lastEventId') ?? '';
  // The client sends what it has stored; only what we wrote is accepted.
  if (cursor !== '' && /^(?:0|[1-9]\d{0,14})$/.test(cursor) === false) {
    throw badQuery('Last-Event-ID must be the id of an event of this stream');
  }
  return { filter: readTypes(query.get('types')), lastEventId: cursor === '' ? undefined : Number(cursor) };
}

function readTypes(text: string | null): EventFilter | undefined {
  if (text === null) return undefined;
  const types = [...new Set(text.split(',').map((type) => type.trim()))].sort();
  if (types.length > MAX_TYPES || types.every(isFilterPattern) === false) {
    throw badQuery(
      `types must be a list of at most ${MAX_TYPES} event types or patterns, e.g. order.*,user.updated`,
    );
  }
  return types.includes('*') ? undefined : types;
}
