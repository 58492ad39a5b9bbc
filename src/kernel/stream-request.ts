import { isFilterPattern, matchesPattern } from './filter.ts';
import type { EventFilter } from './filter.ts';
import { authorizeRequest, badQuery } from './http-api.ts';
import type { Authorize } from './http-api.ts';
import { parsePosition } from './position.ts';
import { ProblemError } from './problem.ts';
import type { StreamTickets, TicketScope } from './stream-ticket.ts';

/** What a client of the stream asks for, and may have. */
export interface StreamRequest extends TicketScope {
  /** The last position it has seen; undefined for a new client. */
  readonly lastEventId: number | undefined;
}

const MAX_TYPES = 100;

/**
 * Reads `?types=order.*,user.updated`, and the cursor from `Last-Event-ID` or, for clients that cannot set headers,
 * `?lastEventId=` (polyfills call it `evs_last_event_id`). The header wins: a browser reconnects with the URL of the
 * first time. Access is by `?ticket=`, else by what `authorize` says.
 *
 * @throws ProblemError 400, 401 or 403. A browser gives up for good then, so only for what waiting cannot change.
 */
export async function admitStreamRequest(
  request: Request,
  tickets: StreamTickets,
  authorize: Authorize | undefined,
): Promise<StreamRequest> {
  const query = new URL(request.url).searchParams;
  const lastEventId = readCursor(request.headers, query);
  const filter = readTypes(query);
  const ticket = query.get('ticket');
  if (ticket !== null) return { ...narrow(openTicket(tickets, ticket), filter), lastEventId };
  const { tenant } = await authorizeRequest(authorize, request);
  return { tenant, filter, lastEventId };
}

/** Reads `?types=`; undefined for all. @throws ProblemError 400 */
export function readTypes(query: URLSearchParams): EventFilter | undefined {
  const lists = query.getAll('types');
  if (lists.length === 0) return undefined;
  const types = [
    ...new Set(
      lists
        .join(',')
        .split(',')
        .map((type) => type.trim()),
    ),
  ].sort();
  if (types.length > MAX_TYPES || types.every(isFilterPattern) === false) {
    throw badQuery(
      `types must be a list of at most ${MAX_TYPES} event types or patterns, e.g. order.*,user.updated`,
    );
  }
  return types.includes('*') ? undefined : types;
}

function readCursor(headers: Headers, query: URLSearchParams): number | undefined {
  // An empty one says nothing: some clients send it before their first event.
  const given = headers.get('last-event-id') || query.get('lastEventId') || query.get('evs_last_event_id');
  if (given === null || given === '') return undefined;
  // The client sends what it has stored; only what we wrote is accepted.
  const position = parsePosition(given);
  if (position === undefined) throw badQuery('Last-Event-ID must be the id of an event of this stream');
  return position;
}

function openTicket(tickets: StreamTickets, ticket: string): TicketScope {
  const reading = tickets.read(ticket);
  if (reading.isValid === false) {
    const detail = reading.reason === 'expired' ? 'the ticket has expired' : 'the ticket is not one of ours';
    throw new ProblemError({ status: 401, code: `ticket_${reading.reason}`, detail });
  }
  return reading.scope;
}

/** What a ticket allows, less what was not asked for. */
function narrow({ tenant, filter: allowed }: TicketScope, wanted: EventFilter | undefined): TicketScope {
  if (wanted === undefined || allowed === undefined) return { tenant, filter: wanted ?? allowed };
  // A pattern is covered as a name is: `order.*` takes everything that begins with `order.`, `order.*` too.
  const refused = wanted.find((pattern) => allowed.some((each) => matchesPattern(each, pattern)) === false);
  if (refused === undefined) return { tenant, filter: wanted };
  throw new ProblemError({
    status: 403,
    code: 'ticket_scope',
    detail: `the ticket does not allow ${refused}`,
  });
}
