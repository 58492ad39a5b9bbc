import type { Action } from './actions.ts';
import type { NamedRoute } from './naming.ts';
import { nounOf } from './nouns.ts';
import type { Segment } from './segments.ts';
import { isActionVerb } from './verbs.ts';
import { isPlural, pastTense, singular, wordsOf } from './words.ts';

export const METHOD_VERB: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
  ALL: 'change',
};
/** Verbs of a handler's name that say no more than its method does. */
const GENERIC =
  /^(?:add|apply|append|change|commit|configure|create|delete|destroy|do|drop|edit|execute|file|fire|handle|include|init|initialize|initiate|insert|issue|make|mark|modify|new|patch|perform|post|prepare|process|push|put|read|receive|record|remove|request|run|save|set|store|submit|update|write)$/;

/** `categorizeTransaction` of `/banking/categorize`, `duplicateCampaign` of `/campaigns/:id/sms/duplicate`. */
export function toldByHandler(
  { past, object }: Action,
  before: readonly Segment[],
  handler: readonly string[],
): string | null {
  const [verb, ...said] = handler;
  const last = before.at(-1);
  const isNamed = said.length === 1 || said.length === 2;
  if (verb === undefined || !isNamed || object.length > 0 || pastTense(verb) !== past) return null;
  return last?.kind === 'static' && !isPlural(last.words.at(-1) ?? '') ? objectOf(handler) : null;
}

/** `provider_item` of `/provider/item/create` by `createProviderItem`: two segments that the handler says in one. */
export function wholeOf(before: readonly Segment[], handler: readonly string[]): string | null {
  const [parent, item] = before.slice(-2);
  if (parent?.kind !== 'static' || item?.kind !== 'static') return null;
  const both = [...parent.words, ...item.words];
  const said = `_${handler.map(singular).join('_')}_`;
  return said.includes(`_${both.map(singular).join('_')}_`)
    ? `${nounOf(parent.words)}_${nounOf(item.words)}`
    : null;
}

/** The object in a handler's name: `order` of `shipOrder`. */
export function objectOf(handler: readonly string[]): string | null {
  const [verb, ...object] = handler[0] === 'handle' ? handler.slice(1) : handler;
  const said = object.filter((word) => !/^(?:handler|new|request|controller|action|fn)$/.test(word));
  if (verb === undefined || said.length === 0 || said.length > 3) return null;
  return isActionVerb(verb) || METHOD_VERB[verb.toUpperCase()] !== undefined ? nounOf(said) : null;
}

/** `order` of `OrdersController.create`. */
export function controllerOf({ handlerName }: NamedRoute): string | null {
  const [owner, method] = handlerName?.split('.') ?? [];
  if (owner === undefined || method === undefined) return null;
  const words = wordsOf(owner).filter(
    (word) => !/^(?:api|base|controller|handlers?|resource|routes?|routers?|service|app)$/.test(word),
  );
  return words.length === 0 ? null : nounOf(words);
}

/** What a request on a thing does to it, by its method and the handler's name. */
export function verbOf(
  method: string,
  handler: readonly string[],
  item: Segment | undefined,
  noun: string,
  parent?: string,
): string {
  const [first, ...object] = handler;
  // `setCharacteristic` of `/accessories/:id` updates the accessory.
  const said = nounOf(object);
  const isBare = object.length === 0;
  const isPartSet = item === undefined ? said.startsWith(noun) : said === `${noun}_${parent}`;
  if (first === 'set' && (isBare || `_${said}`.endsWith(`_${noun}`) || isPartSet)) return first;
  const isAboutIt = isBare || said.endsWith(noun) || said.startsWith(noun);
  // `POST /imports` by `import`: what is done is the thing itself.
  const isSaid = first !== undefined && first !== noun && isActionVerb(first) && !GENERIC.test(first);
  if (isSaid && isAboutIt) return first;
  if (first === 'link' || first === 'confirm') return first;
  if (method === 'POST' && item !== undefined) return itemVerb(item, handler, noun);
  return METHOD_VERB[method] ?? 'change';
}

/** POST on an item creates it where the names say so, else changes it. */
function itemVerb(item: Segment, handler: readonly string[], noun: string): string {
  const [first] = handler;
  const isNew =
    item.kind === 'parameter' && (wordsOf(item.name).includes('new') || isOfAnother(item.name, noun));
  if (isNew || first === 'create' || first === 'add') return 'create';
  return first === 'delete' || first === 'remove' ? 'delete' : 'update';
}

/** `/comments/:taskId` names the task that a comment is for. */
function isOfAnother(parameter: string, noun: string): boolean {
  const words = wordsOf(parameter);
  const named = /^(?:id|uuid)$/.test(words.at(-1) ?? '') ? words.slice(0, -1) : [];
  const last = named.at(-1);
  return last !== undefined && !noun.split('_').includes(singular(last)) && !noun.startsWith(last);
}

/** Whether a handler's name begins with a word for the verb. */
export function agrees(handler: readonly string[], verb: string): boolean {
  const same: Readonly<Record<string, readonly string[]>> = {
    create: ['create', 'add', 'post', 'new', 'insert', 'save', 'store', 'make'],
    update: ['update', 'edit', 'patch', 'put', 'modify', 'change', 'save', 'set'],
    delete: ['delete', 'remove', 'destroy', 'del'],
  };
  return handler[0] === verb || same[verb]?.includes(handler[0] ?? '') === true;
}
