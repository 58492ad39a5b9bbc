import { segmentsOf, type Segment } from './segments.ts';
import { ACTION_VERBS, oppositeOf, READ_VERBS } from './verbs.ts';
import { isPlural, pastTense, singular, wordsOf } from './words.ts';

export interface NamedRoute {
  readonly method: string;
  readonly path: string;
  /** `shipOrder` or `OrdersController.ship`; evidence, not the truth. */
  readonly handlerName: string | null;
}

export interface EventName {
  /** Proposals, best first: a later one is taken where an earlier one already means another route. */
  readonly candidates: readonly string[];
  readonly confidence: 'high' | 'medium' | 'low';
}

/** Verbs of a handler's name that say more than its method does. */
const TELLING_VERBS: Readonly<Record<string, readonly string[]>> = {
  POST: ['register', 'upload', 'import', 'generate', 'upsert'],
  PUT: ['set', 'replace', 'reorder', 'toggle', 'archive', 'restore', 'approve', 'cancel'],
  PATCH: ['set', 'reorder', 'toggle', 'archive', 'restore', 'approve', 'cancel', 'rename'],
  DELETE: ['purge', 'revoke', 'archive', 'clear', 'cancel', 'deactivate', 'disable', 'close', 'unlink'],
};
const METHOD_VERB: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
  ALL: 'change',
};
/** Said in two words in paths and handler names, in one in event types. */
const PHRASES: Readonly<Record<string, string>> = {
  sign_up: 'signed_up',
  signup: 'signed_up',
  log_in: 'logged_in',
  login: 'logged_in',
  sign_in: 'logged_in',
  signin: 'logged_in',
  log_out: 'logged_out',
  logout: 'logged_out',
  backchannel_logout: 'logged_out',
  sign_out: 'logged_out',
  signout: 'logged_out',
  check_in: 'checked_in',
  checkin: 'checked_in',
  check_out: 'checked_out',
  checkout: 'checked_out',
  opt_in: 'opted_in',
  opt_out: 'opted_out',
  roll_back: 'rolled_back',
  rollback: 'rolled_back',
  turn_on: 'turned_on',
  turn_off: 'turned_off',
  forgot_password: 'password_reset_requested',
  forget_password: 'password_reset_requested',
  new_password: 'password_changed',
  undo: 'undone',
};

/** `resource.action` for a mutation: singular resource, past tense (DESIGN section 3). */
export function nameEvent(route: NamedRoute): EventName {
  const { segments, noise } = segmentsOf(route.path);
  const handler = wordsOf(route.handlerName?.split('.').at(-1) ?? '');
  const lastStatic = segments.findLastIndex((segment) => segment.kind === 'static');
  const last = segments[lastStatic];
  const before = segments.slice(0, Math.max(lastStatic, 0));
  const isAccount = noise.some((word) => /^auth|^me$|^self$|^my$/.test(word));

  if (last?.kind === 'static') {
    const action = actionOf(
      last.words,
      handler,
      segments.length - 1 > lastStatic,
      before.length > 0,
      route.method,
    );
    if (action !== null) return fromAction(action, before, route, isAccount, handler);
  }
  return fromMethod(segments, lastStatic, route, handler);
}

interface Action {
  readonly past: string;
  readonly object: readonly string[];
  readonly isCertain: boolean;
}

/** The last segment as an action; null where it names a thing. */
function actionOf(
  words: readonly string[],
  handler: readonly string[],
  isFollowedByParameter: boolean,
  hasOwner: boolean,
  method: string,
): Action | null {
  const whole = words.join('_');
  const phrase = Object.hasOwn(PHRASES, whole) ? PHRASES[whole] : undefined;
  if (phrase !== undefined) return { past: phrase, object: [], isCertain: true };
  const [verb, ...object] = words;
  if (verb === undefined) return null;
  const isVerb = ACTION_VERBS.has(verb) || (handler[0] === verb && method !== 'GET' && !isPlural(verb));
  if (isVerb && (hasOwner || words.length > 1 || !isFollowedByParameter)) {
    const isUndone = method === 'DELETE' && object.length === 0 && !/^(?:delete|remove|un)/.test(verb);
    return { past: pastTense(isUndone ? undoing(verb, handler) : verb), object, isCertain: true };
  }
  // `/orders/:id/mark-as-paid`, `/orders/:id/paid`: already in the past tense.
  if (
    hasOwner &&
    words.length === 1 &&
    verb.endsWith('ed') &&
    handler[0] !== undefined &&
    !READ_VERBS.has(handler[0])
  ) {
    return { past: verb, object: [], isCertain: false };
  }
  return null;
}

function undoing(verb: string, handler: readonly string[]): string {
  const [first] = handler;
  return first !== undefined &&
    first !== verb &&
    ACTION_VERBS.has(first) &&
    !/^(?:delete|remove)$/.test(first)
    ? first
    : oppositeOf(verb);
}

