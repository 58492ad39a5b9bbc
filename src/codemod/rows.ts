import { ts } from '../scan/project.ts';
import { bare, nodesIn, readQuery, type Program } from './program.ts';
import type { SqlWrite } from './sql.ts';

/** A value that stands for one row of a query's result. */
export interface Row {
  readonly expression: string;
  /** Everything whose absence means that there is no row: the value itself, the result, its `rows`. */
  readonly witnesses: readonly string[];
  /** The write that returned the row; null for rows that were only read. */
  readonly write: SqlWrite | null;
  readonly query: ts.CallExpression;
  /** The name that must be in scope. */
  readonly declaration: ts.VariableDeclaration;
}

/** Rows that variables of a function hold, each under the last name it was given. */
export function rowsIn(program: Program, owner: ts.Node): Row[] {
  const rows: Row[] = [];
  for (const node of nodesIn(owner, true)) {
    if (!ts.isVariableDeclaration(node) || node.initializer === undefined) continue;
    const text = bare(node.initializer).getText();
    const index = rows.findIndex(({ expression }) => stepsFrom(text, expression) !== null);
    const original = rows[index];
    const alias = original && bindingNames(node.name, stepsFrom(text, original.expression) ?? []);
    if (original !== undefined && alias != null) {
      const witnesses = [...original.witnesses, ...alias.witnesses];
      rows[index] = { ...original, expression: alias.expression, witnesses, declaration: node };
      continue;
    }
    const row = readRow(program, node, node.initializer);
    if (row !== null) rows.push(row);
  }
  return rows;
}

function readRow(
  program: Program,
  declaration: ts.VariableDeclaration,
  initializer: ts.Expression,
): Row | null {
  const { query, steps } = unwrapQuery(initializer);
  const sql = query === null ? null : readQuery(program.checker, query)?.sql;
  if (query === null || sql == null || (sql.kind !== 'write' && sql.kind !== 'other')) return null;
  const names = bindingNames(declaration.name, steps);
  if (names === null) return null;
  return { ...names, write: sql.kind === 'write' && sql.returnsRows ? sql : null, query, declaration };
}

/** `(await client.query(…)).rows[0]` is the query and the steps `rows`, `0`. */
function unwrapQuery(initializer: ts.Expression): { query: ts.CallExpression | null; steps: string[] } {
  const steps: string[] = [];
  let current = bare(initializer);
  while (!ts.isCallExpression(current)) {
    if (ts.isPropertyAccessExpression(current)) steps.unshift(current.name.text);
    else if (ts.isElementAccessExpression(current)) steps.unshift(current.argumentExpression.getText());
    else return { query: null, steps };
    current = bare(current.expression);
  }
  return { query: current, steps };
}

function bindingNames(
  name: ts.BindingName,
  steps: readonly string[],
): Pick<Row, 'expression' | 'witnesses'> | null {
  const path = steps.join('.');
  if (ts.isIdentifier(name)) {
    const { text } = name;
    if (path === '') return { expression: `${text}.rows[0]`, witnesses: witnessesOf(text) };
    if (path === 'rows') return { expression: `${text}[0]`, witnesses: [`${text}[0]`, `${text}.length`] };
    return path === 'rows.0' ? { expression: text, witnesses: [text] } : null;
  }
  if (ts.isArrayBindingPattern(name)) return path === 'rows' ? firstElement(name) : null;
  if (path !== '') return null;
  const count = name.elements.find((element) => keyOf(element) === 'rowCount');
  const rows = name.elements.find((element) => keyOf(element) === 'rows')?.name;
  const names =
    rows === undefined
      ? null
      : ts.isIdentifier(rows)
        ? { expression: `${rows.text}[0]`, witnesses: [`${rows.text}[0]`, `${rows.text}.length`] }
        : ts.isArrayBindingPattern(rows)
          ? firstElement(rows)
          : null;
  if (names === null || count === undefined) return names;
  return { ...names, witnesses: [...names.witnesses, count.name.getText()] };
}

function firstElement(pattern: ts.ArrayBindingPattern): Pick<Row, 'expression' | 'witnesses'> | null {
  const [first] = pattern.elements;
  if (first === undefined || !ts.isBindingElement(first) || !ts.isIdentifier(first.name)) return null;
  return { expression: first.name.text, witnesses: [first.name.text] };
}

function keyOf(element: ts.BindingElement): string {
  return (element.propertyName ?? element.name).getText();
}

function witnessesOf(result: string): string[] {
  return [`${result}.rows[0]`, `${result}.rows.length`, `${result}.rowCount`];
}

/** The steps that an expression has taken from a result, if `row` is what is left to go: `rows`, `0`. */
function stepsFrom(expression: string, row: string): readonly string[] | null {
  if (!row.startsWith(expression)) return null;
  return { '': ['rows', '0'], '[0]': ['rows'], '.rows[0]': [] }[row.slice(expression.length)] ?? null;
}

/** The type of a row: what the checker knows, else the type argument of its query. Null where neither tells. */
export function typeOfRow({ checker }: Program, row: Row): ts.Type | null {
  const [argument] = row.query.typeArguments ?? [];
  return argument === undefined ? null : usableType(checker.getTypeFromTypeNode(argument));
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
