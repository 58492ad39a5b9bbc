import { isEnvironment } from './environment.ts';
import { evaluate } from './evaluate.ts';
import { inProduction } from './program-mode.ts';
import { ts } from './project.ts';
import type { Run } from './run.ts';
import { memberPath, type Scope, type Value } from './values.ts';

/**
 * What a condition comes to without the variable of the environment that it tests; null where it tests something
 * else too. Which mode a program runs in is always set: production.
 */
export function withoutEnvironment(run: Run, node: ts.Expression, scope: Scope): boolean | null {
  if (ts.isParenthesizedExpression(node)) return withoutEnvironment(run, node.expression, scope);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    const inner = withoutEnvironment(run, node.operand, scope);
    return inner === null ? null : !inner;
  }
  if (ts.isBinaryExpression(node)) {
    const isEqual = /^={2,3}$/.test(node.operatorToken.getText());
    if (!isEqual && !/^!={1,2}$/.test(node.operatorToken.getText())) return null;
    if (!isVariable(evaluate(run, node.left, scope))) return inProduction(evaluate(run, node, scope));
    const right = evaluate(run, node.right, scope);
    if (right.kind !== 'literal') return null;
    const isUnset = right.value === undefined || right.value === null;
    return isUnset === isEqual;
  }
  const value = evaluate(run, node, scope);
  return isVariable(value) ? false : inProduction(value);
}

/** A branch that does nothing but return a string that is written there: the prefix without a base path. */
export function returnsText(statement: ts.Statement): boolean {
  const inner =
    ts.isBlock(statement) && statement.statements.length === 1 ? statement.statements[0] : statement;
  return (
    inner !== undefined &&
    ts.isReturnStatement(inner) &&
    inner.expression !== undefined &&
    ts.isStringLiteralLike(inner.expression)
  );
}

function isVariable(value: Value): boolean {
  return isEnvironment(value) && !(value.kind === 'external' && memberPath(value).includes('NODE_ENV'));
}
