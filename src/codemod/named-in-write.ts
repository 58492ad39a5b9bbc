import { ts } from '../scan/project.ts';
import type { Program } from './program.ts';
import { isInScope } from './rows.ts';
import { bare, enclosingFunction, nodesIn } from './syntax.ts';
import { templateText } from './types.ts';

/** Keys of what stands around the columns of the row itself. */
const AROUND = /^(?:where|data|set|values|AND|and)$/;
const COMPARISON = /^(?:eq|where|andWhere|filter)$/;
const COMPARED = /(?:^|[^\w$])"?(\w+)"?\s*=\s*$/;

/**
 * How a write itself says a column: as what a key or a comparison of that name has, or by a variable of that name that
 * no other column has. Null where it does not.
 */
export function namedIn(program: Program, write: ts.Node, column: string): string | null {
  const parameters = parametersOf(program, write);
  for (const node of nodesIn(write, false)) {
    if (isConditional(node, write)) continue;
    const said = saidAt(node, column) ?? parameters.find(({ name }) => name === column)?.value;
    if (said !== undefined && isReference(said)) return said.getText();
    if (!ts.isIdentifier(node) || node.text !== column || isOfAnother(node, column)) continue;
    if (isTransformed(node, write)) continue;
    if (parameters.some(({ name, value }) => value === node && !isNameOf(name, column))) continue;
    if (isVariableBefore(program, node, write)) return column;
  }
  return null;
}

/**
 * The constant that has a parameter of the path which the write does not mention: `const { slug } = req.params`,
 * `const slug = req.params.slug`. Null where there is none.
 */
