import { ts } from './project.ts';
import { literal, type Value } from './values.ts';

/** What only the running program knows. */
export function isUnseen(value: Value): boolean {
  return value.kind === 'unknown' || value.kind === 'external';
}

/** `config.basePath || '/api'`, `options.prefix ?? ''` */
export function isPathOrEmpty(value: Value): boolean {
  return value.kind === 'literal' && typeof value.value === 'string' && /^(?:\/|$)/.test(value.value);
}

/** False where the text without a setting is meant: `config.prefix ? `/${config.prefix}` : ''` */
export function withoutSetting(
  { condition, whenTrue, whenFalse }: ts.ConditionalExpression,
  value: Value,
): false | null {
  const isDefault =
    isUnseen(value) && ts.isStringLiteralLike(whenFalse) && isPathOrEmpty(literal(whenFalse.text));
  return isDefault && whenTrue.getText().includes(condition.getText()) ? false : null;
}
