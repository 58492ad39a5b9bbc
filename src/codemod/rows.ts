import { ts } from '../scan/project.ts';
import type { DatabaseCall, Write } from './orms/orm.ts';
import type { Program } from './program.ts';
import { bare, exitsOf, nodesIn, type FunctionWithBody } from './syntax.ts';

/** A value that stands for one row of a query's result. */
export interface Row {
  readonly expression: string;
  /** Everything whose absence means that there is no row: the value itself, the result, its `rows`. */
  readonly witnesses: readonly string[];
  /** The write that returned the row; null for rows that were only read. */
  readonly write: Write | null;
  /** What the row is of, where that is known. */
  readonly table: string;
  readonly query: DatabaseCall['node'];
  /** The name that must be in scope. */
  readonly declaration: ts.VariableDeclaration;
  /** Where the row is complete: its declaration, or the write that changes it. */
  readonly ready: ts.Node;
  /** Holds the row, or leads to it by `steps`. */
  readonly name: ts.Identifier | null;
  readonly steps: readonly string[];
}

type Names = Pick<Row, 'expression' | 'witnesses' | 'name' | 'steps'>;

/** Rows that variables of a function hold, each under the last name it was given. */
export function rowsIn(program: Program, owner: ts.Node): Row[] {
  const rows: Row[] = [];
  for (const node of nodesIn(owner, true)) {
    const held = heldBy(program, node);
    for (const row of held) {
      const before = rows.findIndex(({ expression }) => expression === row.expression);
      if (before === -1) rows.push(row);
      else rows[before] = row;
    }
    if (!ts.isVariableDeclaration(node) || node.initializer === undefined) continue;
    const text = bare(node.initializer).getText();
    const index = rows.findIndex(({ expression }) => stepsFrom(text, expression) !== null);
    const original = rows[index];
    const alias = original && bindingNames(node.name, stepsFrom(text, original.expression) ?? []);
    if (original !== undefined && alias != null) {
      const witnesses = [...original.witnesses, ...alias.witnesses];
      rows[index] = { ...original, ...alias, witnesses, declaration: node, ready: node };
      continue;
    }
    const row = readRow(program, node, node.initializer);
    if (row !== null) rows.push(row);
  }
  return rows;
}

/** The variable that a write leaves its row in: `order` after `await order.save()` or `order = await …create(…)`. */
function heldBy(program: Program, node: ts.Node): Row[] {
  const assigned = assignedRow(program, node);
  if (assigned !== null) return [assigned];
  const call = program.read(node);
  if (call?.effect.kind !== 'write' || call.effect.instance === undefined) return [];
  const name = bare(call.effect.instance);
  const declaration = ts.isIdentifier(name) ? variableOf(program, name) : null;
  if (!ts.isIdentifier(name) || declaration === null) return [];
  const { effect, node: query } = call;
  const names = { expression: name.text, witnesses: [name.text], name, steps: [] };
  return [{ ...names, write: effect, table: effect.table, query, declaration, ready: query }];
}

function assignedRow(program: Program, node: ts.Node): Row | null {
  const isAssignment = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  if (!isAssignment || !ts.isIdentifier(node.left)) return null;
  const declaration = variableOf(program, node.left);
  const { query, steps } = unwrapQuery(program, node.right);
  if (declaration === null || query === null || !('rowPath' in query.effect)) return null;
  const rest = remaining(query.effect.rowPath, steps);
  const names = rest === null ? null : bindingNames(node.left, rest);
  if (names === null) return null;
  const write = query.effect.kind === 'write' ? query.effect : null;
  const table = query.effect.table ?? '';
  return { ...names, write, table, query: query.node, declaration, ready: node };
}

function variableOf({ checker }: Program, name: ts.Identifier): ts.VariableDeclaration | null {
  const declaration = checker.getSymbolAtLocation(name)?.valueDeclaration;
  return declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration : null;
}

function readRow(
  program: Program,
  declaration: ts.VariableDeclaration,
  initializer: ts.Expression,
): Row | null {
  const { query, steps } = unwrapQuery(program, initializer);
  if (query === null || !('rowPath' in query.effect)) return null;
  const { effect, node } = query;
  // What only was read may be found by any path; a write says by which it returns rows.
  const rest = remaining(effect.rowPath, steps);
  const names = rest === null ? null : bindingNames(declaration.name, rest);
  if (names === null) return null;
  const write = effect.kind === 'write' ? effect : null;
  return { ...names, write, table: effect.table ?? '', query: node, declaration, ready: declaration };
}

/** `(await client.query(…)).rows[0]` is the query and the steps `rows`, `0`. */
function unwrapQuery(
  program: Program,
  initializer: ts.Expression,
): { query: DatabaseCall | null; steps: string[] } {
  const steps: string[] = [];
  let current = bare(initializer);
  while (!ts.isCallExpression(current) && !ts.isTaggedTemplateExpression(current)) {
    if (ts.isPropertyAccessExpression(current)) steps.unshift(current.name.text);
    else if (ts.isElementAccessExpression(current)) steps.unshift(current.argumentExpression.getText());
    else return { query: null, steps };
    current = bare(current.expression);
  }
  return { query: program.read(current) ?? givenBy(program, current), steps };
}

const given = new WeakMap<Program, Map<ts.Node, DatabaseCall | null>>();

