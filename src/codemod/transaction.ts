import { ts } from '../scan/project.ts';
import {
  callsIn,
  enclosingFunction,
  isFunctionWithBody,
  readQuery,
  type FunctionWithBody,
  type Program,
} from './program.ts';

/** A stretch of code that runs between BEGIN and COMMIT on one client. */
export interface Transaction {
  /** `statements`: BEGIN and COMMIT stand in the function; `callback`: a runner of the project calls it in between. */
  readonly shape: 'statements' | 'callback';
  /** The function whose statements these are. */
  readonly body: FunctionWithBody;
  /** The expression of the client, valid in `body`. */
  readonly client: string;
  /** The COMMIT calls, or the call of the runner. */
  readonly marks: readonly ts.CallExpression[];
}

/** A function that opens a transaction and calls one of its parameters inside: `withTransaction(pool, work)`. */
interface Runner {
  readonly callbackIndex: number;
  readonly clientIndex: number;
}

/** A transaction that is opened in a function itself, or why one that is there cannot be used. */
export type Found =
  | Transaction
  | { readonly shape: 'opaque'; readonly reason: string; readonly mark: ts.CallExpression };

const MAX_RUNNER_DEPTH = 3;

export function transactionsIn(program: Program, owner: FunctionWithBody): Found[] {
  const commits = new Map<string, ts.CallExpression[]>();
  const begins = new Set<string>();
  const found: Found[] = [];
  for (const call of callsIn(owner, true)) {
    const query = readQuery(program.checker, call);
    if (query?.sql.kind === 'begin') begins.add(query.client);
    if (query?.sql.kind === 'commit') commits.set(query.client, [...(commits.get(query.client) ?? []), call]);
  }
  for (const call of callsIn(owner, false)) {
    const runner = runnerOf(program, call);
    if (runner !== null) found.push(callbackOf(call, runner));
  }
  for (const [client, marks] of commits) {
    const [mark] = marks;
    if (!begins.has(client) || mark === undefined) continue;
    if (isPool(program, mark))
      found.push({ shape: 'opaque', reason: 'BEGIN is sent to a pool, not to one client', mark });
    else found.push({ shape: 'statements', body: owner, client, marks });
  }
  return found;
}

export function runnerOf(program: Program, call: ts.CallExpression): Runner | null {
  const callee = program.callee(call);
  return callee === null ? null : readRunner(program, callee, 0);
}

function readRunner(program: Program, runner: FunctionWithBody, depth: number): Runner | null {
  if (depth > MAX_RUNNER_DEPTH) return null;
  const parameters = runner.parameters.map(({ name }) => name.getText());
  const calls = callsIn(runner, true);
  const clients = calls
    .map((call) => readQuery(program.checker, call))
    .filter((query) => query?.sql.kind === 'begin')
    .map((query) => query?.client);
  for (const call of calls) {
    if (clients.length > 0) {
      const callbackIndex = parameters.indexOf(call.expression.getText());
      const clientIndex = call.arguments.findIndex((argument) => clients.includes(argument.getText()));
      if (callbackIndex !== -1 && clientIndex !== -1) return { callbackIndex, clientIndex };
      continue;
    }
    const callee = call.arguments.some((argument) => parameters.includes(argument.getText()))
      ? program.callee(call)
      : null;
    const inner = callee === null ? null : readRunner(program, callee, depth + 1);
    const callbackIndex =
      inner === null ? -1 : parameters.indexOf(call.arguments[inner.callbackIndex]?.getText() ?? '');
    if (inner !== null && callbackIndex !== -1) return { callbackIndex, clientIndex: inner.clientIndex };
  }
  return null;
}

function callbackOf(call: ts.CallExpression, { callbackIndex, clientIndex }: Runner): Found {
  const callback = call.arguments[callbackIndex];
  if (callback === undefined || !isFunctionWithBody(callback)) {
    // A runner that hands on its own parameter is plumbing; the transaction is where it is called.
    const reason = 'the work of the transaction is not written at the call';
    return { shape: 'opaque', reason, mark: call };
  }
  const client = callback.parameters[clientIndex]?.name;
  if (client === undefined || !ts.isIdentifier(client)) {
    return {
      shape: 'opaque',
      reason: 'the callback does not name the client of the transaction',
      mark: call,
    };
  }
  return { shape: 'callback', body: callback, client: client.text, marks: [call] };
}

/** The statement that a call stands in alone, as in `await client.query('COMMIT')`. */
export function awaitedStatement(call: ts.CallExpression): ts.ExpressionStatement | null {
  const { parent } = call;
  return ts.isAwaitExpression(parent) && ts.isExpressionStatement(parent.parent) ? parent.parent : null;
}

/** Whether a statement runs once and in any case when its function runs to the end: not in a branch, loop or handler. */
export function isOnMainPath(statement: ts.Statement): boolean {
  const owner = enclosingFunction(statement);
  for (let node: ts.Node = statement; node.parent !== owner; node = node.parent) {
    const { parent } = node;
    const isTried = ts.isTryStatement(parent) && parent.tryBlock === node;
    if (!ts.isBlock(parent) && !isTried) return false;
  }
  return true;
}

/** Each query of a pool may run on another connection. */
function isPool({ checker }: Program, { expression }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression)) return false;
  const type = checker.getTypeAtLocation(expression.expression).symbol?.name;
  return type === 'Pool' || (type === undefined && /pool$/i.test(expression.expression.getText()));
}
