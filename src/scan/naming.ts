import { actionOf, isSplitAction, pastOn, type Action, type ActionContext } from './actions.ts';
import {
  agrees,
  controllerOf,
  METHOD_VERB,
  objectOf,
  toldByHandler,
  verbOf,
  wholeOf,
} from './handler-names.ts';
import { nounOf, plainNoun, resourcesBeforeVerb, resourcesOf } from './nouns.ts';
import { segmentsOf, type Segment } from './segments.ts';
import { asSpelledIn } from './spelled-words.ts';
import { isPlural, pastTense, wordsOf } from './words.ts';

export interface NamedRoute {
  readonly method: string;
  readonly path: string;
  /** `shipOrder` or `OrdersController.ship`; evidence, not the truth. */
  readonly handlerName: string | null;
  /** Other routes change one of what the path names: `/crops` beside `PATCH /crops/:id`. */
  readonly isCollection?: boolean | undefined;
}

export interface EventName {
  /** Proposals, best first: a later one is taken where an earlier one already means another route. */
  readonly candidates: readonly string[];
  readonly confidence: 'high' | 'medium' | 'low';
  /** What in the path and in the handler's name the proposals are made of. */
  readonly because: readonly string[];
}

/** Who does what the last segment says, where the path names nobody: `POST /register`. */
const ACTORS: Readonly<Record<string, string>> = {
  accepted: 'invitation',
  deactivated: 'user',
  donated: 'donation',
  impersonated: 'user',
  invited: 'user',
  joined: 'user',
  onboarded: 'user',
  registered: 'user',
  sent: 'message',
  signed_up: 'user',
  subscribed: 'user',
  unsubscribed: 'user',
  uploaded: 'file',
  verified: 'user',
};
/** How one signs in, and not what is changed. */
const WAY_IN =
  /^(?:account|apple|auth|basic|credentials?|email|facebook|github|gitlab|google|guest|jwt|ldap|local|magic_link|microsoft|oauth2?|oidc|otp|passkey|password|phone|saml|session|sms|sso|token|twitter|webauthn)$/;
/** What a person adds to a thing and takes from it, while it lives elsewhere. */
const RELATED =
  /^(?:admin|assignee|attendee|author|category|collaborator|contributor|follower|group|guest|label|maintainer|manager|member|moderator|owner|participant|permission|player|reviewer|role|student|subscriber|tag|user|viewer|watcher)$/;
/** There is one of each, so that a POST changes it. */
const SINGLETON =
  /(?:^|_)(?:config|configuration|email|language|locale|name|nickname|password|preferences?|privacy|profile|setting|settings|status|theme|timezone|username|visibility)$/;

/** `resource.action` for a mutation: singular resource, past tense (DESIGN section 3). */
export function nameEvent(route: NamedRoute): EventName {
  const { segments: written, noise } = segmentsOf(route.path);
  const names = route.handlerName?.split('.').map(wordsOf) ?? [];
  const handler = names.at(-1) ?? [];
  const all = asSpelledIn(names, written);
  const { segments, isBulk } = withoutBulkSegment(withNamedItem(all, handler));
  const at = segments.findLastIndex((segment) => segment.kind === 'static');
  const last = segments[at];
  if (last?.kind !== 'static') return fromHandler(route, handler, segments);

  const previous = segments[at - 1];
  const context: ActionContext = {
    method: route.method,
    handler,
    previous: previous?.kind === 'static' ? previous.words : null,
    isFollowedByParameter: at < segments.length - 1,
    isAfterParameter: previous?.kind === 'parameter',
    hasOwner: at > 0,
  };
  const isUnderAuth = noise.some((word) => word.startsWith('auth'));
  // Where there are crops, a POST crops nothing; `/users/activate` beside `/users/activate/:id` is done to users all the same.
  const isThing =
    route.isCollection === true && (at === 0 || /^(?:add|create|insert|store)$/.test(handler[0] ?? ''));
  const action = isThing ? null : actionOf(last.words, context);
  if (action === null) {
    // `PUT /auth/local` names how one signs in; `updatePassword` says what it is for.
    const isWayIn = isUnderAuth && WAY_IN.test(nounOf(last.words)) && objectOf(handler) !== null;
    return isWayIn ? fromHandler(route, handler, segments) : fromMethod(segments, at, route, handler, isBulk);
  }
  const before = segments.slice(0, isSplitAction(last.words, context) ? at - 1 : at);
  const done = isBulk ? { ...action, past: `bulk_${action.past}` } : action;
  return fromAction(done, before, route, isUnderAuth, handler);
}

