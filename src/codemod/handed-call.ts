import { ts } from '../scan/project.ts';
import type { Program } from './program.ts';
import { rowsIn } from './rows.ts';
import { bare, exitsOf, type FunctionWithBody } from './syntax.ts';
import type { WriteCall } from './writes.ts';

/** The call of a function as the write that the function does. */
export function handedCall(
  program: Program,
  write: WriteCall,
  writer: FunctionWithBody,
  call: ts.CallExpression,
): WriteCall {
  const { effect } = write;
  const bareEffect = { ...effect, instance: undefined, spoiled: undefined };
  const given = exitsOf(writer).map((exit) => bare(exit));
  const row = rowsIn(program, writer).find(({ query }) => query === write.node);
  if (given.length > 0 && given.every((exit) => exit === write.node)) {
    return { ...write, node: call, effect: bareEffect };
  }
  const isRow =
    row !== undefined && given.length > 0 && given.every((exit) => exit.getText() === row.expression);
  const type = program.checker.getAwaitedType(program.checker.getTypeAtLocation(call));
  const isObject = type !== undefined && (type.flags & ts.TypeFlags.Object) !== 0;
  const isOtherRow = isObject && !isRow;
  return {
    ...write,
    node: call,
    effect: {
      ...bareEffect,
      // Anything else that the function makes of the row has to show by its type that it is the event's data.
      table: isOtherRow ? '' : effect.table,
      rowPath: isRow || isOtherRow ? [] : null,
      countPath: undefined,
    },
  };
}
