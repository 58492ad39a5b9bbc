import { EVENT_SCHEMAS, LIST_EVENTS, STREAM_ROUTES } from './event-operations.ts';
import type { HistoryStore, LogEntry, LogQuery } from './history.ts';
import {
  badQuery,
  createApi,
  isProductionEnvironment,
  jsonResponse,
  readPage,
  requireAuthorize,
} from './http-api.ts';
import type { Authorize, Handler, RouteInput } from './http-api.ts';
import { documentedRoutes } from './openapi-route.ts';
import type { EventStore, Logger } from './ports.ts';
import { parseTime } from './field-problems.ts';
import { parsePosition } from './position.ts';
import { ProblemError } from './problem.ts';
import type { ResendStore } from './resend.ts';
import { readTypes } from './stream-request.ts';
import { scopeOf } from './tenant-scope.ts';
import { withPosition } from './envelope.ts';

export interface EventsApiOptions {
  readonly store: {
    readonly log: Pick<EventStore<never>['log'], 'head' | 'oldest'>;
    readonly history: HistoryStore;
    readonly resends: Pick<ResendStore, 'positionBefore'>;
  };
  /** Required in production. Without it there is one tenant, and everybody has access. */
  readonly authorize?: Authorize | undefined;
  /** `/events` unless given. */
  readonly basePath?: string | undefined;
  /** NODE_ENV=production unless given. */
  readonly isProduction?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

/** How many positions one request looks through, so that a rare type costs many requests and not one long one. */
const MAX_SCAN = 20_000;

/**
 * `GET /events?since=&types=&subject=&limit=&cursor=`: the log from a position or a time on, for who cannot hold a
 * stream open. Customers get the public events of their tenant, operators all. Each page tells the `position` up to which
 * it has looked: the `since` of the next question, even when nothing matched. `&order=newest_first` begins at the end,
 * and `?eventId=` asks for one event. `GET /events/openapi.json` describes it, and the stream below the same path.
 *
 * @throws Error in production without `authorize`
 */
export function createEventsApi(options: EventsApiOptions): Handler {
  const { authorize, basePath = '/events' } = options;
  const { log, history, resends } = options.store;
  requireAuthorize('the events API', authorize, options.isProduction ?? isProductionEnvironment());

  /** The position after which to begin. @throws ProblemError 400 or 410 */
  async function readSince(given: string | null, head: number): Promise<number> {
    const floor = ((await log.oldest()) || head + 1) - 1;
    if (given === null) return floor;
    const time = parseTime(given);
    if (time !== undefined) return Math.max(floor, await resends.positionBefore(time));
    const since = parsePosition(given);
    if (since === undefined) throw badQuery('since must be a position, or a time like 2026-01-31T12:00:00Z');
    if (since > head) throw badQuery(`since is ahead of the log, whose newest position is ${head}`);
    if (since < floor) {
      const detail = `events are kept from position ${floor + 1} on only; go on with since=${floor}`;
      throw new ProblemError({ status: 410, code: 'position_expired', detail });
    }
    return since;
  }

  async function list(input: RouteInput): Promise<Response> {
    const { query, isOperator } = input;
    const { after, limit } = readPage(query);
    const scope = scopeOf(input, query.get('tenant') ?? undefined);
    const subject = query.get('subject') ?? undefined;
    const eventTypes = readTypes(query);
    if (subject?.includes('\0') === true) throw badQuery('subject must not contain U+0000');
    const order = readOrder(query);
    const head = await log.head();
    const answer = (entries: readonly LogEntry[], position: number, next: number | undefined): Response => {
      const nextCursor = next === undefined ? null : Buffer.from(String(next)).toString('base64url');
      return jsonResponse(200, {
        data: entries.map(isOperator ? operatorBody : eventBody),
        position,
        nextCursor,
      });
    };
    const eventId = query.get('eventId');
    if (eventId !== null) {
      if (eventId.includes('\0')) throw badQuery('eventId must not contain U+0000');
      const entry = await history.find(scope, eventId);
      const isShown = entry !== undefined && (isOperator || entry.audience === 'public');
      return answer(isShown ? [entry] : [], head, undefined);
    }

    // A subject has an index of its own.
    const reach = subject === undefined ? MAX_SCAN : Infinity;
    const ask = { scope, subject, eventTypes, isPublicOnly: isOperator === false, order, limit };
    if (order === 'newest_first') {
      const floor = await readSince(query.get('since'), head);
      const before = after === undefined ? head + 1 : parsePosition(after);
      if (before === undefined) throw badQuery('cursor must be a nextCursor of an earlier page');
      const start = Math.max(floor, before - 1 - reach);
      const entries = await history.query({ ...ask, after: start, before });
      const end = entries.length < limit ? start + 1 : (entries.at(-1)?.position ?? start + 1);
      return answer(entries, head, end - 1 > floor ? end : undefined);
    }
    const since = await readSince(after ?? query.get('since'), head);
    const end = Math.min(head, since + reach);
    const entries = await history.query({ ...ask, after: since, before: end + 1 });
    const position = entries.length < limit ? end : (entries.at(-1)?.position ?? end);
    return answer(entries, position, position < head ? position : undefined);
  }

  const routes = documentedRoutes({
    operationId: 'describeEvents',
    title: 'Events',
    description: 'What has happened, to be asked for or to be streamed.',
    basePath,
    routes: [{ method: 'GET', path: '', operation: LIST_EVENTS, handle: list }],
    besides: STREAM_ROUTES,
    schemas: EVENT_SCHEMAS,
  });
  return createApi({ basePath, authorize, logger: options.logger, routes });
}

/** @throws ProblemError 400 */
function readOrder(query: URLSearchParams): LogQuery['order'] {
  const order = query.get('order') ?? 'oldest_first';
  if (order === 'oldest_first' || order === 'newest_first') return order;
  throw badQuery('order must be oldest_first or newest_first');
}

/** What subscribers and streams get as well. */
function eventBody(entry: LogEntry): Record<string, unknown> {
  return JSON.parse(withPosition(entry.body, entry.position)) as Record<string, unknown>;
}

function operatorBody(entry: LogEntry): Record<string, unknown> {
  const { audience, tenant = null, actor = null } = entry;
  return { ...eventBody(entry), audience, tenant, actor };
}
