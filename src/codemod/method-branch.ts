import { ts } from '../scan/project.ts';
import { bare, nodesIn, type FunctionWithBody } from './syntax.ts';

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
      const isMet = holds(ts.isIfStatement(parent) ? parent.expression : parent.condition, method, handler);
      const [then, otherwise] = ts.isIfStatement(parent)
        ? [parent.thenStatement, parent.elseStatement]
        : [parent.whenTrue, parent.whenFalse];
      if (inner === then && isMet === false) return true;
      if (inner === otherwise && isMet === true) return true;
    }
    if (ts.isCaseOrDefaultClause(inner) && isClauseOfOthers(inner, method, handler)) return true;
    if (ts.isStatement(inner) && (ts.isBlock(parent) || ts.isCaseOrDefaultClause(parent))) {
      const before = parent.statements.slice(0, parent.statements.indexOf(inner));
      if (before.some((statement) => ts.isIfStatement(statement) && leavesFor(statement, method, handler)))
        return true;
    }
  }
  return false;
}

/** Whether a condition on the method of the request is met; null where it asks for something else as well. */
function holds(condition: ts.Expression, method: string, handler: FunctionWithBody): boolean | null {
  const node = bare(condition);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    const inner = holds(node.operand, method, handler);
    return inner === null ? null : !inner;
  }
  if (!ts.isBinaryExpression(node)) return null;
  const { left, right, operatorToken } = node;
  switch (operatorToken.kind) {
    case ts.SyntaxKind.AmpersandAmpersandToken: {
      const both = [holds(left, method, handler), holds(right, method, handler)];
      return both.includes(false) ? false : both.includes(null) ? null : true;
    }
    case ts.SyntaxKind.BarBarToken: {
      const both = [holds(left, method, handler), holds(right, method, handler)];
      return both.includes(true) ? true : both.includes(null) ? null : false;
    }
    case ts.SyntaxKind.EqualsEqualsToken:
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
      return isMethod(left, right, method, handler);
    case ts.SyntaxKind.ExclamationEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken: {
      const isIt = isMethod(left, right, method, handler);
      return isIt === null ? null : !isIt;
    }
    default:
      return null;
  }
}

function isMethod(
  left: ts.Expression,
  right: ts.Expression,
  method: string,
  handler: FunctionWithBody,
): boolean | null {
  const named = isRequestMethod(left, handler)
    ? methodNamed(right)
    : isRequestMethod(right, handler)
      ? methodNamed(left)
      : null;
  return named === null ? null : named === method;
}

/** Null for what is no method of HTTP: `payment.method === 'card'`. */
function methodNamed(node: ts.Expression): string | null {
  const name = ts.isStringLiteralLike(node) ? node.text.toUpperCase() : '';
  return /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(name) ? name : null;
}

/** `req.method` of a parameter of the handler, `c.req.method`, or a constant that is just that. */
function isRequestMethod(node: ts.Expression, handler: FunctionWithBody): boolean {
  const plain = bare(node);
  if (ts.isPropertyAccessExpression(plain)) {
    return plain.name.text === 'method' && isRequest(plain.expression, handler);
  }
  if (!ts.isIdentifier(plain) || plain.text !== 'method') return false;
  const isGiven = handler.parameters.some(({ name }) => takesMethod(name));
  const declared = [...nodesIn(handler, true)].filter(
    (one): one is ts.VariableDeclaration =>
      ts.isVariableDeclaration(one) && namesIn(one.name).includes('method'),
  );
  const [only, second] = declared;
  if (only === undefined) return isGiven;
  const { initializer } = only;
  if (
    isGiven ||
    second !== undefined ||
    initializer === undefined ||
    (only.parent.flags & ts.NodeFlags.Const) === 0
  )
    return false;
  return ts.isIdentifier(only.name)
    ? ts.isPropertyAccessExpression(initializer) && isRequestMethod(initializer, handler)
    : takesMethod(only.name) && isRequest(initializer, handler);
}

/** `{ method }` */
function takesMethod(name: ts.BindingName): boolean {
  return (
    ts.isObjectBindingPattern(name) &&
    name.elements.some(
      (element) =>
        element.name.getText() === 'method' &&
        (element.propertyName ?? element.name).getText() === 'method' &&
        element.initializer === undefined,
    )
  );
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return [...nodesIn(name, true)].flatMap((node) =>
    ts.isBindingElement(node) && ts.isIdentifier(node.name) ? [node.name.text] : [],
  );
}

/** A parameter of the handler, or the request that one has: `c.req`, `ctx.request`. */
function isRequest(node: ts.Expression, handler: FunctionWithBody): boolean {
  const plain = bare(node);
  if (ts.isPropertyAccessExpression(plain)) {
    return /^(?:req|request)$/.test(plain.name.text) && isRequest(plain.expression, handler);
  }
  return ts.isIdentifier(plain) && handler.parameters.some(({ name }) => name.getText() === plain.text);
}

/** Whether a switch on the method of the request goes to another clause than this one. */
function isClauseOfOthers(
  clause: ts.CaseOrDefaultClause,
  method: string,
  handler: FunctionWithBody,
): boolean {
  const { clauses, parent } = clause.parent;
  const isOfMethods = clauses.every((one) => !ts.isCaseClause(one) || methodNamed(one.expression) !== null);
  if (!isOfMethods || !isRequestMethod(parent.expression, handler)) return false;
  const at = clauses.indexOf(clause);
  const isHit = (one: ts.CaseOrDefaultClause): boolean =>
    ts.isCaseClause(one) && methodNamed(one.expression) === method;
  let first = at;
  while (first > 0 && fallsThrough(clauses[first - 1])) first -= 1;
  const leading = clauses.slice(first, at + 1);
  if (leading.some(isHit)) return false;
  return clauses.some(isHit) || leading.every(ts.isCaseClause);
}

/** Whether the clause after one may follow on it. */
function fallsThrough(clause: ts.CaseOrDefaultClause | undefined): boolean {
  let last = clause?.statements.at(-1);
  while (last !== undefined && ts.isBlock(last)) last = last.statements.at(-1);
  const isLeft =
    last !== undefined &&
    (ts.isBreakStatement(last) ||
      ts.isReturnStatement(last) ||
      ts.isThrowStatement(last) ||
      ts.isContinueStatement(last));
  return clause !== undefined && !isLeft;
}

/** Whether nothing after a statement is for a method: `if (req.method === 'PUT') { …; return; }` */
function leavesFor(statement: ts.Statement | undefined, method: string, handler: FunctionWithBody): boolean {
  if (statement === undefined) return false;
  if (ts.isReturnStatement(statement) || ts.isThrowStatement(statement)) return true;
  if (ts.isBlock(statement)) return leavesFor(statement.statements.at(-1), method, handler);
  if (!ts.isIfStatement(statement)) return false;
  const isMet = holds(statement.expression, method, handler);
  if (isMet === true) return leavesFor(statement.thenStatement, method, handler);
  return isMet === false && leavesFor(statement.elseStatement, method, handler);
}
