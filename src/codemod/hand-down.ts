import { ts } from '../scan/project.ts';
import { openerAt, rootOf, typeOfMember } from './connection.ts';
import { handedCall } from './handed-call.ts';
import { styleOf, type Splice } from './insert.ts';
import { layoutOf } from './layout.ts';
import { freeName } from './names.ts';
import type { DatabaseCall, Wrapping } from './orms/orm.ts';
import type { Program } from './program.ts';
import { reachedFrom } from './reach.ts';
import { bare, enclosingFunction, isTypeScript, nodesIn, type FunctionWithBody } from './syntax.ts';
import { takenHandle } from './taken-handle.ts';
import type { FileSplice } from './task.ts';
import { isOnMainPath } from './transaction.ts';
import { valueOf } from './value.ts';
import type { WriteCall } from './writes.ts';

/** A call that stands for the write in the function that it calls, once that takes the transaction of its caller. */
export interface HandedDown {
  readonly kind: 'handed';
  readonly write: WriteCall;
  readonly wrapping: Wrapping;
  /** The new parameter, and what runs on it. */
  readonly elsewhere: readonly FileSplice[];
}

type Refusal = { readonly kind: 'refusal'; readonly reason: string };

/**
 * Opens the transaction where a function is called that writes one row on a connection of its own, and hands it down by a
 * parameter that all other callers may leave out, the function's own where it has one. For writes that serve several
 * events, and for data that only the caller has.
 *
 * @param call of the function that the write stands in
 */
export function handDown(
  program: Program,
  write: WriteCall,
  call: ts.CallExpression,
  ending: string,
): HandedDown | Refusal {
  const writer = enclosingFunction(write.node);
  const wrapping = write.orm.wrap?.(program.types, write);
  const { handleNode } = write;
  if (writer === null || !isWriter(writer) || program.callee(call) !== writer)
    return refuse('the write is further down');
  if (
    wrapping === undefined ||
    typeof wrapping === 'string' ||
    wrapping.handed === undefined ||
    handleNode === undefined
  )
    return refuse('the connection cannot be handed down');
  const queries = queriesOf(program, writer, write);
  if (queries === null) return refuse('more than this connection is used there');
  const { parameters } = writer;
  const taken = takenHandle(program, writer, handleNode);
  if (
    parameters.some(({ dotDotDotToken }) => dotDotDotToken !== undefined) ||
    call.arguments.length !== (taken?.index ?? parameters.length) ||
    call.typeArguments !== undefined
  )
    return refuse('the call leaves arguments out');
  const references = taken === null ? program.references(writer) : [];
  if (references === null || !references.every((one) => isPlainCall(one, parameters.length)))
    return refuse('it is not only called');
  if (!isAlwaysDone(write, writer)) return refuse('it may return without the write');
  if (isSwallowed(write.node)) return refuse('its failure may be swallowed');
  const opener = openerAt(program, writer, taken?.connection ?? handleNode, call, ending);
  const type = wrapping.handed.isPart
    ? partOf(handleNode, queries, styleOf(writer.getSourceFile()).quote)
    : '';
  const splices = taken === null ? newParameter(writer, write, handleNode, queries, type) : [];
  if (opener === null || splices === null) return refuse('the connection is not known there');
  const { file } = program.place(writer);
  return {
    kind: 'handed',
    write: handedCall(program, write, writer, call),
    wrapping: {
      open: opener.text + wrapping.open.slice(handleNode.getText().length),
      handle: wrapping.handle,
      imports: opener.imports,
      bind: (handle) => [argumentOf(call, handle)],
    },
    elsewhere: splices.map((splice) => ({ ...splice, file })),
  };
}

/** A last parameter that callers may leave out, and all that the function asks of its connection asked of that. */
function newParameter(
  writer: FunctionWithBody,
  { node }: WriteCall,
  handleNode: ts.Expression,
  queries: readonly DatabaseCall[],
  type: string | null,
): Splice[] | null {
  const name = freeName(node, ['client', 'connection', 'transaction']);
  if (name === null || type === null) return null;
  const typed = isTypeScript(writer.getSourceFile()) && type !== '' ? `: ${type}` : '';
  return [
    parameterOf(writer, `${name}${typed} = ${handleNode.getText()}`),
    ...queries.flatMap(({ handleNode: handle }) =>
      handle === undefined
        ? []
        : [{ position: handle.getStart(), removed: handle.end - handle.getStart(), text: name }],
    ),
  ];
}

