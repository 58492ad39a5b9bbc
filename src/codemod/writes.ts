import { ts } from '../scan/project.ts';
import { propertyOf } from './chain.ts';
import type { DatabaseCall, Write } from './orms/orm.ts';
import type { Program } from './program.ts';
import { isRun, type Reached } from './reach.ts';
import { isTableOf } from './sql.ts';
import { callsIn, isFunctionWithBody, nodesIn, type FunctionWithBody } from './syntax.ts';
import { takenHandle } from './taken-handle.ts';
import type { Transaction } from './transaction.ts';

export interface WriteCall extends DatabaseCall {
  readonly effect: Write;
}

export function writesIn(program: Program, root: ts.Node): WriteCall[] {
  return [...nodesIn(root, false)].flatMap((node) => {
    const read = program.read(node);
    return read !== null && isWrite(read) ? [read] : [];
  });
}

function isWrite(call: DatabaseCall): call is WriteCall {
  return call.effect.kind === 'write';
}

/** Whether a call may write on a client: it runs a write, or hands the client on. */
export function mayWrite(program: Program, call: ts.CallExpression, client: string): boolean {
  return handleGiven(program, call, client) !== null || program.read(call)?.effect.kind === 'write';
}

/**
 * The write of the resource that a handler makes, as far as can be seen, on another client than that of its
 * transaction; null if there is none, or the transaction writes the resource too.
 */
export function strayWrite(
  program: Program,
  reached: readonly Reached[],
  transaction: Pick<Transaction, 'body' | 'client'>,
  resource: string,
): WriteCall | null {
  const inside = new Set(
    writesOn(program, transaction.body, transaction.client, new Set()).map(({ node }) => node),
  );
  const ofResource = reached
    .flatMap((place) => writesIn(program, place.target).filter(({ node }) => isRun(place, node)))
    .filter(({ effect }) => isTableOf(effect.table, resource));
  return ofResource.some(({ node }) => inside.has(node)) ? null : (ofResource[0] ?? null);
}

/** The writes that run on a client, in a function and in those that it hands the client on to. */
export function writesOn(
  program: Program,
  body: ts.Node,
  client: string,
  seen: Set<ts.Node> = new Set(),
): WriteCall[] {
  if (seen.has(body)) return [];
  seen.add(body);
  const own = writesIn(program, body).filter(
    (write) => write.handle === client || isTakenFrom(program, write, client),
  );
  const handedOn = callsIn(body, false).flatMap((call) => {
    const given = handleGiven(program, call, client);
    return given?.callee == null ? [] : writesOn(program, given.callee, given.name, seen);
  });
  return [...own, ...handedOn];
}

/** Whether a write runs on what its function was handed: `dbOrTx(this.db, trx)`. */
function isTakenFrom(program: Program, { node, handleNode }: WriteCall, client: string): boolean {
  const owner = ts.findAncestor(node, isFunctionWithBody);
  const taken =
    owner === undefined || handleNode === undefined ? null : takenHandle(program, owner, handleNode);
  return taken !== null && owner?.parameters[taken.index]?.name.getText() === client;
}

/** How a call hands a client on: `insertOrder(tx, …)`, `createOrder(values, { transaction })`. */
export function handleGiven(
  program: Program,
  call: ts.CallExpression,
  client: string,
): { readonly callee: FunctionWithBody | null; readonly name: string } | null {
  for (const [index, argument] of call.arguments.entries()) {
    const isDirect = argument.getText() === client;
    const key = isDirect ? null : keyOf(argument, client);
    if (!isDirect && key === null) continue;
    const callee = program.callee(call);
    const parameter = callee?.parameters[index]?.name;
    return { callee, name: parameter === undefined ? client : nameWithin(parameter, key) };
  }
  return null;
}

function keyOf(argument: ts.Expression, client: string): string | null {
  if (!ts.isObjectLiteralExpression(argument)) return null;
  const keys = argument.properties.flatMap(({ name }) => (name === undefined ? [] : [name.getText()]));
  return keys.find((key) => propertyOf(argument, key)?.getText() === client) ?? null;
}

function nameWithin(parameter: ts.BindingName, key: string | null): string {
  if (key === null) return parameter.getText();
  if (!ts.isObjectBindingPattern(parameter)) return `${parameter.getText()}.${key}`;
  const element = parameter.elements.find(
    ({ name, propertyName }) => (propertyName ?? name).getText() === key,
  );
  return element?.name.getText() ?? key;
}
