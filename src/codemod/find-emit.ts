import { ts } from '../scan/project.ts';
import type { Reached } from './find-anchor.ts';
import { callsIn } from './syntax.ts';

/** The call of any `emit(tx, '<event type>', …)` that a handler reaches, whoever wrote it and under what name. */
export function findEmit(reached: readonly Reached[], eventType: string): ts.CallExpression | null {
  for (const { target } of reached) {
    const call = callsIn(target, false).find((call) => isEmitOf(call, eventType));
    if (call !== undefined) return call;
  }
  return null;
}

function isEmitOf({ expression, arguments: [, type] }: ts.CallExpression, eventType: string): boolean {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  const isEmit = ts.isIdentifier(name) && name.text === 'emit';
  return isEmit && type !== undefined && ts.isStringLiteralLike(type) && type.text === eventType;
}
