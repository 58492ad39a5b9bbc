import type { ts } from './project.ts';
import { memberPath, optionsOf, unknown, type UnknownValue, type Value } from './values.ts';

/** `NODE_ENV === 'development'`; null for what does not compare the mode of the program with a word. */
export function compareMode(node: ts.BinaryExpression, left: Value, right: Value): UnknownValue | null {
  const operator = node.operatorToken.getText();
  if (!/^[!=]={1,2}$/.test(operator)) return null;
  const word = isMode(left) ? right : isMode(right) ? left : null;
  if (word?.kind !== 'literal' || typeof word.value !== 'string') return null;
  const isProduction = word.value === 'production' || word.value === 'prod';
  return { ...unknown(node.getText()), inProduction: isProduction === operator.startsWith('=') };
}

/** Null where something else than the mode has a say in it. */
export function inProduction(condition: Value): boolean | null {
  const options = optionsOf(condition).filter((option) => option.kind !== 'external');
  const [first] = options;
  return options.length === 1 && first?.kind === 'unknown' ? (first.inProduction ?? null) : null;
}

/**
 * The one of two texts that is meant in production: `isDevelopment ? '' : '/api'`. Routers and all else may be either,
 * so that no route is hidden.
 */
export function textInProduction(condition: Value, whenTrue: Value, whenFalse: Value): Value | null {
  const isChosen = inProduction(condition);
  if (isChosen === null || !isText(whenTrue) || !isText(whenFalse)) return null;
  return isChosen ? whenTrue : whenFalse;
}

function isText(value: Value): boolean {
  return value.kind === 'text' || (value.kind === 'literal' && typeof value.value === 'string');
}

function isMode(value: Value): boolean {
  return value.kind === 'external' && memberPath(value).join('.') === 'env.NODE_ENV';
}