export function namedInPath(write: ts.Node, name: string): string | null {
  const isMentioned = [...nodesIn(write, false)].some((node) => ts.isIdentifier(node) && node.text === name);
  if (isMentioned) return null;
  for (let owner = enclosingFunction(write); owner !== null; owner = enclosingFunction(owner)) {
    for (const node of nodesIn(owner, true)) {
      if (node.pos >= write.pos) break;
      if (!ts.isVariableDeclaration(node) || node.initializer === undefined) continue;
      const isConstant = (node.parent.flags & ts.NodeFlags.Const) !== 0;
      const found =
        isConstant && isInScope(node, write) ? variableWith(node.name, node.initializer, name) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

function variableWith(binding: ts.BindingName, value: ts.Expression, name: string): string | null {
  if (ts.isObjectBindingPattern(binding)) {
    if (!isParameters(value)) return null;
    const element = binding.elements.find(
      ({ name: variable, propertyName }) => (propertyName ?? variable).getText() === name,
    );
    return element !== undefined && ts.isIdentifier(element.name) ? element.name.text : null;
  }
  const read = bare(value);
  const isIt =
    ts.isPropertyAccessExpression(read) && read.name.text === name && isParameters(read.expression);
  return isIt && ts.isIdentifier(binding) ? binding.text : null;
}

/** `req.params`, `c.req.params`, `request.params as Params`, and `await params` of Next.js */
function isParameters(value: ts.Expression): boolean {
  const node = bare(value);
  if (ts.isIdentifier(node))
    return node.text === 'params' && node !== value && ts.isAwaitExpression(node.parent);
  return (
    ts.isPropertyAccessExpression(node) &&
    node.name.text === 'params' &&
    /^(?:\w+\.)?(?:req|request|ctx|context)$/.test(node.expression.getText())
  );
}

/** The value that a node gives a column: `{ id: order.id }`, `eq(orders.id, order.id)`, `where('id', '=', order.id)`. */
function saidAt(node: ts.Node, column: string): ts.Expression | undefined {
  if (ts.isPropertyAssignment(node)) {
    return node.name.getText() === column && isOfRow(node) ? node.initializer : undefined;
  }
  if (ts.isTemplateSpan(node)) return comparedIn(node) === column ? node.expression : undefined;
  if (!ts.isCallExpression(node) || comparedBy(node) !== column) return undefined;
  const [, second, third] = node.arguments;
  const isOperator = second !== undefined && ts.isStringLiteral(second) && second.text === '=';
  return third === undefined ? second : isOperator ? third : undefined;
}

/** Whether a variable that is called as the column is what another one gets. */
function isOfAnother(node: ts.Identifier, column: string): boolean {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent) && parent.initializer === node) {
    return !isNameOf(parent.name.getText(), column) || !isOfRow(parent);
  }
  if (ts.isShorthandPropertyAssignment(parent)) return !isOfRow(parent);
  if (ts.isTemplateSpan(parent)) return !isNameOf(comparedIn(parent) ?? column, column);
  return ts.isCallExpression(parent) && !isNameOf(comparedBy(parent) ?? column, column);
}

/** What a column is compared with as it is, and what only changes how it is written. */
const TRANSPARENT =
  /^(?:eq|and|or|where|andWhere|orWhere|filter|In|Equal|inArray|all|any|Number|String|BigInt|parseInt|toNumber)$/;

/** `normalized(name)`, `name.trim()`, `` `${name}-x` ``: what is made of it is what the column has. */
function isTransformed(node: ts.Identifier, write: ts.Node): boolean {
  const chain = linksOf(write);
  for (let inner: ts.Node = node; inner !== write; inner = inner.parent) {
    const { parent } = inner;
    const isOwner =
      (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) &&
      parent.expression === inner;
    if (isOwner && !chain.has(parent)) return true;
    if ((ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression !== inner) {
      const name = parent.expression.getText().split('.').at(-1) ?? '';
      if (!chain.has(parent) && !TRANSPARENT.test(name)) return true;
    }
    const isText = ts.isTemplateExpression(parent) && !ts.isTaggedTemplateExpression(parent.parent);
    if (isText && !chain.has(parent.parent)) return true;
  }
  return false;
}

/** The calls and accesses that a write is chained of: `db.delete(…).where(…)`. */
function linksOf(write: ts.Node): ReadonlySet<ts.Node> {
  const chain = new Set<ts.Node>([write]);
  let node: ts.Node = write;
  while (isLink(node)) chain.add((node = node.expression));
  return chain;
}

function isLink(node: ts.Node): node is ts.Node & { readonly expression: ts.Expression } {
  return (
    ts.isCallExpression(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isAwaitExpression(node)
  );
}

/** Paths call `orderId` what the order itself calls `id`. */
function isNameOf(column: string, name: string): boolean {
  return column === name || (/^_?(?:id|uuid)$/.test(column) && /.(?:Id|ID|_id|Uuid|_uuid)$/.test(name));
}

/** Not within what the row only refers to: `{ customer: { id } }`. */
function isOfRow({ parent: object }: ts.ObjectLiteralElementLike): boolean {
  const around = object.parent;
  return !ts.isPropertyAssignment(around) || AROUND.test(around.name.getText());
}

/** `customer_id` of `` sql`delete from orders where customer_id = ${id}` `` */
function comparedIn(span: ts.TemplateSpan): string | null {
  const { parent } = span;
  if (!ts.isTemplateExpression(parent)) return null;
  const before = parent.templateSpans[parent.templateSpans.indexOf(span) - 1]?.literal ?? parent.head;
  return COMPARED.exec(before.text)?.[1] ?? null;
}

/** `customerId` of `eq(orders.customerId, id)` and `where('customerId', id)` */
function comparedBy({ expression, arguments: [first] }: ts.CallExpression): string | null {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  if (first === undefined || !COMPARISON.test(name)) return null;
  if (ts.isStringLiteralLike(first)) return /^(?:\w+\.)*(\w+)$/.exec(first.text)?.[1] ?? null;
  return ts.isPropertyAccessExpression(first) ? first.name.text : null;
}

/** What the SQL of a write compares with its numbered parameters. */
function parametersOf(
  { types }: Program,
  write: ts.Node,
): { readonly name: string; readonly value: ts.Expression }[] {
  if (!ts.isCallExpression(write)) return [];
  const [first, values] = write.arguments;
  if (first === undefined || values === undefined || !ts.isArrayLiteralExpression(values)) return [];
  const sql = types.text(first) ?? (ts.isTemplateLiteral(first) ? templateText(first) : '');
  return [...sql.matchAll(/(?:^|[^\w$])"?(\w+)"?\s*=\s*\$([1-9]\d*)\b/g)].flatMap(([, name, number]) => {
    const value = values.elements[Number(number) - 1];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
}

/** In a part of the write that may not count: `...(id ? { id } : { query })`. */
function isConditional(node: ts.Node, write: ts.Node): boolean {
  const branch = ts.findAncestor(
    node,
    (one) => one === write || ts.isConditionalExpression(one) || ts.isBinaryExpression(one),
  );
  return branch !== write;
}

function isVariableBefore({ checker }: Program, node: ts.Identifier, write: ts.Node): boolean {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  const declaration = symbol?.valueDeclaration;
  const isVariable =
    declaration !== undefined &&
    (ts.isVariableDeclaration(declaration) ||
      ts.isParameter(declaration) ||
      ts.isBindingElement(declaration));
  return isVariable && (declaration.end <= write.getStart() || declaration.pos > write.end);
}

function isReference(node: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(node)) return isReference(node.expression);
  return ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword;
}
