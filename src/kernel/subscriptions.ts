import type { AddressGuard } from './address-guard.ts';
import { checkCustomHeader, parseEndpointUrl } from './endpoint-url.ts';
import type { EndpointRules } from './endpoint-url.ts';
import { isFilterPattern, matchesPattern } from './filter.ts';
import { validationProblem } from './problem.ts';
import type { FieldProblem } from './problem.ts';
import type { EventRegistry } from './registry.ts';
import type { SubscriptionSettings } from './webhook-ports.ts';

/** What a caller asks for, checked. */
export interface SubscriptionRequest {
  readonly url: URL;
  readonly eventTypes: readonly string[];
  readonly description: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a subscription is that asks for nothing special. */
export const DEFAULT_SETTINGS: Omit<SubscriptionSettings, 'url' | 'eventTypes'> = {
  description: undefined,
  payload: 'envelope',
  versions: {},
  isOrdered: false,
  maxPerSecond: undefined,
  retrySchedule: undefined,
};

const MAX_EVENT_TYPES = 100;
const MAX_DESCRIPTION_LENGTH = 500;
const MAX_HEADERS = 20;
const RESOLVE_TIMEOUT_MS = 5_000;
const FIELDS: readonly string[] = ['url', 'eventTypes', 'description', 'headers'];

/**
 * Checks the body of `POST /webhooks`, all fields at once. It resolves the host, and does not connect.
 * @throws ProblemError 422
 */
export async function checkSubscription(
  body: Readonly<Record<string, unknown>>,
  rules: EndpointRules,
  registry: EventRegistry | undefined,
): Promise<SubscriptionRequest> {
  const errors: FieldProblem[] = Object.keys(body)
    .filter((field) => FIELDS.includes(field) === false)
    .map((field) => ({ pointer: pointerTo(field), detail: `is unknown; known are ${FIELDS.join(', ')}` }));
  const url = await checkUrl(body['url'], rules, errors);
  const eventTypes = checkEventTypes(body['eventTypes'], registry, errors);
  const description = checkDescription(body['description'], errors);
  const headers = checkHeaders(body['headers'], errors);
  if (url === undefined || errors.length > 0) throw validationProblem(errors);
  return { url, eventTypes, description, headers };
}

async function checkUrl(
  value: unknown,
  rules: EndpointRules,
  errors: FieldProblem[],
): Promise<URL | undefined> {
  const pointer = '#/url';
  if (typeof value !== 'string') {
    errors.push({ pointer, detail: 'must be a string' });
    return undefined;
  }
  const parsed = parseEndpointUrl(value, rules);
  if (parsed.ok === false) {
    errors.push({ pointer, detail: parsed.detail });
    return undefined;
  }
  if ((await resolves(parsed.url.hostname, rules.guard)) === false) {
    // One answer for both, or the API would tell which internal names exist.
    errors.push({ pointer, detail: 'must be a host that resolves to public addresses' });
    return undefined;
  }
  return parsed.url;
}

async function resolves(host: string, guard: AddressGuard): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), RESOLVE_TIMEOUT_MS);
  });
  const answer = guard.resolve(host).then(
    () => true,
    () => false,
  );
  const result = await Promise.race([answer, timeout]);
  clearTimeout(timer);
  return result;
}

function checkEventTypes(
  value: unknown,
  registry: EventRegistry | undefined,
  errors: FieldProblem[],
): string[] {
  const pointer = '#/eventTypes';
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_EVENT_TYPES) {
    errors.push({ pointer, detail: `must be an array of 1 to ${MAX_EVENT_TYPES} event types or patterns` });
    return [];
  }
  // Internal ones are never sent, so they are unknown here.
  const known =
    registry === undefined
      ? undefined
      : Object.values(registry)
          .filter((definition) => definition.audience === 'public')
          .map((definition) => definition.eventType);
  for (const [index, pattern] of value.entries()) {
    const detail = checkPattern(pattern, known);
    if (detail !== undefined) errors.push({ pointer: `${pointer}/${index}`, detail });
  }
  return [...new Set(value.map(String))];
}

function checkPattern(pattern: unknown, known: readonly string[] | undefined): string | undefined {
  if (typeof pattern !== 'string' || isFilterPattern(pattern) === false) {
    return 'must be an event type like order.created, a pattern like order.*, or *';
  }
  if (pattern === '*' || known === undefined || known.some((eventType) => matchesPattern(pattern, eventType)))
    return undefined;
  return `matches no event type; known are ${known.join(', ')}`;
}

function checkDescription(value: unknown, errors: FieldProblem[]): string | undefined {
  if (value == null) return undefined;
  if (typeof value === 'string' && value.length <= MAX_DESCRIPTION_LENGTH && value.includes('\0') === false) {
    return value;
  }
  const detail = `must be a string of at most ${MAX_DESCRIPTION_LENGTH} characters`;
  errors.push({ pointer: '#/description', detail });
  return undefined;
}

function checkHeaders(value: unknown, errors: FieldProblem[]): Record<string, string> {
  const pointer = '#/headers';
  if (value == null) return {};
  if (typeof value !== 'object' || Array.isArray(value) || Object.keys(value).length > MAX_HEADERS) {
    errors.push({ pointer, detail: `must be an object of at most ${MAX_HEADERS} headers` });
    return {};
  }
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    const detail = typeof text === 'string' ? checkCustomHeader(name, text) : 'must be a string';
    if (detail !== undefined) errors.push({ pointer: `${pointer}/${escapePointer(name)}`, detail });
    headers[name.toLowerCase()] = String(text);
  }
  return headers;
}

function pointerTo(field: string): string {
  return `#/${escapePointer(field)}`;
}

/** RFC 6901, section 6: JSON Pointer in a URI fragment. */
function escapePointer(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}
