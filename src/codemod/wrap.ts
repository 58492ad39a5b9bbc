import { ts } from '../scan/project.ts';
import { isGuarded } from './absence.ts';
import { emitCall, type EmitParts } from './emit-call.ts';
import { wrapInEmittedRunner } from './emitted-runner.ts';
import { isForeign, type Demand } from './event-data.ts';
import type { EventsTarget } from './events-import.ts';
import { hold, isThere, typeOfHeld, type Held } from './hold.ts';
import { styleOf, type Splice } from './insert.ts';
import { indented, layoutOf } from './layout.ts';
import { queryOfHook } from './model-hooks.ts';
import { freeName } from './names.ts';
import type { Wrapping } from './orms/orm.ts';
import { OUTSIDE, wrapInOwnRunner } from './own-runner.ts';
import type { Program } from './program.ts';
import { enclosingFunction, nodesIn } from './syntax.ts';
import { valueOf, type Value } from './value.ts';
import type { WriteCall } from './writes.ts';

/** A write and its emit call in a block of their own: a transaction that is opened for them, or one that is open. */
export interface Block {
  readonly kind: 'block';
  readonly splices: readonly Splice[];
  readonly parts: Pick<EmitParts, 'client' | 'data' | 'subjectText' | 'isSubjectForeign'>;
}

export type Blocked = Block | { readonly kind: 'refusal'; readonly reason: string; readonly data?: string };

/**
 * @param events what the emitter is called at the write
 * @param target where the emitted code is
 */
export function wrapWrite(
  program: Program,
  write: WriteCall,
  demand: Demand,
  events: string,
  target: EventsTarget,
): Blocked {
  if (write.isInTransaction === true) return refuse('what it is given may hold a transaction');
  const given = handedIn(program, write);
  if (given !== null) return refuse(`\`${given}\` may be a transaction that was handed in`);
  const wrapping = write.orm.wrap?.(program.types, write) ?? wrapInRunner(program, write, target);
  if (typeof wrapping === 'string') return refuse(wrapping);
  const value = valueOf(write);
  if ('reason' in value) return refuse(value.reason);
  const handle = wrapping.isShadowing
    ? wrapping.handle
    : freeName(value.node, [wrapping.handle, 'tx', 'trx', 'transaction', 'dbTransaction']);
  if (handle === null) return refuse('every usual name of a transaction is taken there');
  return block(program, write, value, demand, events, { wrapping, handle });
}

/** In the project's own way to a transaction, else in that of the emitted code. */
function wrapInRunner(program: Program, write: WriteCall, target: EventsTarget): Wrapping | string {
  const own = wrapInOwnRunner(program, write, target.specifierEnding);
  return own === OUTSIDE ? (wrapInEmittedRunner(program, target, write) ?? own) : own;
}

/** The same for a call that does the write on the transaction it is handed. */
export function wrapCall(
  program: Program,
  { write, wrapping }: { readonly write: WriteCall; readonly wrapping: Wrapping },
  demand: Demand,
  events: string,
): Blocked {
  const value = valueOf(write);
  if ('reason' in value) return refuse(value.reason);
  const handle = freeName(value.node, [wrapping.handle, 'tx', 'trx', 'transaction', 'dbTransaction']);
  if (handle === null) return refuse('every usual name of a transaction is taken there');
  return block(program, write, value, demand, events, { wrapping, handle });
}

/** Gives the write of an open transaction a name and its emit call. */
export function holdWrite(
  program: Program,
  write: WriteCall,
  client: string,
  demand: Demand,
  events: string,
): Blocked {
  const value = valueOf(write);
  if ('reason' in value) return refuse(value.reason);
  return block(program, write, value, demand, events, { wrapping: null, handle: client });
}

interface Frame {
  readonly wrapping: Wrapping | null;
  readonly handle: string;
}

