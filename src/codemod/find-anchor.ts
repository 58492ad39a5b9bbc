import { ts } from '../scan/project.ts';
import { isAbsenceExit, isQuestioned } from './absence.ts';
import { chooseData, type Demand, type EventData } from './event-data.ts';
import type { Program } from './program.ts';
import { isRepeated, isRun, type Reached } from './reach.ts';
import { isTableOf } from './sql.ts';
import { bare, callsIn, enclosingFunction, nodesIn, type FunctionWithBody } from './syntax.ts';
import {
  awaitedStatement,
  isOnMainPath,
  transactionsIn,
  type Found,
  type Transaction,
} from './transaction.ts';
import { valueOf } from './value.ts';
import { handleGiven, mayWrite, strayWrite, writesIn, writesOn, type WriteCall } from './writes.ts';

/** Where the emit call goes, and with what. */
export interface Anchor {
  readonly kind: 'anchor';
  readonly statement: ts.Statement;
  readonly side: 'before' | 'after';
  readonly client: string;
  readonly data: EventData;
  readonly shape: Transaction['shape'];
  /** What has to run first. */
  readonly settle: string | null;
  /** From the handler's callee to the function that holds the transaction. */
  readonly path: readonly FunctionWithBody[];
}

/** The work of a transaction is a write whose row nothing holds yet: `(tx) => tx.order.create(…)`. */
export interface UnheldWrite {
  readonly kind: 'unheld';
  readonly write: WriteCall;
  readonly transaction: Transaction;
  readonly path: readonly FunctionWithBody[];
}

/** Why there is no anchor, and where a person should look. */
export interface Refusal {
  readonly kind: 'refusal';
  /** No transaction is open anywhere in the handler. */
  readonly isOutside?: boolean;
  readonly node: ts.Node;
  readonly reason: string;
  readonly client?: string;
  readonly data?: string;
}

export function findAnchor(
  program: Program,
  reached: readonly Reached[],
  demand: Demand,
): Anchor | UnheldWrite | Refusal {
  const [handler] = reached;
  const found = reached
    .flatMap((place) => transactionsIn(program, place.target).map((transaction) => ({ transaction, place })))
    .filter(({ transaction, place }) => isRun(place, markOf(transaction)))
    .filter(
      ({ transaction }, index, all) =>
        all.findIndex((other) => markOf(other.transaction) === markOf(transaction)) === index,
    );
  const [only, second] = found;
  if (only === undefined) {
    const given = transactionGiven(program, reached, demand);
    return given === null
      ? noTransaction(program, reached, handler?.target)
      : inTransaction(program, reached, given.transaction, given.place, demand);
  }
  if (second !== undefined) {
    const lines = found.map(({ transaction }) => placeOf(program, markOf(transaction)));
    return refuse(markOf(only.transaction), `several transactions may run: ${lines.join(', ')}`);
  }
  const { transaction, place } = only;
  if (transaction.shape === 'opaque') return refuse(transaction.mark, transaction.reason);
  return inTransaction(program, reached, transaction, place, demand);
}

function inTransaction(
  program: Program,
  reached: readonly Reached[],
  transaction: Transaction,
  place: Reached,
  demand: Demand,
): Anchor | UnheldWrite | Refusal {
  const repeated = [...place.calls, ...transaction.marks].find(isRepeated);
  if (repeated !== undefined) return refuse(repeated, 'the transaction may run several times');
  const [resource = ''] = demand.eventType.split('.');
  const stray = transaction.shape === 'ambient' ? null : strayWrite(program, reached, transaction, resource);
  if (stray !== null) {
    const reason = `the write of "${stray.effect.table}" does not visibly run on the transaction's client`;
    return { ...refuse(stray.node, reason), client: transaction.client };
  }
  const anchor = anchorIn(program, transaction, demand);
  if (anchor.kind === 'refusal') {
    const write = unheldWrite(program, transaction, resource);
    if (write !== null) return { kind: 'unheld', write, transaction, path: place.path };
    return { client: transaction.client, ...anchor };
  }
  const doubt = doubtOfCallers(anchor, transaction, place.calls, place.path);
  if (doubt !== null) {
    return { ...refuse(anchor.statement, doubt), client: anchor.client, data: anchor.data.expression };
  }
  const settle = settleIn(program, transaction);
  return { ...anchor, shape: transaction.shape, settle, path: [...place.path, ...anchor.path] };
}

function anchorIn(program: Program, transaction: Transaction, demand: Demand): Anchor | Refusal {
  if (transaction.shape === 'statements') return beforeCommit(program, transaction, demand);
  if (transaction.shape === 'given') return afterWrites(program, transaction, demand);
  return inCallback(program, transaction, demand);
}

function settleIn({ orms }: Program, { body, client }: Transaction): string | null {
  for (const orm of orms) {
    const settle = orm.settle?.({ body, handle: client }) ?? null;
    if (settle !== null) return settle;
  }
  return null;
}

