import { ts } from '../scan/project.ts';
import type { JsonSchema } from '../scan/report.ts';
import { isGuarded, isQuestioned, isTypeAsked } from './absence.ts';
import { lacksKey, otherKey, renamedProperty } from './keys.ts';
import { OWN_ID } from './names.ts';
import type { Program } from './program.ts';
import { isInScope, rowsIn, typeOfRow, usableType, type Row } from './rows.ts';
import { isExactTableOf, isTableOf, singularOf } from './sql.ts';
import { bare, enclosingFunction, nodesIn, rootOf, type FunctionWithBody } from './syntax.ts';
import { writesIn } from './writes.ts';

type Properties = Readonly<Record<string, JsonSchema>>;

/** What an event needs of its data. */
export interface Demand {
  readonly eventType: string;
  /** Property that holds the resource id. */
  readonly subject: string;
  /** Properties that the event's schema names, and those it requires. */
  readonly properties: Properties;
  readonly required: readonly string[];
  /** The schema allows the subject to be null, which emit does not. */
  readonly isSubjectNullable: boolean;
  /** The user's compiler takes every element access for possibly undefined. */
  readonly isIndexChecked: boolean;
}

export interface EventData {
  readonly expression: string;
  /** The subject is of no type that emit takes as it is. */
  readonly isSubjectForeign: boolean;
  /** Its absence shows in these expressions. */
  readonly witnesses: readonly string[];
  /** Known to be there wherever the emit call stands. */
  readonly isCertain: boolean;
  /** What the emit call has to ask first: the row of a write that may find none. */
  readonly guard: string | null;
}

export type Choice = EventData | { readonly reason: string };

export interface Candidate {
  readonly expression: string;
  readonly type: ts.Type | null;
  readonly row: Row | null;
  readonly declaration: ts.Node;
  /** The properties that it has by where it comes from, where its type does not tell. */
  readonly traced?: Properties | null;
}

/**
 * The expression at `place` that holds the written entity: what the code itself hands out (`handedOut`: returned
 * or sent), else the row of the one write that returns it.
 */
export function chooseData(
  program: Program,
  body: FunctionWithBody,
  place: ts.Statement,
  handedOut: readonly ts.Expression[],
  demand: Demand,
): Choice {
  const rows = rowsIn(program, body).filter((row) => isInScope(row.declaration, place));
  const [first] = handedOut;
  const isAgreed = handedOut.every((expression) => expression.getText() === first?.getText());
  const own = first !== undefined && isAgreed ? readCandidate(program, first, rows, place) : null;
  if (own !== null && misfit(program, own, demand) === null) {
    const stale = staleReason(program, own, body, place, demand);
    return stale === null ? settle(program, own, body, place, demand) : { reason: stale };
  }

  const written = rowCandidates(program, rows, demand);
  const [only, second] = written;
  if (only !== undefined && second !== undefined) {
    const names = written.map(({ expression }) => `\`${expression}\``).join(' or ');
    return { reason: `it is unclear which row is the event's data: ${names}` };
  }
  if (only !== undefined) {
    const reason = misfit(program, only, demand) ?? strangerReason(program, only, demand);
    return reason === null ? settle(program, only, body, place, demand) : { reason };
  }
  if (own !== null) return { reason: misfit(program, own, demand) ?? '' };
  return { reason: 'no variable in the transaction holds the written row' };
}

function readCandidate(
  program: Program,
  handedOut: ts.Expression,
  rows: readonly Row[],
  place: ts.Statement,
): Candidate | null {
  const expression = bare(handedOut);
  const root = rootOf(expression);
  const declaration = root === null ? undefined : program.checker.getSymbolAtLocation(root)?.valueDeclaration;
  if (declaration === undefined || !isInScope(declaration, place)) return null;
  const text = expression.getText();
  const row = rows.find((row) => row.expression === text || row.witnesses.includes(text)) ?? null;
  const type = usableType(program.checker.getTypeAtLocation(expression)) ?? (row && typeOfRow(program, row));
  if (type === null && row === null) return null;
  return { expression: row?.expression ?? text, type, row, declaration };
}

function rowCandidates(program: Program, rows: readonly Row[], demand: Demand): Candidate[] {
  // An UPDATE or DELETE may return many rows; code that takes one of them knows that it is the only one.
  const written = rows.filter((row) => row.write !== null && isTaken(row));
  const [resource = ''] = demand.eventType.split('.');
  const ofResource = written.filter((row) => isTableOf(row.table, resource));
  return (ofResource.length > 0 ? ofResource : written).map((row) => candidateOf(program, row));
}

