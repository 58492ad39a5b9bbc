import { ts } from './project.ts';
import type { Value } from './values.ts';

/**
 * The value with the place where it was written. What was put together out of others keeps their places, and has
 * its own first.
 */
export function withOrigin(value: Value, node: ts.Expression): Value {
  switch (value.kind) {
    case 'literal':
      if (typeof value.value !== 'string' && typeof value.value !== 'number') return value;
      return originate(value, node);
    case 'text':
    case 'external':
    case 'unknown':
      return originate(value, node);
    default:
      return value;
  }
}

type Original = Extract<Value, { kind: 'literal' | 'text' | 'external' | 'unknown' }>;

function originate(value: Original, node: ts.Expression): Value {
  const { origins } = value;
  if (origins === undefined) return { ...value, origins: [node] };
  return composes(node) ? { ...value, origins: [node, ...origins.filter((known) => known !== node)] } : value;
}

function composes(node: ts.Expression): boolean {
  if (ts.isTemplateExpression(node)) return true;
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}