/** A transaction that a function is handed and writes the resource in, with nothing in sight that opened it. */
function transactionGiven(
  program: Program,
  reached: readonly Reached[],
  { eventType }: Demand,
): { transaction: Transaction; place: Reached } | null {
  const [resource = ''] = eventType.split('.');
  for (const place of reached) {
    const writes = writesIn(program, place.target).filter(
      ({ isInTransaction, node }) => isInTransaction === true && isRun(place, node),
    );
    const write = writes.find(({ effect }) => isTableOf(effect.table, resource)) ?? writes[0];
    if (write?.handle == null) continue;
    const transaction: Transaction = { shape: 'given', body: place.target, client: write.handle, marks: [] };
    return { transaction, place };
  }
  return null;
}

/** Where the last write is done that runs on the transaction, and the function goes on. */
function afterWrites(program: Program, { body, client }: Transaction, demand: Demand): Anchor | Refusal {
  if (!ts.isBlock(body.body)) return refuse(body.body, 'the transaction is a single expression');
  const { statements } = body.body;
  const isWriting = (statement: ts.Statement): boolean =>
    [statement, ...nodesIn(statement, false)].some(
      (node) =>
        (program.read(node)?.effect.kind === 'write' && program.read(node)?.handle === client) ||
        (ts.isCallExpression(node) &&
          handleGiven(program, node, client) !== null &&
          program.callee(node) !== null),
    );
  const index = statements.findLastIndex(isWriting);
  const last = statements[index];
  if (last === undefined) return refuse(body, 'no write was found in the handler');
  const next = statements[index + 1];
  if (ts.isReturnStatement(last))
    return anchorAt(program, body, last, 'before', client, [last.expression], demand);
  return next === undefined
    ? anchorAt(program, body, last, 'after', client, [], demand)
    : anchorAt(program, body, next, 'before', client, [], demand);
}

/** The only write of the resource in a transaction, if its row is there for the taking. */
function unheldWrite(
  program: Program,
  { body, client, shape }: Transaction,
  resource: string,
): WriteCall | null {
  if (shape !== 'callback') return null;
  const writes = writesOn(program, body, client);
  const [write, second] = writes.filter(({ effect }) => isTableOf(effect.table, resource));
  if (write === undefined || second !== undefined || write.effect.rowPath === null) return null;
  if (enclosingFunction(write.node) !== body) return null;
  const value = valueOf(write);
  if ('reason' in value) return null;
  const block = body.body;
  if (!ts.isBlock(block)) return value.context === 'body' ? write : null;
  const exits = [...nodesIn(block, true)].filter(ts.isReturnStatement);
  const isLast = value.statement === block.statements.at(-1);
  const isOnlyExit = exits.every((exit) => exit === value.statement);
  return isLast && isOnlyExit && (value.context === 'returned' || value.context === 'alone') ? write : null;
}

function beforeCommit(
  program: Program,
  { body, client, marks }: Transaction,
  demand: Demand,
): Anchor | Refusal {
  const [commit, second] = marks;
  if (commit === undefined) return refuse(body, 'the transaction is never committed');
  if (second !== undefined) {
    const lines = marks.map((mark) => placeOf(program, mark));
    return refuse(commit, `the transaction commits at several places: ${lines.join(', ')}`);
  }
  const statement = awaitedStatement(commit);
  if (statement === null) return refuse(commit, 'the commit is not a statement of its own');
  if (!isOnMainPath(statement)) return refuse(commit, 'the commit stands in a branch or loop');
  const after = [...nodesIn(body, true)].filter(
    (node) => node.pos >= statement.end && ts.findAncestor(node, ts.isCatchClause) === undefined,
  );
  const returned = after.filter(ts.isReturnStatement).map(({ expression }) => expression);
  const handedOut = [
    ...returned.map((expression) => (expression && sentBy(expression)) || expression),
    ...after.map(sentBy),
  ];
  return anchorAt(program, body, statement, 'before', client, handedOut, demand);
}

function inCallback(program: Program, { body, client }: Transaction, demand: Demand): Anchor | Refusal {
  const block = body.body;
  if (!ts.isBlock(block)) {
    const inner = inCallee(program, block, client, demand);
    return inner ?? refuse(block, 'the transaction is a single expression');
  }
  const isAsync = body.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
  if (!isAsync) return refuse(body, 'the callback of the transaction is not async');
  const last = block.statements.at(-1);
  if (last === undefined) return refuse(body, 'the transaction is empty');
  const exits = [...nodesIn(block, true)].filter(ts.isReturnStatement).filter((exit) => exit !== last);
  const isReturn = ts.isReturnStatement(last);
  const inner =
    isReturn && last.expression !== undefined ? inCallee(program, last.expression, client, demand) : null;
  if (inner !== null && exits.length === 0 && writesIn(program, block).length === 0) return inner;
  const handedOut = isReturn ? [last.expression] : [];
  const anchor = anchorAt(program, body, last, isReturn ? 'before' : 'after', client, handedOut, demand);
  if (anchor.kind === 'refusal') return anchor;
  const witnesses = anchor.data.witnesses;
  const early = exits.find((exit) => !isHarmless(program, exit, block, client, witnesses));
  if (early === undefined) return anchor;
  const reason = `the transaction has several exits: ${[early, last].map((exit) => placeOf(program, exit)).join(', ')}`;
  return { ...refuse(early, reason), data: anchor.data.expression };
}

