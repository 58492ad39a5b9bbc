import { ts } from './project.ts';
import { literal, text, textParts, type Value } from './values.ts';

/** Numbers are added; all else is text, known in parts. */
export function add(left: Value, right: Value): Value {
  if (left.kind === 'literal' && right.kind === 'literal') {
    const [a, b] = [left.value, right.value];
    if (typeof a === 'number' && typeof b === 'number') return literal(a + b);
  }
  return text([...textParts(left), ...textParts(right)], [left, right]);
}

/** `this instanceof Route`, by which functions tell whether `new` called them; null where only the running program knows. */
export function instanceOf(left: Value, right: Value): Value | null {
  if (left.kind === 'literal') return literal(false);
  if (left.kind !== 'object') return null;
  if (right.kind === 'function') return literal(left.madeBy === right.node);
  if (right.kind !== 'class') return null;
  let type: Value | null = left.class;
  while (type?.kind === 'class' && type.node !== right.node) type = type.base;
  if (type === null) return literal(false);
  return type.kind === 'class' ? literal(true) : null;
}

/** Null for an operator whose result nobody needs to know. */
export function compare(operator: ts.SyntaxKind, left: unknown, right: unknown): Value | null {
  switch (operator) {
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
      return literal(left === right);
    case ts.SyntaxKind.EqualsEqualsToken:
      return literal((left ?? null) === (right ?? null));
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return literal(left !== right);
    case ts.SyntaxKind.ExclamationEqualsToken:
      return literal((left ?? null) !== (right ?? null));
  }
  if (typeof left !== 'number' || typeof right !== 'number') return null;
  switch (operator) {
    case ts.SyntaxKind.LessThanToken:
      return literal(left < right);
    case ts.SyntaxKind.LessThanEqualsToken:
      return literal(left <= right);
    case ts.SyntaxKind.GreaterThanToken:
      return literal(left > right);
    case ts.SyntaxKind.GreaterThanEqualsToken:
      return literal(left >= right);
    case ts.SyntaxKind.MinusToken:
      return literal(left - right);
    case ts.SyntaxKind.AsteriskToken:
      return literal(left * right);
  }
  return null;
}