export function candidateOf(program: Program, row: Row): Candidate {
  const { expression, declaration } = row;
  const type = typeOfRow(program, row);
  const effect = program.read(row.query)?.effect;
  const rowPath = effect !== undefined && 'rowPath' in effect ? effect.rowPath : null;
  // What is known of `result` is not of `result.rows[0]`.
  const isResultRow = rowPath?.every((step) => step === '0') !== false;
  const traced =
    type === null && isResultRow && ts.isCallExpression(row.query) ? program.traced(row.query) : null;
  return { expression, type, row, declaration, traced };
}

function isTaken({ expression, declaration }: Row): boolean {
  if (!expression.endsWith('[0]')) return true;
  return enclosingFunction(declaration)?.getText().includes(expression) === true;
}

/** Why a candidate cannot be the data of the event, as far as its type and its statement tell. */
export function misfit(program: Program, candidate: Candidate, demand: Demand): string | null {
  const { checker } = program;
  const { expression, row, traced = null } = candidate;
  const type = candidate.type === null ? null : checker.getNonNullableType(candidate.type);
  const columns = row?.write?.columns ?? (type === null ? selectedBy(row) : null);
  if (type !== null && (checker.isArrayType(type) || checker.isTupleType(type))) {
    return `\`${expression}\` is a list`;
  }
  if (type !== null && (type.flags & ts.TypeFlags.Object) === 0 && !type.isUnionOrIntersection()) {
    return `\`${expression}\` is no object`;
  }
  const renamed = type === null ? null : renamedProperty(program, type);
  if (renamed !== null) return `\`${expression}\` has another name for \`${renamed}\` where it is serialized`;
  const isThere = (name: string): boolean =>
    (type === null || checker.getPropertyOfType(type, name) !== undefined) &&
    (type !== null || traced === null || Object.hasOwn(traced, name)) &&
    (columns === null || columns.includes(name));
  const otherName = type === null && columns === null ? nameInWhere(row, demand.subject) : null;
  if (otherName !== null) {
    return `\`${expression}\` is found by \`${otherName}\`, so nothing shows that it has the subject \`${demand.subject}\``;
  }
  const isNamed = Object.hasOwn(demand.properties, demand.subject) && !isParameter(demand.subject);
  const isKnown = type !== null || columns !== null || traced !== null || isNamed;
  if (!isKnown && !isMentioned(candidate, demand.subject)) {
    return `nothing shows that \`${expression}\` has the subject \`${demand.subject}\``;
  }
  const key = type === null ? null : otherKey(program, type, demand.subject);
  if (key !== null)
    return `\`${expression}\` has \`${key}\` for its key, and no \`${demand.subject}\`, the subject of ${demand.eventType}`;
  const isLacking = type === null && row !== null && lacksKey(program, row.table, demand.subject);
  if (isLacking || !isThere(demand.subject)) {
    return `\`${expression}\` has no \`${demand.subject}\`, the subject of ${demand.eventType}`;
  }
  const isNull = type !== null && mayBeNull(checker, type, demand.subject);
  if (demand.isSubjectNullable || isNull)
    return `\`${demand.subject}\`, the subject of ${demand.eventType}, may be null`;
  const missing = demand.required.filter((name) => !isThere(name)).map((name) => `\`${name}\``);
  if (missing.length === 0) return clash(candidate, demand);
  return `\`${expression}\` lacks ${missing.join(', ')}, which ${demand.eventType} requires`;
}

/** A reference that need not be there is no key. */
function mayBeNull(checker: ts.TypeChecker, type: ts.Type, name: string): boolean {
  const property = checker.getPropertyOfType(type, name);
  const own = property === undefined ? undefined : checker.getTypeOfSymbol(property);
  return own?.isUnion() === true && own.types.some(({ flags }) => (flags & ts.TypeFlags.Null) !== 0);
}

/** Where the compiler knows no type, a column that the schema takes for something else would show when it is emitted. */
export function clash({ expression, type, traced = null }: Candidate, demand: Demand): string | null {
  if (type !== null || traced === null) return null;
  for (const [name, schema] of Object.entries(demand.properties)) {
    const [has, wants] = [scalarsOf(traced[name]), scalarsOf(schema)];
    if (has.length === 0 || wants.length === 0 || has.some((one) => wants.includes(one))) continue;
    return `\`${expression}.${name}\` is ${has.join(' or ')}, and ${demand.eventType} has it as ${wants.join(' or ')}`;
  }
  return null;
}

