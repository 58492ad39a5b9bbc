import type { Api } from '../attach/api.ts';
import { EvtgenError } from '../ui/errors.ts';
import { readPages, type Found } from './pages.ts';

/** An event as the API shows it to operators. */
export interface ShownEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly version: number;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly source: string;
  readonly data: unknown;
  readonly subject?: string;
  readonly position: number;
  readonly audience?: string;
  readonly tenant?: string | null;
  readonly actor?: string | null;
  readonly traceparent?: string;
  readonly redactedAt?: string;
}

export interface EventQuery {
  readonly types: readonly string[];
  readonly subject: string | undefined;
  readonly tenant: string | undefined;
  /** A position or a time: those after it, oldest first. Undefined: the newest first. */
  readonly since: string | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

export async function listEvents(api: Api, query: EventQuery): Promise<Found<ShownEvent>> {
  const { types, subject, tenant, since, limit, cursor } = query;
  const asked = {
    types: types.length === 0 ? undefined : types.join(','),
    subject,
    tenant,
    since,
    order: since === undefined ? 'newest_first' : undefined,
    cursor,
  };
  return readPages(api, '/events', asked, limit);
}

/** The newest position of the log; 0 when it is empty. */
export async function newestPosition(api: Api): Promise<number> {
  const page = (await api.call('GET', '/events?order=newest_first&limit=1')) as { readonly position: number };
  return page.position;
}

/** @throws EvtgenError `unknown_event` */
export async function findEvent(api: Api, idOrPosition: string): Promise<ShownEvent> {
  const query = /^\d{1,15}$/.test(idOrPosition)
    ? await positionQuery(api, Number(idOrPosition))
    : `eventId=${encodeURIComponent(idOrPosition)}`;
  if (query !== undefined) {
    const { data } = (await api.call('GET', `/events?${query}`)) as { readonly data: readonly ShownEvent[] };
    const [event] = data;
    if (event !== undefined) return event;
  }
  throw new EvtgenError('unknown_event', `${api.place} has no event ${idOrPosition}`);
}

/** Undefined for one that the log has not reached. */
async function positionQuery(api: Api, position: number): Promise<string | undefined> {
  if (position < 1 || position > (await newestPosition(api))) return undefined;
  return `since=${position - 1}&limit=1`;
}
