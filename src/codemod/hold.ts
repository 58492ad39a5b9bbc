import { ts } from '../scan/project.ts';
import type { JsonSchema } from '../scan/report.ts';
import { isGuarded, isTypeAsked } from './absence.ts';
import {
  candidateOf,
  clash,
  contradiction,
  isOfResource,
  misfit,
  strangerReason,
  type Demand,
} from './event-data.ts';
import { holdBefore } from './hold-before.ts';
import type { Splice } from './insert.ts';
import { lacksKey } from './keys.ts';
import { namedIn, namedInPath } from './named-in-write.ts';
import { freeName, OWN_ID, rowName } from './names.ts';
import type { Program } from './program.ts';
import { bindingNames, rowsIn, stepText, typeOfRow, usableType, type Row } from './rows.ts';
import { enclosingFunction } from './syntax.ts';
import type { Value } from './value.ts';
import type { WriteCall } from './writes.ts';

/** How a write's row is held where its emit call stands. */
export interface Held {
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
  /** What tells whether the write did anything, where there may be the row all the same. */
  readonly asked?: string | undefined;
  readonly subjectText?: string | undefined;
  /** The event comes before the write, which spoils the row. */
  readonly isToldFirst?: boolean | undefined;
}

export interface Refusal {
  readonly kind: 'refusal';
  readonly reason: string;
  readonly data?: string;
  /** What the write names is of the same columns. */
  readonly isFinal?: boolean;
}

/** The event's data at a write: the row, or what the write names. */
export function hold(program: Program, write: WriteCall, value: Value, demand: Demand): Held | Refusal {
  const row = holdRow(program, write, value, demand);
  const judged = 'kind' in row ? row : judge(program, row, value, demand);
  if (!('kind' in judged) || judged.isFinal === true) return judged;
  return holdNames(program, write, value, demand) ?? judged;
}

/** The row as it is held, if it is the event's data. */
function judge(program: Program, held: Held, value: Value, demand: Demand): Held | Refusal {
  const candidate = { ...candidateOf(program, held.row), type: typeOfHeld(program, held, value) };
  const reason = misfit(program, candidate, demand) ?? strangerReason(program, candidate, demand);
  if (reason === null) return held;
  const { expression } = held.row;
  const isFinal =
    clash(candidate, demand) !== null || contradiction(held.row, expression, demand.eventType) !== null;
  return { ...refuse(reason), data: expression, isFinal };
}

export function typeOfHeld(program: Program, { row, origin }: Held, value: Value): ts.Type | null {
  const isResult = origin === 'whole' || origin === 'element';
  return typeOfRow(program, row) ?? (isResult ? typeOfValue(program, value) : null);
}

/** The data of an event of which the write itself names all: `{ id }` of `delete(orders).where(eq(orders.id, id))`. */
function holdNames(program: Program, write: WriteCall, value: Value, demand: Demand): Held | null {
  const { subject } = demand;
  const properties = Object.keys(demand.properties);
  if (properties.length === 0 || !properties.includes(subject)) return null;
  // The `id` of what is written is not that of the event's resource, if it is of another table.
  const { table } = write.effect;
  const isStranger = properties.some(
    (name) => OWN_ID.test(name) && !isOfResource(program, table, demand.eventType, name),
  );
  if (isStranger) return null;
  const texts = new Map<string, string>();
  for (const property of properties) {
    if (lacksKey(program, table, property)) return null;
    const text =
      namedIn(program, write.node, property) ??
      (property !== subject && isText(demand.properties[property])
        ? namedInPath(write.node, property)
        : null);
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

/** What a parameter of the path can be. */
function isText({ type = 'string' }: JsonSchema = {}): boolean {
  return [type].flat().includes('string');
}

/** What all rows of a write have in common. */
function rowBase({ effect, node }: WriteCall): Omit<Row, 'expression' | 'name' | 'steps'> {
  // It is declared right there.
  const declaration = node as unknown as ts.VariableDeclaration;
  return { write: effect, table: effect.table, query: node, ready: node, witnesses: [], declaration };
}

/** Whether the row is there whenever the write is done, to the compiler too. */
export function isThere(
  write: WriteCall,
  { origin, row, guard }: Held,
  isNullable: boolean,
  demand: Demand,
): boolean {
  if (origin === 'instance') return true;
  if (origin === 'names') return guard === undefined;
  if (origin === 'before') {
    const statement = ts.findAncestor(write.node, ts.isStatement);
    const isAsked = ts.findAncestor(
      write.node,
      (node) =>
        !ts.isSourceFile(node) &&
        ts.isIfStatement(node.parent) &&
        isAskedFor(node.parent, node, row.witnesses),
    );
    if (!isNullable || isAsked !== undefined) return true;
    return statement !== undefined && isGuarded(row.witnesses, statement);
  }
  const isChecked = demand.isIndexChecked && origin === 'element';
  return write.effect.isRowCertain && !isNullable && !isChecked;
}

/** `if (order) …`, with the node in what follows */
function isAskedFor(branch: ts.IfStatement, node: ts.Node, witnesses: readonly string[]): boolean {
  return branch.thenStatement === node && witnesses.includes(branch.expression.getText());
}

/** How the row is held inside, by what the statement makes of the value. */
function holdRow(program: Program, write: WriteCall, value: Value, demand: Demand): Held | Refusal {
  const { context, binding } = value;
  const rowPath = isTakenFromMany(write, value) ? value.rowPath : null;
  const base = rowBase(write);
  const variable = variableOf(value);
  const owner = enclosingFunction(write.node);
  if (variable !== null && owner !== null && isTypeAsked(variable.text, owner, value.node.end)) {
    return refuse(`\`${variable.text}\` may be no row: its type is asked for after the write`);
  }
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
    return holdBefore(program, write, value, demand);
  }
  return named(write, value, demand, base);
}

/** Where a result has its rows in a list beside others, the code has to take the one itself: `[1][0]`, `const [, [order]]`. */
function isTakenFromMany({ node }: WriteCall, { rowPath, binding }: Value): boolean {
  if (rowPath === null || rowPath.length < 2 || rowPath[0] !== '1') return true;
  const names = binding === null ? null : bindingNames(binding, rowPath);
  if (names === null || names.steps.length === 0) return names !== null;
  return enclosingFunction(node)?.getText().includes(names.expression) === true;
}

function named(
  write: WriteCall,
  { rowPath, context }: Value,
  { eventType }: Demand,
  base: Omit<Row, 'expression' | 'name' | 'steps'>,
): Held | Refusal {
  const path = rowPath ?? [];
  const resource = rowName(write.effect.table, eventType);
  const { verb, mayInsert = false } = write.effect;
  const participle = mayInsert ? 'saved' : { insert: 'created', update: 'updated', delete: 'deleted' }[verb];
  const qualified = participle + resource.charAt(0).toUpperCase() + resource.slice(1);
  const isList = path.length > 0 && context !== 'alone';
  const name = freeName(
    write.node,
    isList ? (path[0] === '0' ? ['rows', 'result'] : ['result', 'outcome']) : [resource, qualified],
  );
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
  return (
    rowsIn(program, owner).find(({ query, expression }) => query === write.node && expression === text) ??
    null
  );
}

/** The variable that a statement puts the value into, or its only element. */
function variableOf({ binding }: Value): ts.Identifier | null {
  if (binding === null) return null;
  return ts.isIdentifier(binding) ? binding : onlyElement(binding);
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

function refuse(reason: string): Refusal {
  return { kind: 'refusal', reason };
}
