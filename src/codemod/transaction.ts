import { ts } from '../scan/project.ts';
import { ambientHandle } from './ambient.ts';
import { withoutAssertions } from './chain.ts';
import type { DatabaseCall } from './orms/orm.ts';
import type { Program } from './program.ts';
import { callsIn, enclosingFunction, isFunctionWithBody, type FunctionWithBody } from './syntax.ts';

/** A stretch of code that runs between BEGIN and COMMIT on one client. */
export interface Transaction {
  /**
   * - `statements`: BEGIN and COMMIT stand in the function.
   * - `callback`: what opens the transaction calls the function in between.
   * - `ambient`: a decorator opens it around the function, and the ORM finds it by itself.
   * - `given`: the function is handed a transaction that is opened and committed out of sight.
   */
  readonly shape: 'statements' | 'callback' | 'ambient' | 'given';
  /** The function whose statements these are. */
  readonly body: FunctionWithBody;
  /** The expression of the client, valid in `body`. */
  readonly client: string;
  /** The COMMIT calls, or the call of the runner. */
  readonly marks: readonly ts.CallExpression[];
}

/** A function that opens a transaction and calls one of its parameters inside: `withTransaction(pool, work)`. */
export interface Runner {
  readonly callbackIndex: number;
  readonly clientIndex: number;
}

/** A transaction that is opened in a function itself, or why one that is there cannot be used. */
export type Found =
  | Transaction
  | { readonly shape: 'opaque'; readonly reason: string; readonly mark: ts.CallExpression };

const MAX_RUNNER_DEPTH = 3;

export function transactionsIn(program: Program, owner: FunctionWithBody): Found[] {
  const commits = new Map<string, DatabaseCall[]>();
  const begins = new Set<string>();
  const found: Found[] = [];
  for (const call of callsIn(owner, true)) {
    const read = program.read(call);
    if (read?.handle == null) continue;
    if (read.effect.kind === 'begin') begins.add(read.handle);
    if (read.effect.kind === 'commit') commits.set(read.handle, [...(commits.get(read.handle) ?? []), read]);
  }
  const ambient = ambientHandle(program, owner);
  if (ambient !== null) found.push({ shape: 'ambient', body: owner, client: ambient, marks: [] });
  for (const call of callsIn(owner, false)) {
    const opened = openedBy(program, call, owner);
    if (opened !== null) found.push(opened);
  }
  for (const [client, marks] of commits) {
    const [mark] = marks;
    if (!begins.has(client) || mark === undefined || !ts.isCallExpression(mark.node)) continue;
    if (mark.doubt !== undefined) found.push({ shape: 'opaque', reason: mark.doubt, mark: mark.node });
    else {
      const calls = marks.flatMap(({ node }) => (ts.isCallExpression(node) ? [node] : []));
      found.push({ shape: 'statements', body: owner, client, marks: calls });
    }
  }
  return found;
}

function openedBy(program: Program, call: ts.CallExpression, owner: FunctionWithBody): Found | null {
  const opened = program.opened(call);
  if (opened?.kind === 'opaque') return { shape: 'opaque', reason: opened.reason, mark: call };
  if (opened !== null) {
    const work = withoutAssertions(opened.callback).getText();
    const isPlumbing = owner.parameters.some(({ name }) => name.getText() === work);
    return isPlumbing ? null : callbackOf(call, opened.callback, opened.handleIndex);
  }
  const runner = runnerOf(program, call);
  return runner === null ? null : callbackOf(call, call.arguments[runner.callbackIndex], runner.clientIndex);
}

export function runnerOf(program: Program, call: ts.CallExpression): Runner | null {
  const callee = program.callee(call);
  return callee === null ? null : readRunner(program, callee);
}

export function readRunner(program: Program, runner: FunctionWithBody, depth = 0): Runner | null {
  if (depth > MAX_RUNNER_DEPTH) return null;
  const parameters = runner.parameters.map(({ name }) => name.getText());
  const calls = callsIn(runner, true);
  const clients = calls.flatMap((call) => {
    const read = program.read(call);
    return read?.effect.kind === 'begin' && read.handle !== null ? [read.handle] : [];
  });
  for (const call of calls) {
    if (clients.length > 0) {
      const found = callOfParameter(call, parameters, clients);
      if (found !== null) return found;
      continue;
    }
    const opened = program.opened(call);
    if (opened?.kind === 'callback') {
      const found = handedOn(opened.callback, opened.handleIndex, parameters);
      if (found !== null) return found;
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

/** `client.$transaction(work)`, or `client.$transaction(async (tx) => work(tx))` */
function handedOn(
  callback: ts.Expression,
  handleIndex: number,
  parameters: readonly string[],
): Runner | null {
  const callbackIndex = parameters.indexOf(withoutAssertions(callback).getText());
  if (callbackIndex !== -1) return { callbackIndex, clientIndex: handleIndex };
  if (!isFunctionWithBody(callback)) return null;
  const handle = callback.parameters[handleIndex]?.name.getText();
  if (handle === undefined) return null;
  const calls = callsIn(callback, true);
  return calls.map((call) => callOfParameter(call, parameters, [handle])).find((one) => one !== null) ?? null;
}

function callOfParameter(
  call: ts.CallExpression,
  parameters: readonly string[],
  handles: readonly string[],
): Runner | null {
  const callbackIndex = parameters.indexOf(call.expression.getText());
  const clientIndex = call.arguments.findIndex((argument) => handles.includes(argument.getText()));
  return callbackIndex === -1 || clientIndex === -1 ? null : { callbackIndex, clientIndex };
}

function callbackOf(call: ts.CallExpression, callback: ts.Expression | undefined, index: number): Found {
  if (callback === undefined || !isFunctionWithBody(callback)) {
    // A runner that hands on its own parameter is plumbing; the transaction is where it is called.
    const reason = 'the work of the transaction is not written at the call';
    return { shape: 'opaque', reason, mark: call };
  }
  const client = callback.parameters[index]?.name;
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
