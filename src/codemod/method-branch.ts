import { ts } from '../scan/project.ts';
import { bare, type FunctionWithBody } from './syntax.ts';

/**
 * Whether a node of a handler is for requests of other methods alone: `if (req.method === 'PUT') …`,
 * `switch (req.method) { case 'PUT': … }`, or after what leaves for the one that is meant.
 *
 * @param method `ALL` for a handler that takes all of them
 */
export function isForOtherMethod(node: ts.Node, handler: FunctionWithBody, method: string): boolean {
  if (method === 'ALL') return false;
  for (let inner = node; inner !== handler && !ts.isSourceFile(inner); inner = inner.parent) {
    const { parent } = inner;
    if (ts.isIfStatement(parent) || ts.isConditionalExpression(parent)) {
      const isMet = holds(ts.isIfStatement(parent) ? parent.expression : parent.condition, method);
      const [then, otherwise] = ts.isIfStatement(parent)
        ? [parent.thenStatement, parent.elseStatement]
        : [parent.whenTrue, parent.whenFalse];
      if (inner === then && isMet === false) return true;
      if (inner === otherwise && isMet === true) return true;
    }
    if (ts.isCaseOrDefaultClause(inner) && isClauseOfOthers(inner, method)) return true;
    if (ts.isStatement(inner) && (ts.isBlock(parent) || ts.isCaseOrDefaultClause(parent))) {
      const before = parent.statements.slice(0, parent.statements.indexOf(inner));
      if (before.some((statement) => ts.isIfStatement(statement) && leavesFor(statement, method)))
        return true;
    }
  }
  return false;
}

/** Whether a condition on the method of the request is met; null where it asks for something else as well. */
function holds(condition: ts.Expression, method: string): boolean | null {
  const node = bare(condition);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    const inner = holds(node.operand, method);
    return inner === null ? null : !inner;
  }
  if (!ts.isBinaryExpression(node)) return null;
  const { left, right, operatorToken } = node;
  switch (operatorToken.kind) {
    case ts.SyntaxKind.AmpersandAmpersandToken: {
      const both = [holds(left, method), holds(right, method)];
      return both.includes(false) ? false : both.includes(null) ? null : true;
    }
    case ts.SyntaxKind.BarBarToken: {
      const both = [holds(left, method), holds(right, method)];
      return both.includes(true) ? true : both.includes(null) ? null : false;
    }
    case ts.SyntaxKind.EqualsEqualsToken:
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
      return isMethod(left, right, method);
    case ts.SyntaxKind.ExclamationEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken: {
      const isIt = isMethod(left, right, method);
      return isIt === null ? null : !isIt;
    }
    default:
      return null;
  }
}

function isMethod(left: ts.Expression, right: ts.Expression, method: string): boolean | null {
  if (isRequestMethod(left) && ts.isStringLiteralLike(right)) return right.text.toUpperCase() === method;
  if (isRequestMethod(right) && ts.isStringLiteralLike(left)) return left.text.toUpperCase() === method;
  return null;
}

/** `req.method`, or the `method` taken from it. */
function isRequestMethod(node: ts.Expression): boolean {
  const plain = bare(node);
  return ts.isPropertyAccessExpression(plain)
    ? plain.name.text === 'method'
    : ts.isIdentifier(plain) && plain.text === 'method';
}

/** Whether a switch on the method of the request goes to another clause than this one. */
function isClauseOfOthers(clause: ts.CaseOrDefaultClause, method: string): boolean {
  const { clauses, parent } = clause.parent;
  if (!isRequestMethod(parent.expression)) return false;
  const at = clauses.indexOf(clause);
  const isHit = (one: ts.CaseOrDefaultClause): boolean =>
    ts.isCaseClause(one) &&
    ts.isStringLiteralLike(one.expression) &&
    one.expression.text.toUpperCase() === method;
  // What stands before it and has no statement of its own falls through to it.
  let first = at;
  while (clauses[first - 1]?.statements.length === 0) first -= 1;
  if (clauses.slice(first, at + 1).some(isHit)) return false;
  return clauses.some(isHit) || clauses.slice(first, at + 1).every(ts.isCaseClause);
}

/** Whether nothing after a statement is for a method: `if (req.method === 'PUT') { …; return; }` */
function leavesFor(statement: ts.Statement | undefined, method: string): boolean {
  if (statement === undefined) return false;
  if (ts.isReturnStatement(statement) || ts.isThrowStatement(statement)) return true;
  if (ts.isBlock(statement)) return leavesFor(statement.statements.at(-1), method);
  if (!ts.isIfStatement(statement)) return false;
  const isMet = holds(statement.expression, method);
  if (isMet === true) return leavesFor(statement.thenStatement, method);
  return isMet === false && leavesFor(statement.elseStatement, method);
}
