import { kindOf } from './kinds.ts';
import { nameEvent, type EventName, type NamedRoute } from './naming.ts';
import { nounOf } from './nouns.ts';
import type { MutationKind } from './report.ts';
import { segmentsOf } from './segments.ts';
import { isActionVerb, READ_VERBS } from './verbs.ts';
import { isPlural, wordsOf } from './words.ts';

/** A route as naming sees it; `identity` is equal for registrations of the same handler. */
export interface RouteToName {
  readonly method: string;
  readonly path: string;
  readonly handlerName: string | null;
  readonly identity: string;
}

export interface NamedRouteResult {
  readonly kind: MutationKind;
  readonly eventType: string | null;
  readonly confidence: 'high' | 'medium' | 'low';
  /** What says which kind it is. */
  readonly kindBecause: string;
  readonly evidence: NameEvidence;
}

/** How an event type was chosen. */
export interface NameEvidence {
  /** What in the path and in the handler's name it was made of. */
  readonly because: readonly string[];
  /** Better names that already mean another route. */
  readonly taken: readonly { readonly eventType: string; readonly by: string }[];
}

/** What is known of a route that was not named. */
export const UNNAMED: NamedRouteResult = {
  kind: 'mutation',
  eventType: null,
  confidence: 'low',
  kindBecause: '',
  evidence: { because: [], taken: [] },
};

/**
 * Kinds and event types for all routes of a project, in their order. Two routes share an event type when they do
 * the same (PUT and PATCH of a path, one router mounted twice); else the one with the longer path takes its
 * next, more qualified proposal. Depends on the set of routes only, not on their order.
 */
export function nameRoutes(given: readonly RouteToName[]): NamedRouteResult[] {
  const prefix = commonPrefix(given.map(({ path }) => path));
  const routes = given.map((route) => ({ ...route, path: route.path.slice(prefix.length) }));
  const paths = new Set(routes.map((route) => route.path));
  const isManaged = (path: string): boolean => [...paths].some((other) => other.startsWith(`${path}/:`));
  const changed = new Set(
    routes
      .filter(({ method }) => updates(method) === 'PUT')
      .map(({ path }) => path.replace(/\/:\w+\/?$/, '/:')),
  );
  const ordered = [...routes].sort((a, b) => depth(a) - depth(b) || compare(keyOf(a), keyOf(b)));
  const owners = new Map<string, RouteToName>();
  const results = new Map<RouteToName, NamedRouteResult>();
  for (const route of ordered) {
    const { kind, because: kindBecause } = kindOf(route, isManaged);
    if (kind === 'query') {
      results.set(route, { ...UNNAMED, kind, confidence: 'high', kindBecause });
      continue;
    }
    const name = nameFor(kind, { ...route, isCollection: isCollection(route, changed) });
    const taken: { eventType: string; by: string }[] = [];
    const free = name.candidates.find((candidate) => {
      const owner = owners.get(candidate);
      if (owner === undefined || kind === 'auth' || meansTheSame(owner, route)) return true;
      taken.push({ eventType: candidate, by: `${owner.method} ${owner.path}` });
      return false;
    });
    const eventType = free ?? name.candidates[0] ?? null;
    if (eventType !== null && !owners.has(eventType)) owners.set(eventType, route);
    results.set(route, {
      kind,
      eventType,
      confidence: free === undefined ? 'low' : name.confidence,
      kindBecause,
      evidence: { because: name.because, taken },
    });
  }
  return routes.map((route) => results.get(route) ?? UNNAMED);
}

/**
 * What stands before every path of an API names the API and no resource: `/shop` of `/shop/orders` and
 * `/shop/items`. Empty where it may be one, and where it says what the routes are for.
 */
function commonPrefix(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split('/'));
  let length = 1;
  while (first[length] !== undefined && others.every((path) => path[length] === first[length])) length += 1;
  const prefix = first.slice(0, length);
  const next = [...new Set([first, ...others].map((path) => path[length] ?? ''))].map(wordsOf);
  const collections = next.filter((words) => isPlural(words.at(-1) ?? ''));
  const isOfActions = next.some(
    ([word]) => word !== undefined && (isActionVerb(word) || READ_VERBS.has(word)),
  );
  const isTelling = prefix.some((segment) => /[:*{]|auth|hook/.test(segment));
  return collections.length >= 2 && !isOfActions && !isTelling ? prefix.join('/') : '';
}

function isCollection({ method, path }: RouteToName, changed: ReadonlySet<string>): boolean {
  return method === 'POST' && changed.has(`${path.replace(/\/$/, '')}/:`);
}

function nameFor(kind: MutationKind, route: RouteToName & NamedRoute): EventName {
  if (kind === 'inbound_webhook') return received(route.path);
  // `/sso/login/callback/google`
  const isSignIn = kind === 'auth' && /[./]callback(?:\/|$)/.test(route.path);
  return isSignIn
    ? {
        candidates: ['user.logged_in'],
        confidence: 'medium',
        because: ['the callback of a sign-in signs a user in'],
      }
    : nameEvent(route);
}

/** `stripe_webhook.received` */
function received(path: string): EventName {
  const words = path
    .split(/[^A-Za-z\d]+/)
    .map((word) => word.toLowerCase())
    .filter(
      (word) =>
        word !== '' && !/^(?:api|v\d+|ee|public|private|internal|web|hooks?|webhooks?|events?)$/.test(word),
    );
  const isCallback = words.at(-1) === 'callback';
  const owner = words.filter((word) => word !== 'callback').at(-1);
  const because = [owner === undefined ? 'the path names no sender' : `"${owner}" is who sends it`];
  if (owner === undefined) return { candidates: ['webhook.received'], confidence: 'high', because };
  return {
    candidates: [isCallback ? `${owner}.callback_received` : `${owner}_webhook.received`],
    confidence: 'high',
    because,
  };
}

/** Registrations of one handler, versions and audiences of one API, and PUT and PATCH of one resource. */
function meansTheSame(a: RouteToName, b: RouteToName): boolean {
  if (a.identity === b.identity) return true;
  return updates(a.method) === updates(b.method) && things(a.path) === things(b.path);
}

function updates(method: string): string {
  return method === 'PATCH' ? 'PUT' : method;
}

/** What a path is about; `/me`, `/user` and `/users/:id` are about a user. */
function things(path: string): string {
  const { segments } = segmentsOf(path);
  const named = segments.flatMap((segment) => (segment.kind === 'static' ? [nounOf(segment.words)] : []));
  return named.length === 0 ? 'user' : named.join('/');
}

function depth(route: RouteToName): number {
  return route.path.split('/').length;
}

function keyOf(route: RouteToName): string {
  return `${route.path} ${route.method} ${route.identity}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