function fromAction(
  action: Action,
  before: readonly Segment[],
  route: NamedRoute,
  isUnderAuth: boolean,
  handler: readonly string[],
): EventName {
  const resources = resourcesBeforeVerb(before);
  const told = toldByHandler(action, before, handler);
  const named = (isNamespace(before) ? told : null) ?? resources.at(-1) ?? null;
  const isOfUser = /^(?:logged_|signed_up|registered|password_)/.test(action.past);
  const isWayIn = isOfUser && (named === null || isWayInTo(named, action, isUnderAuth));
  const owner = isWayIn ? 'user' : (named ?? (isUnderAuth ? 'user' : null));
  const parent = resources.at(-2);
  const grandparent = resources.at(-3);
  if (owner === null) return withoutOwner(action, route, handler);

  const past = pastOn(owner, action);
  const joint = isWayIn || RELATED.test(owner) ? null : wholeOf(before, handler);
  const candidates = joint === null ? [] : [`${joint}.${pastOn(joint, action)}`];
  candidates.push(`${owner}.${past}`);
  if (action.longPast !== null)
    candidates.push(`${owner}.${pastOn(owner, { ...action, past: action.longPast })}`);
  if (parent !== undefined && !isWayIn) {
    const whole = `${parent}.${owner}_${past}`;
    if (told === parent) candidates.unshift(whole);
    else candidates.push(whole);
    if (grandparent !== undefined) candidates.push(`${grandparent}.${parent}_${owner}_${past}`);
  }
  return {
    candidates,
    confidence: action.isCertain && route.method !== 'ALL' ? 'high' : 'medium',
    because: [
      `the end of the path says what is done: ${past}`,
      owner === named
        ? `"${owner}" is what it is done to, before it`
        : `what is done so is done to a ${owner}`,
    ],
  };
}

/** `/banking`: what is done there is done to something below it. */
function isNamespace(before: readonly Segment[]): boolean {
  const [only] = before;
  return before.length === 1 && only?.kind === 'static' && only.words.at(-1)?.endsWith('ing') === true;
}

function isWayInTo(named: string, { past }: Action, isUnderAuth: boolean): boolean {
  if (!WAY_IN.test(named)) return false;
  // What is registered under `/oauth` are clients.
  return past.startsWith('logged_') || named === 'account' || (isUnderAuth && !named.startsWith('o'));
}

/** `POST /send-email`, `POST /subscribe`: the object, the handler or custom say what is meant. */
function withoutOwner(action: Action, route: NamedRoute, handler: readonly string[]): EventName {
  if (action.object.length > 0) {
    const object = nounOf(action.object);
    return {
      candidates: [`${object}.${action.past}`],
      confidence: 'medium',
      because: [`the last segment says what is done and to what: ${action.past}, ${object}`],
    };
  }
  const known = Object.hasOwn(ACTORS, action.past) ? ACTORS[action.past] : undefined;
  const owner = objectOf(handler) ?? controllerOf(route) ?? known ?? 'resource';
  const source =
    owner === 'resource'
      ? 'neither the path nor the handler says to what'
      : owner === known
        ? `what is done so is usually done to a ${owner}`
        : `the handler's name says to what: ${owner}`;
  return {
    candidates: [`${owner}.${action.past}`],
    confidence: owner === 'resource' ? 'low' : 'medium',
    because: [`the last segment says what is done: ${action.past}`, source],
  };
}

