import { singularWords } from './nouns.ts';
import { isActionVerb, isOperation, isPureVerb, READ_VERBS, startsCompound, undoing } from './verbs.ts';
import { isPlural, pastTense } from './words.ts';

/** What the words of a path say is done. */
export interface Action {
  /** In the past tense: `shipped`, `bulk_deleted`, `marked_as_paid`. */
  readonly past: string;
  /** What it is done to, where the words say so: `email` of `send-email`. */
  readonly object: readonly string[];
  /** Says more than `past`, where that one already means another route: `created_from_url`. */
  readonly longPast: string | null;
  readonly isCertain: boolean;
}

/** What surrounds the words in their path. */
export interface ActionContext {
  readonly method: string;
  /** Words of the handler's name. */
  readonly handler: readonly string[];
  /** Words of the segment before, if that is no parameter. */
  readonly previous: readonly string[] | null;
  readonly isFollowedByParameter: boolean;
  readonly isAfterParameter: boolean;
  readonly hasOwner: boolean;
}

/** Said in two words in paths and handler names, in one in event types. */
const PHRASES: Readonly<Record<string, string>> = {
  sign_up: 'signed_up',
  signup: 'signed_up',
  log_in: 'logged_in',
  login: 'logged_in',
  logon: 'logged_in',
  sign_in: 'logged_in',
  signin: 'logged_in',
  log_out: 'logged_out',
  logout: 'logged_out',
  logoff: 'logged_out',
  backchannel_logout: 'logged_out',
  sign_out: 'logged_out',
  signout: 'logged_out',
  check_in: 'checked_in',
  checkin: 'checked_in',
  check_out: 'checked_out',
  checkout: 'checked_out',
  opt_in: 'opted_in',
  opt_out: 'opted_out',
  edit: 'updated',
  roll_back: 'rolled_back',
  rollback: 'rolled_back',
  shut_down: 'shut_down',
  shutdown: 'shut_down',
  back_up: 'backed_up',
  backup: 'backed_up',
  clean_up: 'cleaned_up',
  cleanup: 'cleaned_up',
  turn_on: 'turned_on',
  turn_off: 'turned_off',
  forgot_password: 'password_reset_requested',
  forget_password: 'password_reset_requested',
  password_forgot: 'password_reset_requested',
  lost_password: 'password_reset_requested',
  new_password: 'password_changed',
  reset_password: 'password_reset',
  password_reset: 'password_reset',
  undo: 'undone',
  redo: 'redone',
  factory_reset: 'factory_reset',
  gc: 'garbage_collected',
  write_off: 'written_off',
  writeoff: 'written_off',
};
const BULK = /^(?:bulk|batch|mass|multi|multiple|many|all|selected)$/;
const PREPOSITION = /^(?:from|for|before|after|by|with|without|via|using|in|into|on|onto|at|as|to|of|and)$/;
const STATE =
  /^(?:archived|complete|completed|default|done|duplicate|failed|important|incomplete|paid|primary|private|public|read|resolved|seen|sent|spam|unpaid|unread|unresolved|unseen|used|viewed)$/;
const TRANSFER = /^(?:upload|import|export|download|backup|restore|migration|sync)$/;
const STEP =
  /^(?:abort|cancel|commit|complete|confirm|fail|finalize|finish|initiate|pause|resume|retry|start|stop)$/;
/** `/users/suspend-me` */
const CALLER = /^(?:me|myself|self)$/;
/** Words of a handler's name that say how it is called: `attitudePost` does nothing to a post. */
const OF_HTTP = /^(?:get|post|put|patch|delete|handler|route|controller|action)$/;
/** How a verb is done, and not what: `force-delete`. */
const ADVERBS: Readonly<Record<string, string>> = {
  automatic: 'automatically',
  force: 'force',
  manual: 'manually',
};
const NEGATION = /^(?:no|not|non)$/;
const FILLER = /^(?:the|a|an|new|my|this|current|is)$/;