function scalarsOf({ type = [] }: JsonSchema = {}): string[] {
  return [type]
    .flat()
    .map((one) => (one === 'integer' ? 'number' : one))
    .filter((one) => ['string', 'number', 'boolean'].includes(one));
}

/** The columns that a query names to read: `select('id')`. Null where it takes all, or it is not plain which. */
function selectedBy(row: Row | null): readonly string[] | null {
  if (row === null || row.write !== null) return null;
  const [select, second] = [row.query, ...nodesIn(row.query, true)].filter(
    (node) =>
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.name.text === 'select',
  );
  if (select === undefined || second !== undefined || !ts.isCallExpression(select)) return null;
  const names = select.arguments.map((argument) =>
    ts.isStringLiteralLike(argument) && /^\w+$/.test(argument.text) ? argument.text : null,
  );
  const known = names.filter((name) => name !== null);
  return known.length > 0 && known.length === names.length ? known : null;
}

/** `order_id` of `where({ order_id: id })`, by which a row has what the handler calls `id`. */
function nameInWhere(row: Row | null, subject: string): string | null {
  if (row?.write == null || row.write.verb === 'insert') return null;
  const assignment = [...nodesIn(row.query, true)].find(
    (node) =>
      ts.isPropertyAssignment(node) &&
      node.initializer.getText() === subject &&
      node.name.getText() !== subject &&
      ts.isObjectLiteralExpression(node.parent) &&
      isWhere(node.parent.parent),
  );
  return assignment !== undefined && ts.isPropertyAssignment(assignment) ? assignment.name.getText() : null;
}

function isWhere(node: ts.Node): boolean {
  if (ts.isPropertyAssignment(node)) return node.name.getText() === 'where';
  const isMethod = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression);
  return isMethod && ['where', 'andWhere'].includes(node.expression.name.text);
}

/** `orderId` is more often what a path calls the id of an order than a column of it. */
function isParameter(name: string): boolean {
  return /.(?:Id|ID|_id|Uuid|UUID)$/.test(name);
}

/** The function around a value names the property, in its SQL for example. */
function isMentioned({ declaration, expression }: Candidate, property: string): boolean {
  const text = enclosingFunction(declaration)?.getText() ?? '';
  if (isParameter(property)) return text.includes(`${expression}.${property}`);
  return text.split(/[^\w$-]+/).includes(property);
}

/** What was read before the resource was written does not show the write. */
function staleReason(
  program: Program,
  { expression, row, declaration }: Candidate,
  body: FunctionWithBody,
  place: ts.Statement,
  { eventType }: Demand,
): string | null {
  const [resource = ''] = eventType.split('.');
  const isRead = row === null ? containsAwait(declaration) : row.write === null;
  const later = writesIn(program, body).find(
    ({ node, effect }) =>
      node.pos > declaration.end &&
      node.pos < place.pos &&
      // What is deleted is told of as it was.
      effect.verb !== 'delete' &&
      isTableOf(effect.table, resource),
  );
  return isRead && later !== undefined ? `\`${expression}\` was read before the write` : null;
}

function containsAwait(node: ts.Node): boolean {
  return [...nodesIn(node, true)].some(ts.isAwaitExpression);
}

function isOfOneThatIs(action: string): boolean {
  return /^(?:bulk_)?(?:updated|changed|edited|deleted|removed)$/.test(action);
}

/** `upsert(…)`, `insert … on conflict do update`: it changes what is there, or makes it. */
function isUpsert({ query }: Row): boolean {
  return /\bupsert\b|\bon\s+conflict\b[^]*\bdo\s+update\b|\bonConflictDoUpdate\b|\bdoUpdateSet\b|\.merge\(\)/i.test(
    query.getText(),
  );
}

/** Why a write does not do what an event tells of, whatever its row is; null where it may. */
export function contradiction(row: Row, expression: string, eventType: string): string | null {
  const [resource = '', action = ''] = eventType.split('.');
  if (/(?:^|_)(?:created|added)$/.test(action) && isUpsert(row)) {
    return `\`${expression}\` may have been there before, which ${eventType} is not about`;
  }
  const isMade = row.write?.verb === 'insert' && row.write.mayInsert !== true && !isUpsert(row);
  return isMade && isOfOneThatIs(action) && isTableOf(row.table, resource)
    ? `\`${expression}\` is made there, and ${eventType} is about one that was there before`
    : null;
}