function fromMethod(
  segments: readonly Segment[],
  at: number,
  route: NamedRoute,
  handler: readonly string[],
  isBulk: boolean,
): EventName {
  const { method } = route;
  const last = segments[at];
  const words = last?.kind === 'static' ? last.words : [];
  const isItem = at < segments.length - 1;
  const isCollection = isPlural(words.at(-1) ?? '');
  const resources = resourcesOf(segments.slice(0, at));
  const noun = nounOf(words);
  const parent = resources.at(-1);
  const grandparent = resources.at(-2);
  const previous = segments[at - 1];
  const isWhole = method === 'DELETE' && !isItem && isCollection;
  const isAction = isBulk && method === 'POST' && /[/](?:bulk|batch)[-_]?actions?$/i.test(route.path);
  const verb = isAction
    ? 'update'
    : verbOf(method, handler, isItem ? segments.at(-1) : undefined, noun, parent);
  const past = `${isBulk ? 'bulk_' : ''}${pastTense(verb)}`;
  const because = [
    `"${words.join('-')}" is the last thing that the path names: ${noun}`,
    ...(parent === undefined ? [] : [`it is below "${parent}"`]),
    verb === METHOD_VERB[method]
      ? `${method} of ${isItem ? 'one of them' : 'it'} is to ${verb}`
      : `the handler ${route.handlerName ?? ''} or the item says that it is to ${verb}`,
    ...(isBulk ? ['a segment of the path says that it is about many'] : []),
  ];

  if (parent === undefined) {
    return {
      candidates: [`${noun}.${isWhole && !isBulk ? `bulk_${past}` : past}`],
      confidence: method === 'ALL' ? 'low' : handler.length > 0 && !agrees(handler, verb) ? 'medium' : 'high',
      because,
    };
  }
  const deeper = grandparent === undefined ? [] : [`${grandparent}.${parent}_${noun}_${past}`];
  if (isWhole && isBulk) return { candidates: [`${noun}.${past}`, ...deeper], confidence: 'high', because };
  if (isWhole) {
    const candidates = [`${parent}.${plainNoun(words)}_${past}`, ...deeper];
    return { candidates, confidence: 'medium', because };
  }
  if (SINGLETON.test(noun)) {
    const setPast = method === 'POST' && verb === 'create' ? 'updated' : past;
    const owner =
      previous?.kind === 'static' && grandparent !== undefined && RELATED.test(parent) ? grandparent : parent;
    const whole = grandparent === undefined ? [] : [`${grandparent}.${parent}_${noun}_${setPast}`];
    return { candidates: [`${owner}.${noun}_${setPast}`, ...whole], confidence: 'medium', because };
  }
  if (previous?.kind === 'static' && previous.words.length > 0 && parent === nounOf(previous.words)) {
    return {
      candidates: [...joined(previous, parent, grandparent, noun, past, isCollection), ...deeper],
      confidence: 'medium',
      because,
    };
  }
  const qualified = `${parent}.${noun}_${past}`;
  // `PUT /teams/:id/users` says which users a team has.
  if (/^(?:PUT|PATCH)$/.test(method) && !isItem && isCollection && verb === 'update' && !isBulk) {
    const whole = `${parent}.${plainNoun(words)}_${past}`;
    return {
      candidates:
        method === 'PUT' ? [whole, `${noun}.${past}`, ...deeper] : [`${noun}.${past}`, whole, ...deeper],
      confidence: 'medium',
      because,
    };
  }
  if (RELATED.test(noun) && isCollection && /^(?:create|delete)$/.test(verb)) {
    return {
      candidates: [`${parent}.${noun}_${verb === 'create' ? 'added' : 'removed'}`, qualified, ...deeper],
      confidence: 'medium',
      because,
    };
  }
  // A singular under an item is a part of it: `/users/me/avatar`.
  if (!isCollection && !isItem) {
    const partVerb = method === 'POST' && verb === 'create' ? 'add' : verb;
    return {
      candidates: [`${parent}.${noun}_${pastTense(partVerb)}`, ...deeper],
      confidence: 'medium',
      because,
    };
  }
  const isOwn = parent === 'user' && previous?.kind === 'parameter' && previous.isOwn;
  return {
    candidates: isOwn ? [qualified, `${noun}.${past}`] : [`${noun}.${past}`, qualified, ...deeper],
    confidence: 'high',
    because,
  };
}

