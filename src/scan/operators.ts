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

/** Null for an operator whose result nobody needs to know. */
export function compare(operator: ts.SyntaxKind, left: unknown, right: unknown): Value | null {
  switch (operator) {
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
    case ts.SyntaxKind.EqualsEqualsToken:
      return literal(left === right);
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsToken:
      return literal(left !== right);
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
