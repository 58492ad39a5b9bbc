import { ts } from './project.ts';
import { literal, unknown, type Value } from './values.ts';

/** A variable of the environment, or a setting that a package reads from there: sources tell its default alone. */
export function isEnvironment(value: Value): boolean {
  if (value.kind === 'union') return value.options.every(isEnvironment);
  if (value.kind !== 'external') return false;
  if (value.from === '@nestjs/config') return true;
  const [first, second] = value.steps.filter((step) => step !== 'default');
  const isProcess = /^(?:node:)?process$/.test(value.from);
  // A server has no window; code for both reads settings from there in browsers.
  return (isProcess && first === 'env' && second !== undefined) || value.from === 'window';
}

/** `if (BASE) path += BASE`, which without that variable of the environment does nothing. */
export function isOnlyWithEnvironment(node: ts.IfStatement, condition: Value): boolean {
  if (node.elseStatement !== undefined || !isEnvironment(condition)) return false;
  const { thenStatement } = node;
  const statements = ts.isBlock(thenStatement) ? thenStatement.statements : [thenStatement];
  return statements.every((statement) => {
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return false;
    const { operatorToken, right } = statement.expression;
    const isSame = right.getText() === node.expression.getText();
    return (
      operatorToken.kind === ts.SyntaxKind.PlusEqualsToken ||
      (operatorToken.kind === ts.SyntaxKind.EqualsToken && isSame)
    );
  });
}

/** `typeof value`, for code that runs on a server. */
export function typeOf(value: Value): Value {
  switch (value.kind) {
    case 'literal':
      return literal(value.value === null ? 'object' : typeof value.value);
    case 'text':
      return literal('string');
    case 'function':
    case 'class':
    case 'native':
    case 'router':
      return literal('function');
    case 'list':
    case 'object':
    case 'regex':
      return literal('object');
    case 'external':
      if (value.steps.length > 0) return unknown('typeof');
      if (value.from === 'process') return literal('object');
      return /^(?:window|document)$/.test(value.from) ? literal('undefined') : unknown('typeof');
    default:
      return unknown('typeof');
  }
}
