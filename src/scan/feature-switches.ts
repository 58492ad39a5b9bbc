import { holdsRouter } from './dynamic.ts';
import { ts } from './project.ts';
import { lookup, type Scope } from './values.ts';

/**
 * Whether a condition that came to false is a setting that leaves a router alone: `if (config.uploads.enabled)
 * uploads(app)`. What the sources say of it is its default; whoever turns it on has the routes.
 */
export function isSwitchedOff(condition: ts.Expression, branch: ts.Node, scope: Scope): boolean {
  return isSetting(condition, scope) && mentionsRouter(branch, scope);
}

/** Properties of what the module itself declares or imports: parameters say what a caller decided. */
function isSetting(node: ts.Expression, scope: Scope): boolean {
  if (ts.isParenthesizedExpression(node)) return isSetting(node.expression, scope);
  if (ts.isBinaryExpression(node)) {
    const isBoth = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
    return isBoth && isSetting(node.left, scope) && isSetting(node.right, scope);
  }
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
