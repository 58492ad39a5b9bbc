import { ts } from './project.ts';

const SENDS = new Set(['json', 'send', 'jsonp']);
/** Objects made of nothing else say that it went well, not what happened. */
const ACKNOWLEDGEMENT = new Set([
  'message',
  'msg',
  'success',
  'ok',
  'status',
  'statuscode',
  'code',
  'result',
]);
const ERROR_STATUS_NAME =
  /error|bad|unauth|forbidden|not_?found|conflict|unprocessable|invalid|too_?many|unavailable|denied|internal/i;

interface Sent {
  readonly expression: ts.Expression;
  readonly rank: number;
}

/**
 * What a handler gives to `res.json(…)` and its kin on success, most telling first: an explicit 2xx before no
 * status, an entity before `{ message: 'ok' }`, later before earlier, since early ends are mostly refusals.
 */
export function responseCalls(handler: ts.FunctionLikeDeclaration, response: string | null): ts.Expression[] {
  if (response === null || !('body' in handler) || handler.body === undefined) return [];
  const found: Sent[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCatchClause(node)) return;
    if (ts.isCallExpression(node)) {
      const sent = sentBy(node, response);
      if (sent !== null) found.push(sent);
    }
    ts.forEachChild(node, visit);
  };
  visit(handler.body);
  return found
    .map((sent, index) => ({ ...sent, index }))
    .sort((a, b) => b.rank - a.rank || b.index - a.index)
    .map((sent) => sent.expression);
}

function sentBy(call: ts.CallExpression, response: string): Sent | null {
  const callee = call.expression;
  const [expression] = call.arguments;
  if (!ts.isPropertyAccessExpression(callee) || !SENDS.has(callee.name.text) || expression === undefined) {
    return null;
  }
  const status = statusInChain(callee.expression, response);
  if (status === null || status === 'error') return null;
  const keys = literalKeys(expression);
  if (keys?.some((key) => key === 'error' || key === 'errors') === true) return null;
  if (ts.isStringLiteralLike(expression) || ts.isTemplateExpression(expression)) return null;
  const isAcknowledgement = keys !== null && keys.every((key) => ACKNOWLEDGEMENT.has(key.toLowerCase()));
  return { expression, rank: isAcknowledgement ? 0 : status === 'success' ? 2 : 1 };
}

/** The status set between `res` and `.json`; null when the chain does not start at the response. */
function statusInChain(start: ts.Expression, response: string): 'success' | 'error' | 'none' | null {
  let status: 'success' | 'error' | 'none' = 'none';
  let current = start;
  for (;;) {
    if (ts.isIdentifier(current)) return current.text === response ? status : null;
    if (ts.isCallExpression(current) && ts.isPropertyAccessExpression(current.expression)) {
      const { name } = current.expression;
      const [code] = current.arguments;
      if ((name.text === 'status' || name.text === 'code') && code !== undefined) status = statusOf(code);
      current = current.expression.expression;
    } else if (ts.isPropertyAccessExpression(current)) {
      current = current.expression;
    } else {
      return null;
    }
  }
}

function statusOf(code: ts.Expression): 'success' | 'error' | 'none' {
  if (ts.isNumericLiteral(code)) return Number(code.text) < 400 ? 'success' : 'error';
  return ERROR_STATUS_NAME.test(code.getText()) ? 'error' : 'none';
}

function literalKeys(expression: ts.Expression): string[] | null {
  if (!ts.isObjectLiteralExpression(expression)) return null;
  return expression.properties.map((property) => property.name?.getText() ?? '...');
}

/** First arguments of `json(value, init)` calls of which none says that it failed, later before earlier. */
export function jsonCalls(
  handler: ts.FunctionLikeDeclaration,
  isSender: (callee: ts.Expression) => boolean,
): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCatchClause(node)) return;
    if (ts.isCallExpression(node) && isSender(node.expression)) {
      const [value, init] = node.arguments;
      if (value !== undefined && !isFailure(value, init)) found.push(value);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(handler, visit);
  return found.reverse();
}

/** `json({ error }, …)`, or one whose second argument is the status of a failure. */
export function isFailure(value: ts.Expression, init: ts.Expression | undefined): boolean {
  if (literalKeys(value)?.some((key) => key === 'error' || key === 'errors') === true) return true;
  if (init === undefined) return false;
  if (!ts.isObjectLiteralExpression(init)) return statusOf(init) === 'error';
  return init.properties.some(
    (property) =>
      ts.isPropertyAssignment(property) &&
      property.name.getText() === 'status' &&
      statusOf(property.initializer) === 'error',
  );
}

/** What a handler returns, later before earlier, since early ends are mostly refusals. */
export function returnedExpressions(handler: ts.FunctionLikeDeclaration): ts.Expression[] {
  if (!('body' in handler) || handler.body === undefined) return [];
  if (!ts.isBlock(handler.body)) {
    return [ts.isParenthesizedExpression(handler.body) ? handler.body.expression : handler.body];
  }
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isCatchClause(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(handler.body, visit);
  return found.reverse();
}

/** The plain name of a handler's parameter; null where it is destructured or missing. */
export function parameterName(handler: ts.FunctionLikeDeclaration, index: number): string | null {
  const name = handler.parameters[index]?.name;
  return name !== undefined && ts.isIdentifier(name) ? name.text : null;
}
