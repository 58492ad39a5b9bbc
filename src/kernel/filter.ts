/** Which event types a subscription or a stream wants: exact types, `order.*` (all of a resource), or `*`. */
export type EventFilter = readonly string[];

const PATTERN = /^(?:\*|[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*\.(?:\*|[a-z][a-z0-9_]*))$/;

/** True for the three shapes of a filter entry; whether an exact type exists is not judged here. */
export function isFilterPattern(pattern: string): boolean {
  return pattern.length <= 200 && PATTERN.test(pattern);
}

/** True when `pattern` accepts `eventType`. */
export function matchesPattern(pattern: string, eventType: string): boolean {
  if (pattern === '*') return true;
  // The dot stays in the prefix, so `order.*` does not take `orders.created`.
  return pattern.endsWith('.*') ? eventType.startsWith(pattern.slice(0, -1)) : pattern === eventType;
}

/** True when one entry accepts `eventType`; an empty filter accepts nothing. */
export function matchesFilter(filter: EventFilter, eventType: string): boolean {
  return filter.some((pattern) => matchesPattern(pattern, eventType));
}