function isWriter(node: ts.SignatureDeclaration): node is FunctionWithBody {
  const isNamed =
    ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isVariableDeclaration(node.parent);
  const isPlain = 'asteriskToken' in node && node.asteriskToken !== undefined;
  return isNamed && !isPlain && 'body' in node && node.body !== undefined;
}

/** What a function asks of the connection itself; null where anything else that it runs does so too. */
function queriesOf(program: Program, writer: FunctionWithBody, write: WriteCall): DatabaseCall[] | null {
  const others = reachedFrom(program, writer).slice(1);
  const isAsking = (node: ts.Node): boolean => program.read(node) !== null;
  if (others.some(({ target }) => [...nodesIn(target, false)].some(isAsking))) return null;
  const own = [...nodesIn(writer, false)].flatMap((node) => program.read(node) ?? []);
  const text = write.handleNode?.getText();
  return own.every((query) => query.handleNode?.getText() === text && query.orm === write.orm) ? own : null;
}

/** Called with no more arguments than it has parameters, and not given to anything that calls it. */
function isPlainCall(reference: ts.Identifier, count: number): boolean {
  const { parent } = reference;
  const callee = ts.isPropertyAccessExpression(parent) && parent.name === reference ? parent : reference;
  const call = callee.parent;
  return (
    ts.isCallExpression(call) &&
    call.expression === callee &&
    call.arguments.length <= count &&
    !call.arguments.some(ts.isSpreadElement)
  );
}

/** Whether a function that returns has written. */
function isAlwaysDone(write: WriteCall, { body }: FunctionWithBody): boolean {
  if (!ts.isBlock(body)) return bare(body) === write.node;
  const statement = ts.findAncestor(write.node, ts.isStatement);
  const isBefore = (node: ts.Node): boolean => ts.isReturnStatement(node) && node.end <= write.node.pos;
  return (
    statement !== undefined &&
    isOnMainPath(statement) &&
    !('reason' in valueOf(write)) &&
    ![...nodesIn(body, true)].some(isBefore)
  );
}

/** Whether a `catch` around a write goes on as if nothing had happened: the transaction would be over. */
function isSwallowed(node: ts.Node): boolean {
  const owner = enclosingFunction(node);
  for (let inner = node; inner !== owner && inner.parent !== undefined; inner = inner.parent) {
    const { parent } = inner;
    if (!ts.isTryStatement(parent) || parent.tryBlock !== inner || parent.catchClause === undefined) continue;
    const last = parent.catchClause.block.statements.at(-1);
    if (last === undefined || !ts.isThrowStatement(last)) return true;
  }
  const { parent: outer } = node.parent;
  return ts.isPropertyAccessExpression(outer) && outer.name.text === 'catch';
}

/** `Pick<typeof prisma, 'order'>`: what the function uses of a connection, which a transaction has too. */
function partOf(handle: ts.Expression, queries: readonly DatabaseCall[], quote: string): string | null {
  const names = new Set(
    queries.map(({ handleNode }) => {
      const access = handleNode?.parent;
      return access !== undefined && ts.isPropertyAccessExpression(access) ? access.name.text : null;
    }),
  );
  if (names.has(null)) return null;
  const isOfThis = rootOf(handle)?.kind === ts.SyntaxKind.ThisKeyword;
  const type = isOfThis ? typeOfMember(handle) : `typeof ${handle.getText()}`;
  return type === null
    ? null
    : `Pick<${type}, ${[...names].map((name) => quote + name + quote).join(' | ')}>`;
}

/** After the others, on a line of its own where they are. */
function parameterOf({ parameters, body }: FunctionWithBody, parameter: string): Splice {
  const last = parameters.at(-1);
  const { text } = body.getSourceFile();
  if (last === undefined) return { position: text.lastIndexOf('(', body.getStart()) + 1, text: parameter };
  const { eol, indent } = layoutOf(last);
  const isOnLine = text.slice(0, last.getStart()).endsWith(eol + indent);
  return { position: last.end, text: (isOnLine ? `,${eol}${indent}` : ', ') + parameter };
}

function argumentOf(call: ts.CallExpression, argument: string): Splice {
  const last = call.arguments.at(-1);
  if (last === undefined) return { position: call.end - 1, text: argument };
  const { eol, indent } = layoutOf(last);
  const isOnLine = last
    .getSourceFile()
    .text.slice(0, last.getStart())
    .endsWith(eol + indent);
  return { position: last.end, text: (isOnLine ? `,${eol}${indent}` : ', ') + argument };
}

function refuse(reason: string): Refusal {
  return { kind: 'refusal', reason };
}
