import { ts } from '../scan/project.ts';
import { isGuarded } from './absence.ts';
import { emitCall, type EmitParts } from './emit-call.ts';
import { candidateOf, isForeign, misfit, strangerReason, type Demand } from './event-data.ts';
import { styleOf, type Splice } from './insert.ts';
import { indented, layoutOf } from './layout.ts';
import { freeName, resourceName } from './names.ts';
import type { Wrapping } from './orms/orm.ts';
import type { Program } from './program.ts';
import { bindingNames, rowsIn, typeOfRow, usableType, type Row } from './rows.ts';
import { enclosingFunction, nodesIn } from './syntax.ts';
import { isTableOf } from './sql.ts';
import { valueOf, type Value } from './value.ts';
import type { WriteCall } from './writes.ts';

/** A write and its emit call in a block of their own: a transaction that is opened for them, or one that is open. */
export interface Block {
  readonly kind: 'block';
  readonly splices: readonly Splice[];
  readonly parts: Pick<EmitParts, 'client' | 'data' | 'subjectText' | 'isSubjectForeign'>;
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
   * - `names`: no row, but what the write names.
   */
  readonly origin: 'whole' | 'element' | 'instance' | 'before' | 'names';
  /** What tells whether there was a row, unless it is the row itself. */
  readonly guard?: string | undefined;
  readonly subjectText?: string | undefined;
}

/** @param events what the emitter is called at the write */
export function wrapWrite(
  program: Program,
  write: WriteCall,
  demand: Demand,
  events: string,
): Blocked {
  const wrapping = write.orm.wrap?.(program.types, write) ?? 'no transaction is open where the row is written';
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
  const row = holdRow(program, write, value, demand);
  const judged = 'kind' in row ? row : judge(program, row, value, demand);
  const held = 'kind' in judged ? (holdNames(program, write, value, demand) ?? judged) : judged;
  if ('kind' in held) return held;
  const type = held.origin === 'names' ? null : typeOfHeld(program, held, value);
  const isSubjectForeign = isForeign(program, type && program.checker.getNonNullableType(type), demand.subject);
  const isNullable = type !== null && program.checker.getNonNullableType(type) !== type;
  const guard = isThere(write, held, isNullable, demand) ? null : (held.guard ?? held.row.expression);
  const { subjectText } = held;
  const parts = { client: frame.handle, data: held.row.expression, subjectText, isSubjectForeign };
  const style = styleOf(value.statement ?? value.node);
  const { eventType, subject } = demand;
  const emit = emitCall({ ...parts, eventType, subject, events, quote: style.quote }) + style.semicolon;
  return { kind: 'block', splices: splicesOf(value, held, frame, emit, guard), parts };
}

/** The row as it is held, if it is the event's data. */
function judge(program: Program, held: Held, value: Value, demand: Demand): Held | Refusal {
  const candidate = { ...candidateOf(program, held.row), type: typeOfHeld(program, held, value) };
  const reason = misfit(program, candidate, demand) ?? strangerReason(candidate, demand);
  return reason === null ? held : { ...refuse(reason), data: held.row.expression };
}

function typeOfHeld(program: Program, { row, origin }: Held, value: Value): ts.Type | null {
  const isResult = origin === 'whole' || origin === 'element';
  return typeOfRow(program, row) ?? (isResult ? typeOfValue(program, value) : null);
}

/** The data of an event of which the write itself names all: `{ id }` of `delete(orders).where(eq(orders.id, id))`. */
function holdNames(program: Program, write: WriteCall, value: Value, demand: Demand): Held | null {
  const { properties, subject } = demand;
  if (properties.length === 0 || !properties.includes(subject)) return null;
  const texts = new Map<string, string>();
  for (const property of properties) {
    const text = namedIn(program, write.node, property);
    if (text === null) return null;
    texts.set(property, text);
  }
  const members = [...texts].map(([key, text]) => (key === text ? key : `${key}: ${text}`));
  const { effect } = write;
  const count = effect.countPath;
  const isCertain = effect.isRowCertain && value.rowPath !== null;
  if (!isCertain && count === undefined) return null;
  const isKept = value.context !== 'alone' || !isCertain;
  const name =
    value.binding !== null && ts.isIdentifier(value.binding)
      ? value.binding.text
      : isKept
        ? freeName(write.node, ['result', 'outcome'])
        : null;
  if (isKept && name === null) return null;
  const row = { ...rowBase(write), expression: `{ ${members.join(', ')} }`, name: null, steps: [] };
  return {
    lead: name === null ? '' : `const ${name} = `,
    result: value.context === 'alone' ? null : name,
    row,
    outer: null,
    origin: 'names',
    guard: isCertain || count === undefined ? undefined : (name ?? '') + count.map(stepText).join(''),
    subjectText: texts.get(subject),
  };
}

/** How the write itself says a property: by a variable of that name, or as the value of a key of that name. */
function namedIn({ checker }: Program, write: ts.Node, property: string): string | null {
  for (const node of nodesIn(write, false)) {
    if (ts.isPropertyAssignment(node) && node.name.getText() === property) {
      const { initializer } = node;
      const isPlain = ts.isIdentifier(initializer) || isReference(initializer);
      if (isPlain) return initializer.getText();
    }
    if (!ts.isIdentifier(node) || node.text !== property) continue;
    const isShorthand = ts.isShorthandPropertyAssignment(node.parent);
    const symbol = isShorthand
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    const declaration = symbol?.valueDeclaration;
    const isVariable =
      declaration !== undefined &&
      (ts.isVariableDeclaration(declaration) ||
        ts.isParameter(declaration) ||
        ts.isBindingElement(declaration));
    if (isVariable && (declaration.end <= write.getStart() || declaration.pos > write.end)) return property;
  }
  return null;
}

function isReference(node: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(node)) return isReference(node.expression);
  return ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword;
}

function stepText(step: string): string {
  return /^\d/.test(step) ? `[${step}]` : `.${step}`;
}

/** What all rows of a write have in common. */
function rowBase({ effect, node }: WriteCall): Omit<Row, 'expression' | 'name' | 'steps'> {
  // It is declared right there.
  const declaration = node as unknown as ts.VariableDeclaration;
  return { write: effect, table: effect.table, query: node, ready: node, witnesses: [], declaration };
}

/** Whether the row is there whenever the write is done, to the compiler too. */
function isThere(write: WriteCall, { origin, row, guard }: Held, isNullable: boolean, demand: Demand): boolean {
  if (origin === 'instance') return true;
  if (origin === 'names') return guard === undefined;
  if (origin === 'before') {
    const statement = ts.findAncestor(write.node, ts.isStatement);
    return !isNullable || (statement !== undefined && isGuarded(row.witnesses, statement));
  }
  const isChecked = demand.isIndexChecked && origin === 'element';
  return write.effect.isRowCertain && !isNullable && !isChecked;
}

function splicesOf(value: Value, held: Held, frame: Frame, emit: string, guard: string | null): Splice[] {
  const { node, isAwaited, statement } = value;
  const layout = layoutOf(node);
  const { eol, indent, unit } = layout;
  const { semicolon } = styleOf(statement ?? node);
  const inner = indent + unit;
  const { wrapping, handle } = frame;
  const bound = wrapping === null ? [] : [...wrapping.bind(handle)];
  const lead = held.lead + (isAwaited ? '' : 'await ');
  const emitLines = guard === null ? [emit] : [`if (${guard}) {`, unit + emit, '}'];
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
  const base = rowBase(write);
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
  const expression = name + path.map(stepText).join('');
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
