import { ts } from '../scan/project.ts';
import type { Program } from './program.ts';
import { callsIn, enclosingFunction } from './syntax.ts';

const WRITING = /^(?:save|create|update|upsert|insert|destroy|delete|remove)/;

/**
 * A call that seems to write where a write does not run, in the other branch of a condition around it, though nothing is
 * known of what it is called on: there the event may be missing.
 */
export function otherBranchWrite(program: Program, write: ts.Node): ts.CallExpression | null {
  const owner = enclosingFunction(write);
  for (let node = write; node !== owner && node.parent !== undefined; node = node.parent) {
    const { parent } = node;
    if (!ts.isIfStatement(parent)) continue;
    const other = node === parent.thenStatement ? parent.elseStatement : parent.thenStatement;
    if (other === undefined || other === node || node === parent.expression) continue;
    const found = callsIn(other, true).find((call) => isUnknownWrite(program, call));
    if (found !== undefined) return found;
  }
  return null;
}

function isUnknownWrite(program: Program, call: ts.CallExpression): boolean {
  const { expression, parent } = call;
  if (!ts.isAwaitExpression(parent) || !ts.isPropertyAccessExpression(expression)) return false;
  if (!WRITING.test(expression.name.text)) return false;
  return program.read(call) === null && program.callee(call) === null;
}
