import { ts } from '../scan/project.ts';
import { isForOtherMethod } from './method-branch.ts';
import type { Program } from './program.ts';
import { callsIn, enclosingFunction, type FunctionWithBody } from './syntax.ts';
import { runnerOf } from './transaction.ts';

/** A function that a handler may run, and the calls that lead to it. */
export interface Reached {
  readonly target: FunctionWithBody;
  readonly calls: readonly ts.CallExpression[];
  readonly path: readonly FunctionWithBody[];
  /** Of the requests that run it; `ALL` where that makes no difference. */
  readonly method: string;
}

const MAX_CALL_DEPTH = 5;

/**
 * Every function of the project that a handler may run for a request of a method, nearest first; transaction runners are
 * plumbing and left out.
 */
export function reachedFrom(program: Program, handler: FunctionWithBody, method = 'ALL'): Reached[] {
  const reached: Reached[] = [{ target: handler, calls: [], path: [], method }];
  for (const { target, calls, path } of reached) {
    if (calls.length === MAX_CALL_DEPTH) continue;
    for (const call of callsIn(target, false)) {
      if (!isRun({ target, calls, method }, call)) continue;
      const callee = program.callee(call);
      const isKnown = reached.some((known) => known.target === callee);
      if (callee === null || isKnown || runnerOf(program, call) !== null) continue;
      reached.push({ target: callee, calls: [...calls, call], path: [...path, callee], method });
    }
  }
  return reached;
}

/**
 * Whether a reached function runs a node of its own, as far as can be seen: what a handler has for requests of other
 * methods is not run, and the functions of an object that a called function makes, as settings are, are for others to call.
 */
export function isRun(
  { target, calls, method }: Pick<Reached, 'target' | 'calls' | 'method'>,
  node: ts.Node,
): boolean {
  if (calls.length === 0) return !isForOtherMethod(node, target, method);
  const around: ts.Node[] = [];
  for (let current = node; current !== target; current = current.parent) around.push(current);
  const index = around.findIndex(isOfObject);
  return index === -1 || around.slice(index).some(isGiven);
}

/** `{ signIn: async () => … }`, `{ async signIn() { … } }` */
function isOfObject(node: ts.Node): boolean {
  if (!ts.isFunctionLike(node)) return false;
  return ts.isPropertyAssignment(node.parent) || ts.isObjectLiteralExpression(node.parent);
}

function isGiven(node: ts.Node): boolean {
  const { parent } = node;
  const isCall = ts.isCallExpression(parent) || ts.isNewExpression(parent);
  return isCall && parent.arguments?.some((argument) => argument === node) === true;
}

/** In a loop, or in a function that something else calls. */
export function isRepeated(call: ts.Node): boolean {
  const owner = enclosingFunction(call);
  const isCallback = owner !== null && ts.isCallExpression(owner.parent) && isIteration(owner.parent);
  const loop = ts.findAncestor(call, (node) => node === owner || ts.isIterationStatement(node, false));
  return isCallback || (loop !== undefined && loop !== owner);
}

/** After a statement that leaves in any case: `throw new Error('not yet')`. */
export function isUnreachable(node: ts.Node): boolean {
  const statement = ts.findAncestor(node, ts.isStatement);
  if (statement === undefined || !ts.isBlock(statement.parent)) return false;
  const { statements } = statement.parent;
  return statements
    .slice(0, statements.indexOf(statement))
    .some((one) => ts.isThrowStatement(one) || ts.isReturnStatement(one));
}

/** `items.map(…)` and its kin. */
function isIteration({ expression }: ts.CallExpression): boolean {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
  return ['map', 'forEach', 'flatMap', 'reduce', 'filter'].includes(name);
}