/** Two nouns in a row: `/git/tokens` are git tokens, `/permissions/users` user permissions, `/users/avatar` a user's. */
function joined(
  previous: Segment,
  parent: string,
  grandparent: string | undefined,
  noun: string,
  past: string,
  isCollection: boolean,
): string[] {
  const qualified = `${parent}.${noun}_${past}`;
  // `/backup/scheduled-backups`
  if (noun.endsWith(`_${parent}`)) return [`${noun}.${past}`, qualified];
  const isPluralBefore = previous.kind === 'static' && isPlural(previous.words.at(-1) ?? '');
  if (isPluralBefore && isCollection && grandparent !== undefined) {
    return [`${grandparent}.${noun}_${parent}_${past}`, qualified];
  }
  if (isPluralBefore || /^(?:user|account|profile)$/.test(parent)) {
    return grandparent === undefined ? [qualified] : [`${grandparent}.${noun}_${past}`, qualified];
  }
  return [`${parent}_${noun}.${past}`, qualified];
}

/** `/` and `/:id`: only the handler and its class know. */
function fromHandler(route: NamedRoute, handler: readonly string[], segments: readonly Segment[]): EventName {
  const own = segments.some((segment) => segment.kind === 'parameter' && segment.isOwn) ? 'user' : null;
  const owner = own ?? objectOf(handler) ?? controllerOf(route) ?? 'resource';
  const verb = verbOf(route.method, handler, segments.at(-1), owner);
  const source =
    owner === 'resource'
      ? 'neither the path nor the handler names a thing'
      : own === null
        ? `the path names no thing; ${route.handlerName ?? 'the handler'} says ${owner}`
        : 'the path stands for the caller';
  return {
    candidates: [`${owner}.${pastTense(verb)}`],
    confidence: own === null ? 'low' : 'medium',
    because: [source, `${route.method} or the handler's name says that it is to ${verb}`],
  };
}

/** `/db/:database/:collection` of `deleteCollection` is about a collection. */
function withNamedItem(all: readonly Segment[], handler: readonly string[]): readonly Segment[] {
  const [before, item] = all.slice(-2);
  if (before?.kind !== 'parameter' || item?.kind !== 'parameter') return all;
  const words = wordsOf(item.name);
  const isSaid = words.length === 1 && handler.includes(words[0] ?? '') && handler[0] !== words[0];
  return isSaid ? [...all.slice(0, -1), { kind: 'static', words }, item] : all;
}

/** `/orders/bulk` and `/orders/batch/cancel` are about many orders; `/batch` alone is a thing. */
function withoutBulkSegment(all: readonly Segment[]): { segments: readonly Segment[]; isBulk: boolean } {
  const segments = all.filter(
    (segment, index) =>
      index === 0 ||
      segment.kind === 'parameter' ||
      !/^(?:bulk|batch)(?:_actions?)?$/.test(segment.words.join('_')),
  );
  const isBulk = segments.length < all.length;
  // `/orders/new` makes one.
  const last = segments.at(-1);
  const isNew = segments.length > 1 && last?.kind === 'static' && last.words.join('_') === 'new';
  return { segments: isNew ? segments.slice(0, -1) : segments, isBulk };
}
