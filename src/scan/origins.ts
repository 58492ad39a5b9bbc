import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { isKnown } from './schemas.ts';

/** A type that says no more than "object" or "array of anything". */
export function isHollow(schema: JsonSchema): boolean {
  if (schema.type === 'array') return schema.items === undefined || !isKnown(schema.items);
  if (schema.type === 'object') return schema.properties === undefined;
  return schema.anyOf?.every(isHollow) ?? false;
}

export function boundName(element: ts.BindingElement): string {
  const name = element.propertyName ?? element.name;
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : '';
}

export function functionIn(declaration: ts.Declaration): ts.FunctionLikeDeclaration | null {
  if (
    (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) &&
    declaration.body !== undefined
  ) {
    return declaration;
  }
  // `exports.create = async () => …`
  const assigned = ts.isBinaryExpression(declaration) ? declaration : declaration.parent;
  if (assigned !== undefined && ts.isBinaryExpression(assigned)) {
    const { right } = assigned;
    return ts.isArrowFunction(right) || ts.isFunctionExpression(right) ? right : null;
  }
  const initializer =
    ts.isVariableDeclaration(declaration) ||
    ts.isPropertyAssignment(declaration) ||
    ts.isPropertyDeclaration(declaration)
      ? declaration.initializer
      : undefined;
  if (initializer === undefined) return null;
  return ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer) ? initializer : null;
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
