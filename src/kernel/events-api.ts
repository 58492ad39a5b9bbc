import { EVENT_SCHEMAS, LIST_EVENTS, STREAM_ROUTES } from './event-operations.ts';
import type { HistoryStore, LogEntry } from './history.ts';
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
import { parsePosition } from './position.ts';
import { ProblemError } from './problem.ts';
import { readTypes } from './stream-request.ts';
import { scopeOf } from './tenant-scope.ts';
import { withPosition } from './envelope.ts';

export interface EventsApiOptions {
  readonly store: {
    readonly log: Pick<EventStore<never>['log'], 'head' | 'oldest'>;
    readonly history: HistoryStore;
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
 * `GET /events?since=&types=&subject=&limit=&cursor=`: the log from a position on, for who cannot hold a stream open.
 * Customers get the public events of their tenant, operators all. Each page tells the `position` up to which it has
 * looked: the `since` of the next question, even when nothing matched. `GET /events/openapi.json` describes it, and the
 * stream below the same path.
 *
 * @throws Error in production without `authorize`
 */
export function createEventsApi(options: EventsApiOptions): Handler {
  const { authorize, basePath = '/events' } = options;
  const { log, history } = options.store;
  requireAuthorize('the events API', authorize, options.isProduction ?? isProductionEnvironment());

  /** The position after which to begin. @throws ProblemError 400 or 410 */
  async function readSince(query: URLSearchParams, after: string | undefined, head: number): Promise<number> {
    const given = after ?? query.get('since');
    const floor = ((await log.oldest()) || head + 1) - 1;
    if (given === null) return floor;
    const since = parsePosition(given);
    if (since === undefined) throw badQuery('since must be a position');
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
    const head = await log.head();
    const since = await readSince(query, after, head);
    // A subject has an index of its own.
    const end = subject === undefined ? Math.min(head, since + MAX_SCAN) : head;
    const entries = await history.query({
      scope,
      subject,
      eventTypes,
      isPublicOnly: isOperator === false,
      after: since,
      before: end + 1,
      order: 'oldest_first',
      limit,
    });
    const position = entries.length < limit ? end : (entries.at(-1)?.position ?? end);
    const nextCursor = position < head ? Buffer.from(String(position)).toString('base64url') : null;
    return jsonResponse(200, {
      data: entries.map(isOperator ? operatorBody : eventBody),
      position,
      nextCursor,
    });
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

/** What subscribers and streams get as well. */
function eventBody(entry: LogEntry): Record<string, unknown> {
  return JSON.parse(withPosition(entry.body, entry.position)) as Record<string, unknown>;
}

function operatorBody(entry: LogEntry): Record<string, unknown> {
  const { audience, tenant = null, actor = null } = entry;
  return { ...eventBody(entry), audience, tenant, actor };
}
