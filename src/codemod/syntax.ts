import { ts } from '../scan/project.ts';

export type FunctionWithBody = ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody };

export function isFunctionWithBody(node: ts.Node): node is FunctionWithBody {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** The identifier by which a function is called: its own, or that of the variable or property it is the value of. */
export function nameOf(target: FunctionWithBody): ts.Identifier | null {
  if (target.name !== undefined && ts.isIdentifier(target.name)) return target.name;
  const { parent } = target;
  if (
    ts.isBinaryExpression(parent) &&
    parent.right === target &&
    ts.isPropertyAccessExpression(parent.left)
  ) {
    return ts.isIdentifier(parent.left.name) ? parent.left.name : null;
  }
  const isValue =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  return isValue && ts.isIdentifier(parent.name) ? parent.name : null;
}

/** Every node below `root` in source order; functions inside are left out if `isOwnOnly`. */
export function* nodesIn(root: ts.Node, isOwnOnly: boolean): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(root, (child) => {
    children.push(child);
  });
  for (const child of children) {
    yield child;
    if (!isOwnOnly || !ts.isFunctionLike(child)) yield* nodesIn(child, isOwnOnly);
  }
}

export function callsIn(root: ts.Node, isOwnOnly: boolean): ts.CallExpression[] {
  return [...nodesIn(root, isOwnOnly)].filter(ts.isCallExpression);
}

/** The outermost function that begins on a line; null if there is none, or more than one. */
export function functionAtLine(source: ts.SourceFile, line: number): FunctionWithBody | null {
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const found: FunctionWithBody[] = [];
  for (const node of nodesIn(source, false)) {
    if (!isFunctionWithBody(node)) continue;
    const starts = [node.getStart(source), nameOf(node)?.getStart(source) ?? node.getStart(source)];
    const isInside = found.some((outer) => outer.pos <= node.pos && node.end <= outer.end);
    if (!isInside && starts.some((start) => lineOf(start) === line)) found.push(node);
  }
  const [only, second] = found;
  return only === undefined || second !== undefined ? null : only;
}

export function enclosingFunction(node: ts.Node): ts.SignatureDeclaration | null {
  return ts.findAncestor(node.parent, ts.isFunctionLike) ?? null;
}

/** Without the wrappers that only the compiler sees, `await` and parentheses. */
export function bare(expression: ts.Expression): ts.Expression {
  if (
    ts.isAwaitExpression(expression) ||
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isNonNullExpression(expression) ||
    ts.isSatisfiesExpression(expression)
  ) {
    return bare(expression.expression);
  }
  return expression;
}

/** The variable that a plain reference such as `order` or `shipped.rows[0]` starts with. */
export function rootOf(expression: ts.Expression): ts.Identifier | null {
  if (ts.isIdentifier(expression)) return expression;
  if (ts.isPropertyAccessExpression(expression)) return rootOf(bare(expression.expression));
  const isElement =
    ts.isElementAccessExpression(expression) && ts.isNumericLiteral(expression.argumentExpression);
  return isElement ? rootOf(bare(expression.expression)) : null;
}

/** The variable that a call's result goes into as it is: `trx` of `const trx = await knex.transaction()`. */
export function declaredName(call: ts.CallExpression): string | null {
  let node: ts.Node = call;
  while (ts.isAwaitExpression(node.parent) || ts.isParenthesizedExpression(node.parent)) node = node.parent;
  const { parent } = node;
  if (ts.isVariableDeclaration(parent)) return ts.isIdentifier(parent.name) ? parent.name.text : null;
  const isAssignment =
    ts.isBinaryExpression(parent) &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isIdentifier(parent.left);
  return isAssignment ? parent.left.getText() : null;
}

export function isTypeScript(source: ts.SourceFile): boolean {
  return /\.[cm]?tsx?$/.test(source.fileName);
}

/** All that a function gives back. */
export function exitsOf({ body }: FunctionWithBody): ts.Expression[] {
  if (!ts.isBlock(body)) return [body];
  return [...nodesIn(body, true)].flatMap((node) =>
    ts.isReturnStatement(node) && node.expression !== undefined ? [node.expression] : [],
  );
}