/** The last segment, or the last two, as an action; null where they name a thing. */
export function actionOf(words: readonly string[], context: ActionContext): Action | null {
  const { previous } = context;
  if (previous !== null) {
    const phrase = phraseOf([...previous, ...words]);
    if (phrase !== null) return certain(phrase);
  }
  const step = stepOf(words, context);
  if (step !== null) return step;
  const phrase = phraseOf(words);
  if (phrase === 'password_reset' && context.handler[0] === 'request')
    return certain('password_reset_requested');
  if (phrase !== null) return certain(phrase);
  // `/sso-login`: how one signs in is no part of what happened.
  const ending = phraseOf(words.slice(-1));
  if (words.length > 1 && ending?.startsWith('logged_') === true) return certain(ending);
  const own = ownAction(words, context);
  if (own !== null) return own;
  const [verb] = previous ?? [];
  // `DELETE /files/upload/status` is of a thing.
  if (context.method === 'DELETE') return null;
  const isSplit = previous?.length === 1 && verb !== undefined && isPureVerb(verb) && !READ_VERBS.has(verb);
  // `/devices/:id/generate/description`: the verb stands before what it is done to.
  return isSplit ? withObject(verb, words) : null;
}

/** `POST /orders/:id/upload/complete`: what is completed is the upload of an order. */
function stepOf(words: readonly string[], { previous, method }: ActionContext): Action | null {
  const [step] = words;
  const [what] = previous ?? [];
  if (words.length !== 1 || previous?.length !== 1 || step === undefined || what === undefined) return null;
  if (method !== 'POST' || !TRANSFER.test(what) || !STEP.test(step)) return null;
  return { ...certain(`${what}_${pastTense(step)}`), isCertain: true };
}

/** Whether the segment before was part of what `actionOf` read. */
export function isSplitAction(words: readonly string[], context: ActionContext): boolean {
  const { previous } = context;
  if (previous === null) return false;
  if (phraseOf([...previous, ...words]) !== null || stepOf(words, context) !== null) return true;
  return phraseOf(words) === null && ownAction(words, context) === null;
}

function ownAction(words: readonly string[], context: ActionContext): Action | null {
  const { bare, isBulk } = withoutBulk(words);
  const [verb, ...object] = bare;
  if (verb === undefined) return null;
  const adverb = Object.hasOwn(ADVERBS, verb) ? ADVERBS[verb] : undefined;
  if (adverb !== undefined && object[0] !== undefined && isPureVerb(object[0])) {
    const done = ownAction(object, context);
    return done === null ? null : { ...done, past: bulk(`${adverb}_${done.past}`, isBulk) };
  }
  if (isVerbHere(verb, bare, isBulk, context)) {
    if (object.length > 0) return withObject(verb, object, isBulk);
    const past = context.method === 'DELETE' ? undone(verb, context.handler) : pastTense(verb);
    return past === null ? null : certain(bulk(past, isBulk));
  }
  const last = bare.at(-1);
  // `/password-reset`, `notificationsSubscribe`
  // `/no-merge` says what is not to be done.
  const isNegated = NEGATION.test(verb);
  if (last !== undefined && object.length > 0 && isPureVerb(last) && !READ_VERBS.has(last) && !isNegated) {
    return { ...certain(bulk(pastTense(last), isBulk)), object: bare.slice(0, -1) };
  }
  // `/orders/:id/paid`: already in the past tense.
  const [does] = context.handler;
  if (context.hasOwner && bare.length === 1 && verb.endsWith('ed') && does !== undefined) {
    return READ_VERBS.has(does) ? null : { ...certain(verb), isCertain: false };
  }
  return null;
}

function isVerbHere(
  verb: string,
  bare: readonly string[],
  isBulk: boolean,
  { method, handler, hasOwner, isAfterParameter, isFollowedByParameter }: ActionContext,
): boolean {
  // `appleLogin` beside `/apple/login` names a verb nobody knows; `apple` beside `/apple` names nothing more.
  const isMore = handler.slice(1).some((word) => !OF_HTTP.test(word));
  const isNamedSo = handler[0] === verb && isMore && !isPlural(verb) && !READ_VERBS.has(verb);
  if (isNamedSo && bare.length === 1) return true;
  if (bare.length > 1 && isObjectOf(handler, bare)) return false;
  if (!isActionVerb(verb)) return false;
  // `DELETE /reverse-shares/:id` is of a reverse share.
  const isOfThing = method === 'DELETE' && isFollowedByParameter && isPlural(bare.at(-1) ?? '');
  if (bare.length > 1 && isOfThing && !/^(?:delete|remove|clear|purge|un[a-z]+)$/.test(verb)) return false;
  if (isPureVerb(verb)) return hasOwner || bare.length > 1 || isBulk || !isFollowedByParameter;
  // What is a noun as well: `/buildCluster` and `/imports/:id` are things, `/orders/:id/archive` is an action.
  // A checkout has sessions and links; a path that checks something out ends with the word.
  if (bare.length > 1) return verb !== 'checkout' && (method === 'POST' || !startsCompound(verb));
  return (isAfterParameter || hasOwner) && !(isFollowedByParameter && method === 'DELETE');
}

