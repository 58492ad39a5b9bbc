import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { isKnown } from './schemas.ts';

/** A type that says no more than "object" or "array of anything". */
export function isHollow(schema: JsonSchema): boolean {
  if (schema.type === 'array') {
    return schema.items === undefined || !isKnown(schema.items) || isHollow(schema.items);
  }
  if (schema.type === 'object') return schema.properties === undefined;
  return schema.anyOf?.every(isHollow) ?? false;
}

export function boundName(element: ts.BindingElement): string {
  const name = element.propertyName ?? element.name;
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : '';
}

/** The function that a call runs, where its body is in the project. */
export function functionCalled(
  checker: ts.TypeChecker,
  { expression }: ts.CallExpression,
): ts.FunctionLikeDeclaration | null {
  const symbol = checker.getSymbolAtLocation(
    ts.isPropertyAccessExpression(expression) ? expression.name : expression,
  );
  if (symbol === undefined) return null;
  const resolved = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  for (const declaration of resolved.declarations ?? []) {
    const found = functionIn(declaration);
    if (found !== null) return found;
  }
  return null;
}

function functionIn(declaration: ts.Declaration): ts.FunctionLikeDeclaration | null {
  if (
    (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) &&
    declaration.body !== undefined
  ) {
    return declaration;
  }
  // `export default traced({ … })(async () => …)`
  if (ts.isExportAssignment(declaration)) return wrappedFunction(declaration.expression);
  // `exports.create = async () => …`
  const assigned = ts.isBinaryExpression(declaration) ? declaration : declaration.parent;
  if (assigned !== undefined && ts.isBinaryExpression(assigned)) {
    return wrappedFunction(assigned.right);
  }
  const initializer =
    ts.isVariableDeclaration(declaration) ||
    ts.isPropertyAssignment(declaration) ||
    ts.isPropertyDeclaration(declaration)
      ? declaration.initializer
      : undefined;
  return initializer === undefined ? null : wrappedFunction(initializer);
}

/** A function, or the only one among the arguments of what wraps it: `memoize(load)`, `traced({ … })(load)`. */
function wrappedFunction(node: ts.Expression): ts.FunctionLikeDeclaration | null {
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return node;
  if (!ts.isCallExpression(node)) return null;
  const found = node.arguments.flatMap((argument) => {
    const inner = ts.isIdentifier(argument) ? topLevelFunction(argument) : wrappedFunction(argument);
    return inner === null ? [] : [inner];
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

function topLevelFunction(node: ts.Identifier): ts.FunctionLikeDeclaration | null {
  for (const statement of node.getSourceFile().statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === node.text) return statement;
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || name.getText() !== node.text) continue;
      if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) return initializer;
    }
  }
  return null;
}

/** What a function returns, without what functions inside it return; later returns first. */
export function returnsOf(node: ts.FunctionLikeDeclaration): ts.Expression[] {
  const body = 'body' in node ? node.body : undefined;
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child)) return;
    if (ts.isReturnStatement(child) && child.expression !== undefined) found.unshift(child.expression);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}

/** `let order; … order = await find(id)` */
export function assignmentsTo(declaration: ts.VariableDeclaration): ts.Expression[] {
  if (!ts.isIdentifier(declaration.name)) return [];
  const name = declaration.name.text;
  let owner: ts.Node = declaration;
  while (!ts.isFunctionLike(owner) && !ts.isSourceFile(owner)) owner = owner.parent;
  if (ts.isSourceFile(owner)) return [];
  const values: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    const isAssignment = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    if (isAssignment && ts.isIdentifier(node.left) && node.left.text === name) values.push(node.right);
    ts.forEachChild(node, visit);
  };
  visit(owner);
  return values;
}
