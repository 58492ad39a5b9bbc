import { ts } from '../scan/project.ts';
import { isGuarded } from './absence.ts';
import { emitCall, type EmitParts } from './emit-call.ts';
import { candidateOf, isForeign, misfit, strangerReason, type Demand } from './event-data.ts';
import { styleOf, type Splice } from './insert.ts';
import { indented, layoutOf } from './layout.ts';
import { freeName, resourceName } from './names.ts';
import type { Wrapping } from './orms/orm.ts';
import type { Program } from './program.ts';
import { bindingNames, rowsIn, usableType, type Row } from './rows.ts';
import { enclosingFunction, nodesIn } from './syntax.ts';
import { isTableOf } from './sql.ts';
import { valueOf, type Value } from './value.ts';
import type { WriteCall } from './writes.ts';

/** A write and its emit call in a block of their own: a transaction that is opened for them, or one that is open. */
export interface Block {
  readonly kind: 'block';
  readonly splices: readonly Splice[];
  readonly parts: Pick<EmitParts, 'client' | 'data' | 'isSubjectForeign'>;
}

export type Blocked = Block | { readonly kind: 'refusal'; readonly reason: string; readonly data?: string };

interface Held {
  /** What the value is called inside: `const order = `, or nothing. */
  readonly lead: string;
  /** What the block gives on; null for nothing. */
  readonly result: string | null;
  /** The row, in the block. */
  readonly row: Row;
  /** What the outer binding becomes. */
  readonly outer: Splice | null;
  /**
   * - `whole`: the value itself is the row.
   * - `element`: the row is the first of a list.
   * - `instance`: the write leaves the row in a variable that was there before.
   * - `before`: the row as it was read before the write.
   */
  readonly origin: 'whole' | 'element' | 'instance' | 'before';
}

/** @param events what the emitter is called at the write */
export function wrapWrite(
  program: Program,
  write: WriteCall,
  demand: Demand,
  events: string,
): Blocked {
  const wrapping = write.orm.wrap?.(program.types, write) ?? 'its transactions have no idiom of their own';
  if (typeof wrapping === 'string') return refuse(wrapping);
  const value = valueOf(write);
  if ('reason' in value) return refuse(value.reason);
  const handle = wrapping.isShadowing
    ? wrapping.handle
    : freeName(value.node, [wrapping.handle, 'tx', 'trx', 'transaction', 'dbTransaction']);
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
  const held = holdRow(program, write, value, demand);
  if ('kind' in held) return held;
  const candidate = candidateOf(program, held.row);
  const type = candidate.type ?? typeOfValue(program, value);
  const known = { ...candidate, type };
  const reason = misfit(program, known, demand) ?? strangerReason(known, demand);
  const data = held.row.expression;
  if (reason !== null) return { ...refuse(reason), data };
  const isSubjectForeign = isForeign(program, type && program.checker.getNonNullableType(type), demand.subject);
  const isNullable = type !== null && program.checker.getNonNullableType(type) !== type;
  const isCertain = isThere(write, held, isNullable, demand);
  const parts = { client: frame.handle, data, isSubjectForeign };
  const style = styleOf(value.statement ?? value.node);
  const emit =
    emitCall({ ...parts, eventType: demand.eventType, subject: demand.subject, events, quote: style.quote }) +
    style.semicolon;
  return { kind: 'block', splices: splicesOf(value, held, frame, emit, isCertain), parts };
}

/** Whether the row is there whenever the write is done, to the compiler too. */
function isThere(write: WriteCall, { origin, row }: Held, isNullable: boolean, demand: Demand): boolean {
  if (origin === 'instance') return true;
  if (origin === 'before') {
    const statement = ts.findAncestor(write.node, ts.isStatement);
    return !isNullable || (statement !== undefined && isGuarded(row.witnesses, statement));
  }
  const isChecked = demand.isIndexChecked && origin === 'element';
  return write.effect.isRowCertain && !isNullable && !isChecked;
}