/** `PUT /forms/:id/end-page` of `updateEndPage` ends no page, nor does `create` of `/reverse-shares` reverse shares. */
function isObjectOf(handler: readonly string[], bare: readonly string[]): boolean {
  if (handler.length === 1 && handler[0] === 'create') return isPlural(bare.at(-1) ?? '');
  const at = handler.findIndex((word) => /^(?:create|delete|edit|get|remove|save|set|update)$/.test(word));
  return at !== -1 && handler.slice(at + 1, at + 1 + bare.length).join('_') === bare.join('_');
}

/** What a DELETE of a verb segment does, in the past tense. */
function undone(verb: string, handler: readonly string[]): string | null {
  const [first] = handler[0] === 'handle' ? handler.slice(1) : handler;
  const isOfThing = first === 'delete' || first === 'remove';
  if (first !== undefined && first !== verb && isActionVerb(first) && !isOfThing) return pastTense(first);
  // `deleteImport` deletes what an import left behind.
  if (isOperation(verb)) return isOfThing ? null : `${verb}_cancelled`;
  const opposite = undoing(verb);
  return opposite === null ? null : pastTense(opposite);
}

function withObject(verb: string, rest: readonly string[], isBulk = false): Action {
  const at = rest.findIndex((word) => PREPOSITION.test(word));
  const said = at === -1 ? rest : rest.slice(0, at);
  const isAll = isBulk || said.some((word) => BULK.test(word));
  const object = said.filter((word) => !FILLER.test(word) && !BULK.test(word) && !CALLER.test(word));
  const tail = at === -1 ? [] : rest.slice(at).filter((word) => !FILLER.test(word));
  const state = object.at(-1);
  // `markMessageUnread`
  if (verb === 'mark' && tail.length === 0 && state !== undefined && STATE.test(state)) {
    return { ...certain(bulk(`marked_as_${state}`, isAll)), object: object.slice(0, -1) };
  }
  const past = bulk(pastTense(verb), isBulk || (isAll && (object.length === 0 || tail.length === 0)));
  if (tail.length === 0) return { ...certain(past), object };
  const long = [past, ...tail].join('_');
  const isWhole = tail[0] === 'as' || (object.length === 0 && verb !== 'create' && verb !== 'delete');
  return { past: isWhole ? long : past, object, longPast: isWhole ? null : long, isCertain: true };
}

function withoutBulk(words: readonly string[]): { bare: readonly string[]; isBulk: boolean } {
  if (words.length < 2) return { bare: words, isBulk: false };
  if (BULK.test(words[0] ?? '')) return { bare: words.slice(1), isBulk: true };
  if (BULK.test(words.at(-1) ?? '')) return { bare: words.slice(0, -1), isBulk: true };
  return { bare: words, isBulk: false };
}

function bulk(past: string, isBulk: boolean): string {
  return isBulk ? `bulk_${past}` : past;
}

function phraseOf(words: readonly string[]): string | null {
  const whole = words.join('_');
  return Object.hasOwn(PHRASES, whole) ? (PHRASES[whole] ?? null) : null;
}

function certain(past: string): Action {
  return { past, object: [], longPast: null, isCertain: true };
}

/** `send_email` of `notification` is `email_sent`; `archive_chat` of `chat` is `archived`. */
export function pastOn(owner: string | null, { object, past }: Pick<Action, 'object' | 'past'>): string {
  const own = owner === null ? [] : owner.split('_');
  const words = [...object];
  if (singularWords(words.slice(0, own.length)) === singularWords(own)) words.splice(0, own.length);
  return words.length === 0 ? past : `${words.join('_')}_${past}`;
}
