import { checkCustomHeader } from './endpoint-url.ts';
import { pointerTo, isJsonObject } from './field-problems.ts';
import { isFilterPattern, matchesPattern } from './filter.ts';
import type { FieldProblem } from './problem.ts';
import { publicDefinitions, versionsOf } from './registry.ts';
import type { EventRegistry } from './registry.ts';
import { PAYLOAD_PROFILES } from './subscription-ports.ts';
import type { PayloadProfile } from './subscription-ports.ts';

export const MAX_EVENT_TYPES = 100;
export const MAX_DESCRIPTION_LENGTH = 500;
export const MAX_HEADERS = 20;
export const MAX_VERSIONS = 500;
/** Slower than one attempt in 100 seconds, no endpoint would ever catch up; the upper end is beyond any that we send. */
export const ATTEMPTS_PER_SECOND = { minimum: 0.01, maximum: 10_000 } as const;
export const MAX_RETRIES = 10;
/** Up to a week: an event is kept while a delivery of it is pending. */
export const RETRY_DELAY_SECONDS = { minimum: 1, maximum: 604_800 } as const;

/** A member of a merge patch: null takes it away. */
export type Patch<Value> = Readonly<Record<string, Value | null>>;

export function readEventTypes(
  value: unknown,
  registry: EventRegistry | undefined,
  errors: FieldProblem[],
): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_EVENT_TYPES) {
    const detail = `must be an array of 1 to ${MAX_EVENT_TYPES} event types or patterns`;
    errors.push({ pointer: pointerTo('eventTypes'), detail });
    return [];
  }
  // Internal ones are never sent, so they are unknown here.
  const known =
    registry === undefined ? undefined : publicDefinitions(registry).map(({ eventType }) => eventType);
  for (const [index, pattern] of value.entries()) {
    const detail = patternProblem(pattern, known);
    if (detail !== undefined) errors.push({ pointer: pointerTo('eventTypes', index), detail });
  }
  return [...new Set(value.map(String))];
}

function patternProblem(pattern: unknown, known: readonly string[] | undefined): string | undefined {
  if (typeof pattern !== 'string' || isFilterPattern(pattern) === false) {
    return 'must be an event type like order.created, a pattern like order.*, or *';
  }
  if (pattern === '*' || known === undefined || known.some((eventType) => matchesPattern(pattern, eventType)))
    return undefined;
  return `matches no event type; known are ${known.join(', ')}`;
}

export function readDescription(value: unknown, errors: FieldProblem[]): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string' && value.length <= MAX_DESCRIPTION_LENGTH && value.includes('\0') === false) {
    return value;
  }
  const detail = `must be a string of at most ${MAX_DESCRIPTION_LENGTH} characters`;
  errors.push({ pointer: pointerTo('description'), detail });
  return undefined;
}

export function readPayload(value: unknown, errors: FieldProblem[]): PayloadProfile {
  const profile = PAYLOAD_PROFILES.find((known) => known === (value ?? 'envelope'));
  if (profile !== undefined) return profile;
  errors.push({ pointer: pointerTo('payload'), detail: `must be one of ${PAYLOAD_PROFILES.join(', ')}` });
  return 'envelope';
}

export function readIsOrdered(value: unknown, errors: FieldProblem[]): boolean {
  if (value !== null && typeof value !== 'boolean') {
    errors.push({ pointer: pointerTo('isOrdered'), detail: 'must be true or false' });
  }
  return value === true;
}

export function readMaxPerSecond(value: unknown, errors: FieldProblem[]): number | undefined {
  if (value === null) return undefined;
  const { minimum, maximum } = ATTEMPTS_PER_SECOND;
  if (typeof value === 'number' && value >= minimum && value <= maximum) return value;
  const detail = `must be a number from ${minimum} to ${maximum}`;
  errors.push({ pointer: pointerTo('maxPerSecond'), detail });
  return undefined;
}

export function readRetrySchedule(value: unknown, errors: FieldProblem[]): number[] | undefined {
  if (value === null) return undefined;
  if (!Array.isArray(value) || value.length > MAX_RETRIES) {
    const detail = `must be an array of at most ${MAX_RETRIES} delays in seconds`;
    errors.push({ pointer: pointerTo('retrySchedule'), detail });
    return undefined;
  }
  const { minimum, maximum } = RETRY_DELAY_SECONDS;
  for (const [index, delay] of value.entries()) {
    if (Number.isInteger(delay) && delay >= minimum && delay <= maximum) continue;
    const detail = `must be a whole number of seconds from ${minimum} to ${maximum}`;
    errors.push({ pointer: pointerTo('retrySchedule', index), detail });
  }
  return value.map(Number);
}

/** Names in lower case: that is how they are sent, and two spellings are one header. */
export function readHeaders(value: unknown, errors: FieldProblem[]): Patch<string> | null {
  if (value === null) return null;
  if (!isJsonObject(value) || Object.keys(value).length > MAX_HEADERS) {
    errors.push({
      pointer: pointerTo('headers'),
      detail: `must be an object of at most ${MAX_HEADERS} headers`,
    });
    return null;
  }
  const headers = new Map<string, string | null>();
  for (const [name, text] of Object.entries(value)) {
    const detail = text === null ? undefined : headerProblem(name, text);
    if (detail !== undefined) errors.push({ pointer: pointerTo('headers', name), detail });
    headers.set(name.toLowerCase(), typeof text === 'string' ? text : null);
  }
  return Object.fromEntries(headers);
}

function headerProblem(name: string, value: unknown): string | undefined {
  return typeof value === 'string' ? checkCustomHeader(name, value) : 'must be a string';
}

/** What each event type is pinned to. */
export function readVersions(
  value: unknown,
  registry: EventRegistry | undefined,
  errors: FieldProblem[],
): Patch<number> | null {
  if (value === null) return null;
  if (!isJsonObject(value) || Object.keys(value).length > MAX_VERSIONS) {
    const detail = `must be an object of at most ${MAX_VERSIONS} event types`;
    errors.push({ pointer: pointerTo('versions'), detail });
    return null;
  }
  const versions = new Map<string, number | null>();
  for (const [eventType, version] of Object.entries(value)) {
    const detail = version === null ? undefined : versionProblem(eventType, version, registry);
    if (detail !== undefined) errors.push({ pointer: pointerTo('versions', eventType), detail });
    versions.set(eventType, typeof version === 'number' ? version : null);
  }
  return Object.fromEntries(versions);
}

function versionProblem(
  eventType: string,
  version: unknown,
  registry: EventRegistry | undefined,
): string | undefined {
  if (isFilterPattern(eventType) === false || eventType.includes('*')) return 'is no event type';
  if (registry === undefined) {
    return Number.isInteger(version) && Number(version) >= 1 ? undefined : 'must be a whole number from 1 on';
  }
  const definition = publicDefinitions(registry).find((known) => known.eventType === eventType);
  if (definition === undefined) return 'is no known event type';
  const offered = versionsOf(definition);
  return offered.some((known) => known === version) ? undefined : `must be one of ${offered.join(', ')}`;
}
