import { ts } from '../scan/project.ts';
import { isRun, type Reached } from './reach.ts';
import type { Program } from './program.ts';
import { callsIn } from './syntax.ts';

/** A call of any `emit(tx, '<event type>', …)`, whoever wrote it and under what name. */
export interface EmitCall {
  readonly call: ts.CallExpression;
  readonly eventType: string;
}

/** The call by which a handler emits an event, in any of the functions that it reaches. */
export function findEmit(reached: readonly Reached[], eventType: string): ts.CallExpression | null {
  for (const place of reached) {
    const found = emitsIn(place.target).find(
      (emit) => emit.eventType === eventType && isRun(place, emit.call),
    );
    if (found !== undefined) return found.call;
  }
  return null;
}

/** Every emit call of a project. */
export function allEmits({ sources }: Program): EmitCall[] {
  return sources.filter(({ text }) => text.includes('emit')).flatMap((source) => emitsIn(source));
}

function emitsIn(root: ts.Node): EmitCall[] {
  return callsIn(root, false).flatMap((call) => {
    const eventType = emittedType(call);
    return eventType === null ? [] : [{ call, eventType }];
  });
}

function emittedType({ expression, arguments: [, type] }: ts.CallExpression): string | null {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  const isEmit = ts.isIdentifier(name) && name.text === 'emit';
  return isEmit && type !== undefined && ts.isStringLiteralLike(type) ? type.text : null;
}