function block(
  program: Program,
  write: WriteCall,
  value: Value,
  demand: Demand,
  events: string,
  frame: Frame,
): Blocked {
  const body = enclosingFunction(write.node);
  if (body === null) return refuse('the write stands in no function');
  if (usesFunction(value.node)) return refuse('the write uses what another function would not have');
  if (frame.wrapping !== null && waitsWithin(write.node)) {
    return refuse('what the write waits for would be done in the transaction');
  }
  const query = frame.wrapping === null ? null : queryOfHook(program, write);
  if (query !== null) {
    const { file, line } = program.place(query);
    return refuse(`a hook of the model queries outside of the transaction, at ${file}:${line}`);
  }
  const held = hold(program, write, value, demand);
  if ('kind' in held) return held;
  const type = held.origin === 'names' ? null : typeOfHeld(program, held, value);
  const isSubjectForeign = isForeign(
    program,
    type && program.checker.getNonNullableType(type),
    demand.subject,
  );
  const isNullable = type !== null && program.checker.getNonNullableType(type) !== type;
  const isAsserted = isAssertedLater(write, held, isNullable, body, demand);
  const exit = frame.wrapping === null ? null : exitOf(value, held);
  const isChecked = exit !== null && isGuarded([held.row.expression, ...held.row.witnesses], exit);
  const isCertain = isAsserted || isChecked || isThere(write, held, isNullable, demand);
  const row = isCertain ? null : (held.guard ?? held.row.expression);
  const guard = [row, held.asked].filter((part) => part != null).join(' && ');
  const { subjectText } = held;
  const parts = {
    client: frame.handle,
    data: held.row.expression + (isAsserted ? '!' : ''),
    subjectText,
    isSubjectForeign,
  };
  const style = styleOf(value.statement ?? value.node);
  const { eventType, subject } = demand;
  const emit = emitCall({ ...parts, eventType, subject, events, quote: style.quote }) + style.semicolon;
  return { kind: 'block', splices: splicesOf(value, held, frame, emit, guard), parts };
}

/** Where only the compiler takes the row of an insert for possibly undefined, and the function itself says that it is not. */
function isAssertedLater(
  { effect }: WriteCall,
  { origin, row }: Held,
  isNullable: boolean,
  body: ts.Node,
  { isIndexChecked }: Demand,
): boolean {
  const isOnlyIndexed = isIndexChecked && origin === 'element' && effect.isRowCertain && !isNullable;
  return isOnlyIndexed && body.getText().includes(`${row.expression}!`);
}

function splicesOf(value: Value, held: Held, frame: Frame, emit: string, guard: string): Splice[] {
  const { node, isAwaited, statement } = value;
  const layout = layoutOf(node);
  const { eol, indent, unit } = layout;
  const { semicolon } = styleOf(statement ?? node);
  const inner = indent + unit;
  const { wrapping, handle } = frame;
  // A line that is added among those that move to the right moves along.
  const bound = (wrapping?.bind(handle) ?? []).map((splice) => ({
    ...splice,
    text: splice.text.replaceAll('\n', `\n${unit}`),
  }));
  const emitLines = guard === '' ? [emit] : [`if (${guard}) {`, unit + emit, '}'];
  const isFirst = held.isToldFirst === true;
  const first = isFirst ? emitLines.map((line) => line + eol + inner).join('') : '';
  const lead = first + held.lead + (isAwaited ? '' : 'await ');
  const lines = [
    ...(isFirst ? [] : emitLines),
    ...(held.result === null ? [] : [`return ${held.result}${semicolon}`]),
  ];
  const start = node.getStart();
  if (wrapping === null) return heldSplices(value, lead, lines, semicolon);
  const exit = exitOf(value, held);
  if (exit !== null && statement !== null) {
    const opener = `return ${isTried(exit) ? 'await ' : ''}${wrapping.open}async (${handle}) => {${eol}${inner}`;
    return [
      ...(wrapping.imports ?? []),
      { position: statement.getStart(), text: opener },
      ...bound,
      ...indented(statement, layout, exit),
      { position: lastBefore(exit).end, text: emitLines.map((line) => eol + inner + line).join('') },
      { position: exit.end, text: `${eol}${indent}})${semicolon}` },
    ];
  }
  const opening = `${isAwaited ? 'await ' : ''}${wrapping.open}async (${handle}) => {${eol}${inner}${lead}`;
  const closing = `${semicolon}${lines.map((line) => eol + inner + line).join('')}${eol}${indent}})`;
  return [
    ...(wrapping.imports ?? []),
    ...(held.outer === null ? [] : [held.outer]),
    { position: start, text: opening },
    ...bound,
    ...indented(node, layout),
    { position: node.end, text: closing },
  ];
}

