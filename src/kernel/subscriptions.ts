import type { AddressGuard } from './address-guard.ts';
import { parseEndpointUrl } from './endpoint-url.ts';
import type { EndpointRules } from './endpoint-url.ts';
import { pointerTo, throwIfAny, unknownFields } from './field-problems.ts';
import { matchesFilter } from './filter.ts';
import type { FieldProblem } from './problem.ts';
import { publicDefinitions } from './registry.ts';
import type { EventRegistry } from './registry.ts';
import {
  MAX_HEADERS,
  MAX_VERSIONS,
  readDescription,
  readEventTypes,
  readHeaders,
  readIsOrdered,
  readMaxPerSecond,
  readPayload,
  readRetrySchedule,
  readVersions,
} from './subscription-fields.ts';
import type { Patch } from './subscription-fields.ts';
import type { SubscriptionSettings } from './subscription-ports.ts';

/** A merge patch for a subscription (RFC 7396), checked. What it leaves out is left out here too. */
export interface SubscriptionPatch {
  readonly settings: Partial<Omit<SubscriptionSettings, 'versions'>>;
  /** Null for the default, which is none. */
  readonly headers: Patch<string> | null | undefined;
  /** Null for the default, which is the current version of each event type that the filter takes. */
  readonly versions: Patch<number> | null | undefined;
}

/** What a subscription is, with its headers unsealed. */
export interface OpenSettings extends SubscriptionSettings {
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

const RESOLVE_TIMEOUT_MS = 5_000;
const FIELDS: readonly string[] = [
  'url',
  'eventTypes',
  'description',
  'headers',
  'payload',
  'versions',
  'isOrdered',
  'maxPerSecond',
  'retrySchedule',
];

export interface SubscriptionChecker {
  /**
   * Checks the body of a request, all fields at once. It resolves the host of a `url`, and does not connect.
   * @param required fields that must be there
   * @throws ProblemError 422
   */
  check(
    body: Readonly<Record<string, unknown>>,
    required?: readonly string[] | undefined,
  ): Promise<SubscriptionPatch>;
  /**
   * What a patch makes of a subscription. An event type that its filter did not take before is pinned to its current
   * version, so that a newer one never surprises a receiver; a pin that the patch takes away follows the newest.
   * @throws ProblemError 422 when there is too much of something afterwards
   */
  apply(current: OpenSettings, patch: SubscriptionPatch): OpenSettings;
  /** A new subscription: what a patch makes of nothing. */
  create(patch: SubscriptionPatch): OpenSettings;
}

export function createSubscriptionChecker(
  rules: EndpointRules,
  registry: EventRegistry | undefined,
): SubscriptionChecker {
  function apply(current: OpenSettings, patch: SubscriptionPatch): OpenSettings {
    const settings = { ...current, ...patch.settings };
    const isReset = patch.versions === null;
    const pinned = isReset ? {} : current.versions;
    const before = isReset ? [] : current.eventTypes;
    const added = currentVersions(registry, settings.eventTypes, before);
    const versions = merged({ ...added, ...pinned }, patch.versions ?? {});
    const headers = patch.headers === null ? {} : merged(current.headers, patch.headers ?? {});
    throwIfAny([
      ...tooMany('headers', headers, MAX_HEADERS),
      // With a registry there are no more than it has.
      ...(registry === undefined ? tooMany('versions', versions, MAX_VERSIONS) : []),
    ]);
    return { ...settings, versions, headers };
  }

  return {
    apply,

    create: (patch) => apply({ ...DEFAULT_SETTINGS, url: '', eventTypes: [], headers: {} }, patch),

    async check(body, required = []): Promise<SubscriptionPatch> {
      const errors = unknownFields(body, FIELDS);
      const has = (field: string): boolean => Object.hasOwn(body, field) || required.includes(field);
      const { description, payload, isOrdered, maxPerSecond, retrySchedule } = body;
      const url = has('url') ? await readUrl(body['url'], rules, errors) : undefined;
      const settings = {
        ...(url === undefined ? {} : { url }),
        ...(has('eventTypes') ? { eventTypes: readEventTypes(body['eventTypes'], registry, errors) } : {}),
        ...(has('description') ? { description: readDescription(description, errors) } : {}),
        ...(has('payload') ? { payload: readPayload(payload, errors) } : {}),
        ...(has('isOrdered') ? { isOrdered: readIsOrdered(isOrdered, errors) } : {}),
        ...(has('maxPerSecond') ? { maxPerSecond: readMaxPerSecond(maxPerSecond, errors) } : {}),
        ...(has('retrySchedule') ? { retrySchedule: readRetrySchedule(retrySchedule, errors) } : {}),
      };
      const headers = has('headers') ? readHeaders(body['headers'], errors) : undefined;
      const versions = has('versions') ? readVersions(body['versions'], registry, errors) : undefined;
      throwIfAny(errors);
      return { settings, headers, versions };
    },
  };
}

/** Of the event types that `filter` takes and `except` does not. */
function currentVersions(
  registry: EventRegistry | undefined,
  filter: readonly string[],
  except: readonly string[],
): Record<string, number> {
  const taken = publicDefinitions(registry ?? {}).filter(
    ({ eventType }) => matchesFilter(filter, eventType) && matchesFilter(except, eventType) === false,
  );
  return Object.fromEntries(taken.map(({ eventType, version }) => [eventType, version]));
}

function merged<Value>(current: Readonly<Record<string, Value>>, patch: Patch<Value>): Record<string, Value> {
  const result = new Map(Object.entries(current));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, value);
  }
  return Object.fromEntries(result);
}

function tooMany(field: string, members: object, limit: number): FieldProblem[] {
  if (Object.keys(members).length <= limit) return [];
  return [{ pointer: pointerTo(field), detail: `would have more than ${limit} entries` }];
}

async function readUrl(
  value: unknown,
  rules: EndpointRules,
  errors: FieldProblem[],
): Promise<string | undefined> {
  const pointer = pointerTo('url');
  const parsed = typeof value === 'string' ? parseEndpointUrl(value, rules) : undefined;
  if (parsed === undefined) {
    errors.push({ pointer, detail: 'must be a string' });
    return undefined;
  }
  if (parsed.ok === false) {
    errors.push({ pointer, detail: parsed.detail });
    return undefined;
  }
  if (await resolves(parsed.url.hostname, rules.guard)) return parsed.url.href;
  // One answer for both, or the API would tell which internal names exist.
  errors.push({ pointer, detail: 'must be a host that resolves to public addresses' });
  return undefined;
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
