import type { DeadLetterFilter } from './dead-letter-ports.ts';
import { parseTime, pointerTo, throwIfAny, TIME_DETAIL } from './field-problems.ts';
import { isFilterPattern } from './filter.ts';
import { badQuery } from './http-api.ts';
import type { FieldProblem } from './problem.ts';

/** Which dead letters a request is about. */
export interface FilterRequest {
  readonly filter: DeadLetterFilter;
  /** Whose, where the caller may choose. */
  readonly tenant: string | undefined;
  /** Id after which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
  /** Nothing was asked for in particular. */
  readonly isEmpty: boolean;
}

/** What a page of a replay or a purge takes in hand. */
export const MAX_FILTER_PAGE_SIZE = 1_000;
const DEFAULT_PAGE_SIZE = 500;
const PATTERN_DETAIL = 'must be an event type like order.created, a pattern like order.*, or *';

/** What is wrong with the value of a field, or undefined. */
const CHECKS: Readonly<Record<string, (value: string) => string | undefined>> = {
  kind: (value) => oneOf(value, ['delivery_exhausted', 'pipeline_error']),
  state: (value) => oneOf(value, ['open', 'replayed']),
  eventType: (value) => (isFilterPattern(value) ? undefined : PATTERN_DETAIL),
  subscriptionId: checkText,
  tenant: checkText,
  createdAfter: checkTime,
  createdBefore: checkTime,
};
const FIELDS: readonly string[] = Object.keys(CHECKS);

/** `?kind=&state=open|replayed&eventType=&subscriptionId=&tenant=&createdAfter=&createdBefore=` @throws ProblemError 400 */
export function filterOfQuery(query: URLSearchParams): Pick<FilterRequest, 'filter' | 'tenant'> {
  const fields = new Map<string, string>();
  for (const [field, value] of query) {
    const detail = Object.hasOwn(CHECKS, field) ? CHECKS[field]?.(value) : undefined;
    if (detail !== undefined) throw badQuery(`${field} ${detail}`);
    if (FIELDS.includes(field)) fields.set(field, value);
  }
  return { filter: filterOf(fields), tenant: fields.get('tenant') };
}

/**
 * The same fields in a body, with `limit`, and with `cursor` where pages can be asked for. An empty body is no filter:
 * all open ones. A misspelt field must not mean that.
 *
 * @throws ProblemError 422
 */
export function filterOfBody(
  body: Readonly<Record<string, unknown>>,
  { hasPages }: { readonly hasPages: boolean },
): FilterRequest {
  const { cursor, limit = DEFAULT_PAGE_SIZE, ...others } = body;
  const given = hasPages || cursor === undefined ? others : { ...others, cursor };
  const known = [...FIELDS, ...(hasPages ? ['cursor'] : []), 'limit'];
  const errors: FieldProblem[] = [];
  const fields = new Map<string, string>();
  for (const [field, value] of Object.entries(given)) {
    const check = Object.hasOwn(CHECKS, field) ? CHECKS[field] : undefined;
    const detail =
      check === undefined
        ? `is unknown; known are ${known.join(', ')}`
        : typeof value === 'string'
          ? check(value)
          : 'must be a string';
    if (detail === undefined) fields.set(field, String(value));
    else errors.push({ pointer: pointerTo(field), detail });
  }
  const isLimit = Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= MAX_FILTER_PAGE_SIZE;
  if (isLimit === false) {
    errors.push({
      pointer: pointerTo('limit'),
      detail: `must be a whole number from 1 to ${MAX_FILTER_PAGE_SIZE}`,
    });
  }
  const after =
    cursor === undefined || hasPages === false
      ? undefined
      : Buffer.from(String(cursor), 'base64url').toString();
  if (after !== undefined && /^[\w-]{1,100}$/.test(after) === false) {
    errors.push({ pointer: pointerTo('cursor'), detail: 'must be a nextCursor of an earlier page' });
  }
  throwIfAny(errors);
  const isEmpty = fields.size === 0;
  return { filter: filterOf(fields), tenant: fields.get('tenant'), after, limit: Number(limit), isEmpty };
}

function filterOf(fields: ReadonlyMap<string, string>): DeadLetterFilter {
  const kind = fields.get('kind');
  return {
    kind: kind === 'delivery_exhausted' || kind === 'pipeline_error' ? kind : undefined,
    eventType: fields.get('eventType'),
    subscriptionId: fields.get('subscriptionId'),
    createdAfter: isoTime(fields.get('createdAfter')),
    createdBefore: isoTime(fields.get('createdBefore')),
    isReplayed: fields.get('state') === 'replayed',
  };
}

/** Written anew: `Date` takes the 30th of February for a day of March, and a database takes it for nothing. */
function isoTime(value: string | undefined): string | undefined {
  const time = value === undefined ? undefined : parseTime(value);
  return time === undefined ? undefined : time.toISOString();
}

function oneOf(value: string, allowed: readonly string[]): string | undefined {
  return allowed.includes(value) ? undefined : `must be "${allowed.join('" or "')}"`;
}

/** No text in a database holds U+0000. */
function checkText(value: string): string | undefined {
  return value === '' || value.length > 256 || value.includes('\0')
    ? 'must be a text of 1 to 256 characters without U+0000'
    : undefined;
}

function checkTime(value: string): string | undefined {
  return parseTime(value) === undefined ? TIME_DETAIL : undefined;
}