function splicesOf(value: Value, held: Held, frame: Frame, emit: string, isCertain: boolean): Splice[] {
  const { node, isAwaited, statement } = value;
  const layout = layoutOf(node);
  const { eol, indent, unit } = layout;
  const { semicolon } = styleOf(statement ?? node);
  const inner = indent + unit;
  const { wrapping, handle } = frame;
  const bound = wrapping === null ? [] : [...wrapping.bind(handle)];
  const lead = held.lead + (isAwaited ? '' : 'await ');
  const emitLines = isCertain ? [emit] : [`if (${held.row.expression}) {`, unit + emit, '}'];
  const lines = [...emitLines, ...(held.result === null ? [] : [`return ${held.result}${semicolon}`])];
  const start = node.getStart();
  if (wrapping === null) return heldSplices(value, lead, lines, semicolon);
  const opening = `${isAwaited ? 'await ' : ''}${wrapping.open}async (${handle}) => {${eol}${inner}${lead}`;
  const closing = `${semicolon}${lines.map((line) => eol + inner + line).join('')}${eol}${indent}})`;
  return [
    ...(held.outer === null ? [] : [held.outer]),
    { position: start, text: opening },
    ...bound,
    ...indented(node, layout),
    { position: node.end, text: closing },
  ];
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

/** How the row is held inside, by what the statement makes of the value. */
function holdRow(program: Program, write: WriteCall, value: Value, demand: Demand): Held | Refusal {
  const { rowPath, context, binding } = value;
  const { effect } = write;
  const base = {
    write: effect,
    table: effect.table,
    query: write.node,
    ready: write.node,
    witnesses: [],
    // It is declared right there.
    declaration: write.node as unknown as ts.VariableDeclaration,
  };
  if (rowPath !== null && context === 'declared' && binding !== null) {
    if (ts.isIdentifier(binding)) {
      const names = bindingNames(binding, rowPath);
      if (names !== null) {
        const row = { ...base, ...names };
        const origin = rowPath.includes('0') ? 'element' : 'whole';
        return { lead: `const ${binding.text} = `, result: binding.text, row, outer: null, origin };
      }
    }
    const only = onlyElement(binding);
    if (only !== null && rowPath.length === 1 && rowPath[0] === '0') {
      const row = { ...base, expression: only.text, name: only, steps: [] };
      const outer = {
        position: binding.getStart(),
        removed: binding.end - binding.getStart(),
        text: only.text,
      };
      return { lead: `const [${only.text}] = `, result: only.text, row, outer, origin: 'element' };
    }
  }
  const instance = instanceOf(program, write);
  if (rowPath === null && instance !== null) {
    const isUnused = context === 'alone';
    const name = isUnused ? null : freeName(write.node, ['result', 'outcome']);
    if (!isUnused && name === null) return refuse('every usual name of a result is taken there');
    const lead = name === null ? '' : `const ${name} = `;
    return { lead, result: name, row: instance, outer: null, origin: 'instance' };
  }
  if (instance !== null && context === 'alone') {
    return { lead: '', result: null, row: instance, outer: null, origin: 'instance' };
  }
  if (rowPath === null) {
    const known = knownBefore(program, write, demand);
    if (known === null) return refuse('nothing there holds the written row');
    const name = context === 'alone' ? null : freeName(write.node, ['result', 'outcome']);
    if (context !== 'alone' && name === null) return refuse('every usual name of a result is taken there');
    const lead = name === null ? '' : `const ${name} = `;
    return { lead, result: name, row: known, outer: null, origin: 'before' };
  }
  return named(write, value, demand, base);
}

function named(
  write: WriteCall,
  { rowPath, context }: Value,
  { eventType }: Demand,
  base: Omit<Row, 'expression' | 'name' | 'steps'>,
): Held | Refusal {
  const path = rowPath ?? [];
  const resource = resourceName(eventType);
  const participle = { insert: 'created', update: 'updated', delete: 'deleted' }[write.effect.verb];
  const qualified = participle + resource.charAt(0).toUpperCase() + resource.slice(1);
  const isList = path.length > 0 && context !== 'alone';
  const name = freeName(write.node, isList ? ['rows', 'result'] : [resource, qualified]);
  if (name === null) return refuse(`the names \`${resource}\` and \`${qualified}\` are taken there`);
  const result = context === 'alone' ? null : name;
  if (path.length === 0) {
    const row = { ...base, expression: name, name: null, steps: [] };
    return { lead: `const ${name} = `, result, row, outer: null, origin: 'whole' };
  }
  if (path.length === 1 && path[0] === '0' && context === 'alone') {
    const row = { ...base, expression: name, name: null, steps: [] };
    return { lead: `const [${name}] = `, result, row, outer: null, origin: 'element' };
  }
  const expression = name + path.map((step) => (/^\d/.test(step) ? `[${step}]` : `.${step}`)).join('');
  const row = { ...base, expression, name: null, steps: path };
  return { lead: `const ${name} = `, result, row, outer: null, origin: 'element' };
}

/** The variable that the write leaves its row in. */
function instanceOf(program: Program, write: WriteCall): Row | null {
  const owner = enclosingFunction(write.node);
  if (write.effect.instance === undefined || owner === null) return null;
  const text = write.effect.instance.getText();
  return rowsIn(program, owner).find(({ query, expression }) => query === write.node && expression === text) ?? null;
}

/** What a deleted row was, as the function has read it before. */
function knownBefore(program: Program, write: WriteCall, { eventType }: Demand): Row | null {
  const owner = enclosingFunction(write.node);
  if (write.effect.verb !== 'delete' || owner === null) return null;
  const [resource = ''] = eventType.split('.');
  const rows = rowsIn(program, owner).filter(
    ({ table, ready }) => isTableOf(table, resource) && ready.end < write.node.pos,
  );
  const [only, second] = rows;
  return second === undefined ? (only ?? null) : null;
}

function onlyElement(binding: ts.BindingName): ts.Identifier | null {
  if (!ts.isArrayBindingPattern(binding)) return null;
  const [only, second] = binding.elements;
  const isPlain =
    only !== undefined &&
    second === undefined &&
    ts.isBindingElement(only) &&
    only.initializer === undefined &&
    only.dotDotDotToken === undefined;
  return isPlain && ts.isIdentifier(only.name) ? only.name : null;
}

function typeOfValue({ checker }: Program, { node, rowPath }: Value): ts.Type | null {
  let type = usableType(checker.getAwaitedType(checker.getTypeAtLocation(node)) ?? checker.getAnyType());
  for (const step of rowPath ?? []) {
    if (type === null) return null;
    const outer = checker.getNonNullableType(type);
    const property = checker.getPropertyOfType(outer, step);
    const inner =
      property !== undefined
        ? checker.getTypeOfSymbol(property)
        : checker.getIndexTypeOfType(outer, ts.IndexKind.Number);
    type = inner === undefined ? null : usableType(inner);
  }
  return type;
}

/** `yield`, `arguments` and what returns out of the function mean something else in a function of their own. */
function usesFunction(node: ts.Node): boolean {
  return [...nodesIn(node, true)].some(
    (inner) => ts.isYieldExpression(inner) || (ts.isIdentifier(inner) && inner.text === 'arguments'),
  );
}

type Refusal = Extract<Blocked, { kind: 'refusal' }>;

function refuse(reason: string): Refusal {
  return { kind: 'refusal', reason };
}
