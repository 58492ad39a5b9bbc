import type { Action } from './actions.ts';
import type { NamedRoute } from './naming.ts';
import { nounOf } from './nouns.ts';
import type { Segment } from './segments.ts';
import { isActionVerb } from './verbs.ts';
import { isPlural, pastTense, wordsOf } from './words.ts';

export const METHOD_VERB: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
  ALL: 'change',
};
/** `categorizeTransaction` of `/banking/categorize`, `duplicateCampaign` of `/campaigns/:id/sms/duplicate`. */
export function toldByHandler(
  { past, object }: Action,
  before: readonly Segment[],
  handler: readonly string[],
): string | null {
  const [verb, ...said] = handler;
  const last = before.at(-1);
  if (verb === undefined || said.length !== 1 || object.length > 0 || pastTense(verb) !== past) return null;
  return last?.kind === 'static' && !isPlural(last.words.at(-1) ?? '') ? objectOf(handler) : null;
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