/** The return that can move in with what is before it: the names are those that the statement itself gives. */
function exitOf({ exit, binding }: Value, { result, outer }: Held): ts.ReturnStatement | null {
  const isOwnName = binding !== null && (ts.isIdentifier(binding) ? result === binding.text : outer !== null);
  return isOwnName ? exit : null;
}

function lastBefore(exit: ts.ReturnStatement): ts.Statement {
  const statements = (exit.parent as ts.Block).statements;
  return statements[statements.indexOf(exit) - 1] ?? exit;
}

/** Whether what is thrown there is caught in the function, so that a promise has to be waited for there. */
function isTried(node: ts.Node): boolean {
  const owner = enclosingFunction(node);
  return ts.findAncestor(node, (one) => one === owner || ts.isTryStatement(one)) !== owner;
}

/** In a transaction that is open: `return E` and `=> E` become a constant, the call and the return. */
function heldSplices(value: Value, lead: string, lines: readonly string[], semicolon: string): Splice[] {
  const { node, context, statement } = value;
  const layout = layoutOf(node);
  const { eol, indent, unit } = layout;
  const start = node.getStart();
  if (context === 'body') {
    const arrow = node.parent as ts.ArrowFunction;
    const isAsync = arrow.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
    const inner = indent + unit;
    const after = lines.map((line) => eol + inner + line).join('');
    return [
      ...(isAsync ? [] : [{ position: arrow.getStart(), text: 'async ' }]),
      { position: start, text: `{${eol}${inner}${lead}` },
      ...indented(node, layout),
      { position: node.end, text: `${semicolon}${after}${eol}${indent}}` },
    ];
  }
  const owner = enclosingFunction(node);
  const isAsync =
    owner !== null &&
    ts.canHaveModifiers(owner) &&
    ts.getModifiers(owner)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
  const first = statement?.getStart() ?? start;
  const after = lines.map((line) => eol + indent + line).join('');
  const hasSemicolon = statement?.getText().endsWith(';') === true;
  // The semicolon of the statement ends the last of the new ones.
  const closing = hasSemicolon ? semicolon + after.replace(/;$/, '') : after;
  return [
    ...(isAsync || owner === null ? [] : [{ position: owner.getStart(), text: 'async ' }]),
    { position: first, removed: start - first, text: lead },
    { position: node.end, text: closing },
  ];
}

/** What a write runs on, if it comes from a parameter that callers may leave out: `trx ?? knex`, `dbOrTx(this.db, trx)`. */
function handedIn({ checker }: Program, { handleNode, node }: WriteCall): string | null {
  if (handleNode === undefined || !ts.isIdentifier(handleNode)) return null;
  const declarationOf = (name: ts.Node): ts.Declaration | undefined =>
    checker.getSymbolAtLocation(name)?.valueDeclaration;
  const declaration = declarationOf(handleNode);
  if (declaration === undefined) return null;
  if (ts.isParameter(declaration)) {
    // What an outer function is given is there for good; what nothing is known of may be anything.
    const isOwn = declaration.parent === enclosingFunction(node);
    const isUnknown = isOwn && (checker.getTypeAtLocation(declaration).flags & ts.TypeFlags.Any) !== 0;
    return isUnknown || isOptional(declaration) ? handleNode.text : null;
  }
  const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  // What is awaited is a row, which writes itself.
  if (value === undefined || ts.isAwaitExpression(value)) return null;
  const origins = [value, ...nodesIn(value, true)].filter((part) => ts.isIdentifier(part)).map(declarationOf);
  return origins.some((origin) => origin !== undefined && ts.isParameter(origin) && isOptional(origin))
    ? handleNode.text
    : null;
}

function isOptional({ questionToken, initializer }: ts.ParameterDeclaration): boolean {
  return questionToken !== undefined || initializer !== undefined;
}

/** `yield`, `arguments` and what returns out of the function mean something else in a function of their own. */
function usesFunction(node: ts.Node): boolean {
  return [...nodesIn(node, true)].some(
    (inner) => ts.isYieldExpression(inner) || (ts.isIdentifier(inner) && inner.text === 'arguments'),
  );
}

/** `create({ password: await hash(password) })`: a connection would be held for as long as that takes. */
function waitsWithin(write: ts.Node): boolean {
  return [...nodesIn(write, true)].some(ts.isAwaitExpression);
}

function refuse(reason: string): Blocked {
  return { kind: 'refusal', reason };
}
