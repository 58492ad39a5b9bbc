import { EVENT_TYPE_PATTERN } from '../catalog/schema.ts';
import { ts } from '../scan/project.ts';
import type { Reached } from './find-anchor.ts';
import { callsIn } from './program.ts';

/** A call of any `emit(tx, '<event type>', …)`, whoever wrote it and under what name. */
export interface EmitCall {
  readonly call: ts.CallExpression;
  readonly eventType: string;
}

/** The emit call of an event that a handler reaches. */
export function findEmit(reached: readonly Reached[], eventType: string): ts.CallExpression | null {
  for (const { target } of reached) {
    const emit = emitsIn(target).find((emit) => emit.eventType === eventType);
    if (emit !== undefined) return emit.call;
  }
  return null;
}

export function emitsIn(root: ts.Node): EmitCall[] {
  return callsIn(root, false).flatMap((call) => {
    const eventType = emittedBy(call);
    return eventType === null ? [] : [{ call, eventType }];
  });
}

function emittedBy({ expression, arguments: [, type] }: ts.CallExpression): string | null {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  if (!ts.isIdentifier(name) || name.text !== 'emit') return null;
  return type !== undefined && ts.isStringLiteralLike(type) && EVENT_TYPE_PATTERN.test(type.text)
    ? type.text
    : null;
}