/**
 * `shop_orders` is of an order; `available_films` is of a film only where no table of films is known, and the event is
 * not about what they are more than films (`film.available_created`): their ids are others.
 */
export function isOfResource(program: Program, table: string, eventType: string, subject: string): boolean {
  const [resource = '', action = ''] = eventType.split('.');
  if (!isTableOf(table, resource)) return false;
  if (isExactTableOf(table, resource) || !OWN_ID.test(subject)) return true;
  const qualifier = singularOf(table).slice(0, -resource.length);
  return program.columns(resource) === null && (qualifier === '' || !action.startsWith(qualifier));
}

/**
 * A lone row of another table is the data only if its type proves it, which says nothing of whose `id` it has: all rows
 * have one.
 */
export function strangerReason(
  program: Program,
  { expression, type, row }: Candidate,
  { eventType, required, subject }: Demand,
): string | null {
  const [, action = ''] = eventType.split('.');
  if (row?.write == null) return null;
  const contrary = contradiction(row, expression, eventType);
  if (contrary !== null || isOfResource(program, row.table, eventType, subject)) return contrary;
  // Nothing is made by changing something else.
  const isMade = /(?:^|_)(?:created|registered|added|uploaded|imported)$/.test(action);
  const isChanged = isMade && row.write.verb !== 'insert' && row.write.mayInsert !== true;
  const isOther = row.table !== '' && (isChanged || OWN_ID.test(subject));
  if (type !== null && required.length > 0 && !isOther) return null;
  const table = row.table === '' ? 'an unknown table' : `"${row.table}"`;
  return `\`${expression}\` is a row of ${table}, which may not be the event's data`;
}

function settle(
  program: Program,
  candidate: Candidate,
  body: FunctionWithBody,
  place: ts.Statement,
  { subject, isIndexChecked }: Demand,
): Choice {
  const { expression, type, row } = candidate;
  if (row?.write != null && isInBranch(row.ready, place)) {
    return { reason: `the write of \`${expression}\` stands in a branch` };
  }
  const witnesses = [...new Set([expression, ...(row?.witnesses ?? [])])];
  const isNullable = type !== null && program.checker.getNonNullableType(type) !== type;
  const isGuardedHere = isGuarded(witnesses, place);
  const isCertain = isGuardedHere || row?.write?.isRowCertain === true || (row === null && !isNullable);
  const isQuestionable = isQuestioned(witnesses, body, row?.ready.end ?? place.getStart());
  if (!isCertain && (isNullable || isQuestionable || row?.write?.isSkippable === true)) {
    return { reason: `\`${expression}\` may be missing at the commit` };
  }
  if (row?.name != null && isTypeAsked(row.name.text, body, row.ready.end)) {
    return { reason: `\`${expression}\` may be no row: its type is asked for after the write` };
  }
  if (isIndexChecked && row !== null && !isGuarded([expression], place)) {
    return { reason: `\`${expression}\` may be undefined to the compiler (noUncheckedIndexedAccess)` };
  }
  const guard = isCertain || row?.write == null ? null : expression;
  return { expression, isSubjectForeign: isForeign(program, type, subject), witnesses, isCertain, guard };
}

/** Whether code may be left out when the place is reached. */
function isInBranch(node: ts.Node, place: ts.Node): boolean {
  for (let inner = node; inner.parent !== undefined && !ts.isFunctionLike(inner); inner = inner.parent) {
    const { parent } = inner;
    if (place.pos >= parent.pos && place.end <= parent.end) return false;
    const isBranch =
      (ts.isIfStatement(parent) && inner !== parent.expression) ||
      (ts.isConditionalExpression(parent) && inner !== parent.condition) ||
      ts.isCaseOrDefaultClause(parent) ||
      ts.isCatchClause(parent) ||
      ts.isIterationStatement(parent, false);
    if (isBranch) return true;
  }
  return false;
}

/** Whether a property is of no type that emit takes for a subject. */
export function isForeign({ checker }: Program, type: ts.Type | null, subject: string): boolean {
  const property = type === null ? undefined : checker.getPropertyOfType(type, subject);
  const subjectType = property === undefined ? null : usableType(checker.getTypeOfSymbol(property));
  const plain = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BigIntLike;
  return subjectType !== null && (subjectType.flags & plain) === 0;
}