/** The work of a transaction that is one call with its client: `(client) => insertOrder(client, input)`. */
function inCallee(
  program: Program,
  expression: ts.Expression,
  client: string,
  demand: Demand,
): Anchor | Refusal | null {
  const call = bare(expression);
  if (!ts.isCallExpression(call)) return null;
  const index = call.arguments.findIndex((argument) => argument.getText() === client);
  const callee = index === -1 ? null : program.callee(call);
  const parameter = callee?.parameters[index]?.name;
  if (callee == null || parameter === undefined) return null;
  if (!ts.isIdentifier(parameter) || !ts.isBlock(callee.body)) return null;
  const found: Transaction = { shape: 'callback', body: callee, client: parameter.text, marks: [call] };
  const anchor = inCallback(program, found, demand);
  return anchor.kind === 'refusal' ? anchor : { ...anchor, path: [callee, ...anchor.path] };
}

function anchorAt(
  program: Program,
  body: FunctionWithBody,
  statement: ts.Statement,
  side: 'before' | 'after',
  client: string,
  handedOut: readonly (ts.Expression | null | undefined)[],
  demand: Demand,
): Anchor | Refusal {
  const values = handedOut.flatMap((value) => value ?? []);
  const data = chooseData(program, body, statement, values, demand);
  if ('reason' in data) return refuse(statement, data.reason);
  return { kind: 'anchor', statement, side, client, data, shape: 'callback', settle: null, path: [] };
}

/** `order` in `res.status(201).json(order)`. */
function sentBy(node: ts.Node): ts.Expression | null {
  const call = ts.isExpression(node) ? bare(node) : node;
  if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return null;
  const isSend = ['json', 'send'].includes(call.expression.name.text);
  return isSend && call.arguments.length === 1 ? (call.arguments[0] ?? null) : null;
}

/** An exit that leaves nothing unsaid: nothing was written before it, or the row it misses was not. */
function isHarmless(
  program: Program,
  exit: ts.ReturnStatement,
  block: ts.Block,
  client: string,
  witnesses: readonly string[],
): boolean {
  if (isAbsenceExit(exit, witnesses)) return true;
  return callsIn(block, false).every((call) => call.pos > exit.pos || !mayWrite(program, call, client));
}

/** A caller that asks whether the result is there knows of a case where it is not. */
function doubtOfCallers(
  anchor: Anchor,
  transaction: Transaction,
  calls: readonly ts.CallExpression[],
  path: readonly FunctionWithBody[],
): string | null {
  if (anchor.data.isCertain) return null;
  const results = [...(transaction.shape === 'callback' ? transaction.marks : []), ...calls];
  for (const call of results) {
    const owner = enclosingFunction(call);
    const variable = ts.findAncestor(call, ts.isVariableDeclaration);
    const isDirect = variable?.initializer !== undefined && bare(variable.initializer) === call;
    if (owner === null || !isDirect || !ts.isIdentifier(variable.name)) continue;
    if (isQuestioned([variable.name.text], owner, variable.end)) {
      return `\`${anchor.data.expression}\` may be missing: \`${variable.name.text}\` is checked after the transaction`;
    }
  }
  const owner = enclosingFunction(anchor.statement);
  const functions = owner === null ? path : [...path, owner];
  const isOptional = functions.some(({ type }) => /\b(null|undefined)\b/.test(type?.getText() ?? ''));
  return isOptional ? `\`${anchor.data.expression}\` may be missing: the return type says so` : null;
}

function noTransaction(
  program: Program,
  reached: readonly Reached[],
  handler: FunctionWithBody | undefined,
): Refusal {
  const [write] = reached.flatMap((place) =>
    writesIn(program, place.target).filter(({ node }) => isRun(place, node)),
  );
  const place = write?.node ?? handler;
  if (place === undefined) throw new Error('a handler reaches at least itself');
  const reason =
    write === undefined
      ? 'no write was found in the handler'
      : 'no transaction is open where the row is written';
  return { ...refuse(place, reason), isOutside: true };
}

function markOf(found: Found): ts.Node {
  return found.shape === 'opaque' ? found.mark : (found.marks[0] ?? found.body);
}

function placeOf(program: Program, node: ts.Node): string {
  const { file, line } = program.place(node);
  return `${file}:${line}`;
}

function refuse(node: ts.Node, reason: string): Refusal {
  return { kind: 'refusal', node, reason };
}