/** A call of a function that gives back the one row that it reads or writes, as if it were the query. */
function givenBy(program: Program, call: ts.Node): DatabaseCall | null {
  if (!ts.isCallExpression(call)) return null;
  let known = given.get(program);
  if (known === undefined) given.set(program, (known = new Map()));
  let row = known.get(call);
  if (row !== undefined) return row;
  // What calls itself gives nothing that is known.
  known.set(call, null);
  const callee = program.callee(call);
  row = callee === null ? null : rowOf(program, callee, call);
  known.set(call, row);
  return row;
}

function rowOf(program: Program, callee: FunctionWithBody, node: ts.CallExpression): DatabaseCall | null {
  const exits = exitsOf(callee).map((exit) => bare(exit));
  const [exit, second] = exits.filter((one) => !/^(?:null|undefined)$/.test(one.getText()));
  if (exit === undefined || second !== undefined) return null;
  const { query, steps } = unwrapQuery(program, exit);
  const row =
    query === null ? rowsIn(program, callee).find(({ expression }) => expression === exit.getText()) : null;
  const of = query ?? (row == null ? null : (program.read(row.query) ?? givenBy(program, row.query)));
  if (of === null || !('rowPath' in of.effect)) return null;
  const rowPath = query === null ? [] : remaining(of.effect.rowPath, steps);
  if (rowPath === null) return null;
  const { effect } = of;
  const isSame = exits.length === 1;
  return effect.kind === 'write'
    ? { ...of, node, effect: { ...effect, rowPath, isRowCertain: effect.isRowCertain && isSame } }
    : { ...of, node, effect: { ...effect, rowPath } };
}

/** What is left of a path after the first steps; null if these lead elsewhere. */
export function remaining(
  path: readonly string[] | null,
  steps: readonly string[],
): readonly string[] | null {
  if (path === null || !steps.every((step, index) => path[index] === step)) return null;
  return path.slice(steps.length);
}

/** How a row is written that is `path` away from what a binding names. */
export function bindingNames(name: ts.BindingName, path: readonly string[]): Names | null {
  if (ts.isIdentifier(name)) return { ...namesFrom(name.text, path), name, steps: path };
  const [step, ...rest] = path;
  if (ts.isArrayBindingPattern(name)) {
    const element = step !== undefined && /^\d+$/.test(step) ? name.elements[Number(step)] : undefined;
    const isOne =
      element !== undefined && ts.isBindingElement(element) && element.dotDotDotToken === undefined;
    return isOne ? bindingNames(element.name, rest) : null;
  }
  const element = name.elements.find((one) => keyOf(one) === step);
  const names = element === undefined ? null : bindingNames(element.name, rest);
  const count = name.elements.find((one) => keyOf(one) === 'rowCount');
  if (names === null || count === undefined) return names;
  return { ...names, witnesses: [...names.witnesses, count.name.getText()] };
}

function namesFrom(root: string, path: readonly string[]): Pick<Row, 'expression' | 'witnesses'> {
  let expression = root;
  const witnesses: string[] = path[0] === 'rows' ? [`${root}.rowCount`] : [];
  for (const step of path) {
    if (step === '0') witnesses.push(`${expression}.length`);
    expression += stepText(step);
  }
  return { expression, witnesses: [expression, ...witnesses] };
}

export function stepText(step: string): string {
  return /^\d/.test(step) ? `[${step}]` : `.${step}`;
}

function keyOf(element: ts.BindingElement): string {
  return (element.propertyName ?? element.name).getText();
}

/** The steps that an expression has taken from a result, if `row` is what is left to go: `rows`, `0`. */
function stepsFrom(expression: string, row: string): readonly string[] | null {
  if (!row.startsWith(expression)) return null;
  return { '': [], '[0]': ['0'], '.rows[0]': ['rows', '0'] }[row.slice(expression.length)] ?? null;
}

/** The type of a row: what the checker knows, else the type argument of its query. Null where neither tells. */
export function typeOfRow({ checker }: Program, { query, name, steps }: Row): ts.Type | null {
  const [argument] = query.typeArguments ?? [];
  const given = argument === undefined ? null : usableType(checker.getTypeFromTypeNode(argument));
  if (given !== null && !checker.isArrayType(given)) return given;
  if (name === null) return null;
  let type = usableType(checker.getTypeAtLocation(name));
  for (const step of steps) {
    const outer = type === null ? null : checker.getNonNullableType(type);
    if (outer === null) return null;
    const property = checker.getPropertyOfType(outer, step);
    const inner =
      property !== undefined
        ? checker.getTypeOfSymbol(property)
        : step === '0'
          ? checker.getIndexTypeOfType(outer, ts.IndexKind.Number)
          : undefined;
    type = inner === undefined ? null : usableType(inner);
  }
  return type;
}

export function usableType(type: ts.Type): ts.Type | null {
  const unusable = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never;
  return (type.flags & unusable) === 0 ? type : null;
}

/** Whether a name is declared where `place` can see it, and before it. */
export function isInScope(declaration: ts.Node, place: ts.Node): boolean {
  if (declaration.pos >= place.pos) return false;
  const block = ts.findAncestor(
    declaration,
    (node) => ts.isBlock(node) || ts.isFunctionLike(node) || ts.isSourceFile(node),
  );
  return block !== undefined && ts.findAncestor(place, (node) => node === block) !== undefined;
}
