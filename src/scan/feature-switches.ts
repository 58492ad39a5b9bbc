import { holdsRouter } from './dynamic.ts';
import { ts } from './project.ts';
import { lookup, type Scope } from './values.ts';

/**
 * Whether a branch that is not taken is left out by a setting, and has a router: `if (config.uploads.enabled)
 * uploads(app)`. What the sources say of it is its default; whoever turns it on has the routes.
 */
export function isSwitchedOff(condition: ts.Expression, branch: ts.Node, scope: Scope): boolean {
  return (isSetting(condition, scope) || isOfProgram(condition)) && mentionsRouter(branch, scope);
}

/** What a program asks at its top level, outside of functions and loops: no caller has a say in it. */
function isOfProgram(condition: ts.Expression): boolean {
  if (ts.isLiteralExpression(condition) || condition.kind === ts.SyntaxKind.FalseKeyword) return false;
  let outer: ts.Node = condition;
  while (!ts.isSourceFile(outer)) {
    if (ts.isFunctionLike(outer) || ts.isIterationStatement(outer, false)) return false;
    outer = outer.parent;
  }
  return true;
}

/** Properties of what the module itself declares or imports: parameters say what a caller decided. */
function isSetting(node: ts.Expression, scope: Scope): boolean {
  if (ts.isParenthesizedExpression(node)) return isSetting(node.expression, scope);
  if (ts.isBinaryExpression(node)) {
    const isBoth = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
    return isBoth && isSetting(node.left, scope) && isSetting(node.right, scope);
  }
  if (ts.isIdentifier(node)) return /^[A-Z][A-Z\d_]+$/.test(node.text) && isOfModule(node.text, scope);
  if (!ts.isPropertyAccessExpression(node)) return false;
  let root: ts.Expression = node;
  while (ts.isPropertyAccessExpression(root)) root = root.expression;
  return ts.isIdentifier(root) && isOfModule(root.text, scope);
}

function isOfModule(name: string, scope: Scope): boolean {
  let owner: Scope | null = scope;
  while (owner !== null && !owner.names.has(name)) owner = owner.parent;
  return owner !== null && owner.parent === null;
}

function mentionsRouter(node: ts.Node, scope: Scope): boolean {
  if (ts.isIdentifier(node)) {
    const value = lookup(scope, node.text);
    return value !== undefined && holdsRouter(value);
  }
  return ts.forEachChild(node, (child) => mentionsRouter(child, scope)) ?? false;
}