function fromAction(
  action: Action,
  before: readonly Segment[],
  route: NamedRoute,
  isAccount: boolean,
  handler: readonly string[],
): EventName {
  const resources = resourcesOf(before);
  const isSession =
    action.past.startsWith('logged_') && /^(?:account|oidc|saml|session)$/.test(resources.at(-1) ?? '');
  const owner = isSession
    ? 'user'
    : (resources.at(-1) ?? (isAccount || action.past === 'signed_up' ? 'user' : objectOf(handler)));
  const object = action.object.filter(
    (word) => !['all', 'as', 'to', 'for', 'the', 'by', 'from', 'with'].includes(word),
  );
  const parent = resources.at(-2);
  if (owner === null) {
    // `POST /send-email`: the object is all there is.
    const alone = object.length > 0 ? nounOf(object) : (parent ?? 'resource');
    return { candidates: [`${alone}.${action.past}`], confidence: object.length > 0 ? 'medium' : 'low' };
  }
  // `/notes/move/:id` and `/messages/sendText`: the object says what of the owner.
  const isOwnName = object.length > 0 && nounOf(object) === owner;
  const past = object.length === 0 || isOwnName ? action.past : `${object.join('_')}_${action.past}`;
  const candidates = [`${owner}.${past}`];
  if (parent !== undefined) candidates.push(`${parent}.${owner}_${past}`);
  return {
    candidates,
    confidence: action.isCertain && route.method !== 'ALL' ? 'high' : 'medium',
  };
}

function fromMethod(
  segments: readonly Segment[],
  lastStatic: number,
  route: NamedRoute,
  handler: readonly string[],
): EventName {
  const { method } = route;
  const last = segments[lastStatic];
  if (last?.kind !== 'static') {
    const object = objectOf(handler) ?? 'user';
    return { candidates: [`${object}.${pastTense(verbOf(method, handler))}`], confidence: 'low' };
  }
  const isItem = lastStatic < segments.length - 1;
  const isCollection = isPlural(last.words.at(-1) ?? '');
  const resources = resourcesOf(segments.slice(0, lastStatic));
  const noun = nounOf(last.words);
  const parent = resources.at(-1);
  const grandparent = resources.at(-2);
  const previous = segments[lastStatic - 1];
  const verb = method === 'POST' && isItem ? itemVerb(segments.at(-1), handler) : verbOf(method, handler);
  const past = pastTense(verb);

  if (parent === undefined) {
    const isBulk = method === 'DELETE' && !isItem && isCollection;
    return {
      candidates: [`${noun}.${isBulk ? `bulk_${past}` : past}`],
      confidence: method === 'ALL' ? 'low' : handler.length > 0 && !agrees(handler, verb) ? 'medium' : 'high',
    };
  }
  const qualified = `${parent}.${noun}_${past}`;
  const deeper = grandparent === undefined ? [] : [`${grandparent}.${parent}_${noun}_${past}`];
  if (previous?.kind === 'static') {
    // `/notes/:id/permissions/users/:name` is a permission of a user on the note, no change of a user.
    const joined = grandparent === undefined ? qualified : `${grandparent}.${noun}_${parent}_${past}`;
    return { candidates: [joined, qualified, ...deeper], confidence: 'medium' };
  }
  const isWhole = method === 'DELETE' && !isItem && isCollection;
  if (isWhole) {
    return { candidates: [`${parent}.${last.words.join('_')}_${past}`, ...deeper], confidence: 'medium' };
  }
  // A singular under an item is a part of it: `/users/me/avatar`.
  if (!isCollection && !isItem) {
    const partVerb = method === 'POST' && verb === 'create' ? 'add' : verb;
    return { candidates: [`${parent}.${noun}_${pastTense(partVerb)}`, ...deeper], confidence: 'medium' };
  }
  return { candidates: [`${noun}.${past}`, qualified, ...deeper], confidence: 'high' };
}

function verbOf(method: string, handler: readonly string[]): string {
  const [first] = handler;
  if (first !== undefined && TELLING_VERBS[method]?.includes(first) === true) return first;
  return METHOD_VERB[method] ?? 'change';
}

/** POST on an item creates it where the names say so, else changes it. */
function itemVerb(item: Segment | undefined, handler: readonly string[]): string {
  const [first] = handler;
  const isNew = item?.kind === 'parameter' && wordsOf(item.name).includes('new');
  if (isNew || first === 'create' || first === 'add') return 'create';
  return first === 'delete' || first === 'remove' ? 'delete' : 'update';
}

function agrees(handler: readonly string[], verb: string): boolean {
  const same: Readonly<Record<string, readonly string[]>> = {
    create: ['create', 'add', 'post', 'new', 'insert', 'save', 'store', 'make'],
    update: ['update', 'edit', 'patch', 'put', 'modify', 'change', 'save', 'set'],
    delete: ['delete', 'remove', 'destroy', 'del'],
  };
  return handler[0] === verb || same[verb]?.includes(handler[0] ?? '') === true;
}

/** The static segments as singular nouns; verbs among them are no resources. */
function resourcesOf(segments: readonly Segment[]): string[] {
  return segments.flatMap((segment) => {
    if (segment.kind !== 'static') return [];
    const [first] = segment.words;
    const isVerb =
      segment.words.length === 1 && first !== undefined && ACTION_VERBS.has(first) && segments.length > 1;
    return isVerb && segments[0] !== segment ? [] : [nounOf(segment.words)];
  });
}

function nounOf(words: readonly string[]): string {
  const joined = [...words.slice(0, -1), singular(words.at(-1) ?? '')].join('_');
  return joined === 'apikey' ? 'api_key' : /^[a-z]/.test(joined) ? joined : `resource_${joined}`;
}

/** The object in a handler's name: `order` of `shipOrder`. */
function objectOf(handler: readonly string[]): string | null {
  const [verb, ...object] = handler;
  if (verb === undefined || object.length === 0 || object.length > 3) return null;
  if (!ACTION_VERBS.has(verb) && !['create', 'update', 'delete'].includes(verb)) return null;
  return nounOf(object.filter((word) => word !== 'handler' && word !== 'new'));
}
