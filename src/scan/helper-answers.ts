import type { HandlerShape } from '../frameworks/framework.ts';
import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { parameterName, responseCalls } from './responses.ts';
import type { Tracer } from './tracer.ts';

const FAILS =
  /err(?:or)?(?![a-z])|fail|reject|abort|bad_?request|unauth|forbid|not_?found|conflict|invalid|denied|validate|check/i;

/**
 * What functions of the project send for a handler that gives them its response: `sendSuccess(res, order)`,
 * `return created(c, order)`. Later before earlier, since early ends are mostly refusals.
 */
export function helperAnswers(
  handler: ts.FunctionLikeDeclaration,
  shape: HandlerShape,
  tracer: Tracer,
): JsonSchema[] {
  if (!('body' in handler) || handler.body === undefined) return [];
  const own = new Set(handler.parameters.map((_, index) => parameterName(handler, index)));
  const found: JsonSchema[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCatchClause(node)) return;
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && isSame(node.initializer, own)) {
      own.add(node.name.text);
    }
    if (ts.isCallExpression(node) && !FAILS.test(calleeName(node))) {
      const given = node.arguments.findIndex(
        (argument) => ts.isIdentifier(argument) && own.has(argument.text),
      );
      if (given !== -1) found.push(...sentBy(node, own, shape, tracer));
    }
    ts.forEachChild(node, visit);
  };
  visit(handler.body);
  return found.reverse();
}

/** `const forward = ctx as Context<Other>` */
function isSame(initializer: ts.Expression | undefined, own: ReadonlySet<string | null>): boolean {
  let inner = initializer;
  while (inner !== undefined && ts.isAsExpression(inner)) inner = inner.expression;
  return inner !== undefined && ts.isIdentifier(inner) && own.has(inner.text);
}

function sentBy(
  call: ts.CallExpression,
  own: ReadonlySet<string | null>,
  shape: HandlerShape,
  tracer: Tracer,
): JsonSchema[] {
  const called = tracer.calledFunction(call);
  if (called === null) return [];
  return call.arguments.flatMap((argument, index) => {
    if (!ts.isIdentifier(argument) || !own.has(argument.text)) return [];
    // `ctx.body = …`
    const assigned =
      index > 0 ? [] : shape.responses(called).filter(({ parent }) => ts.isBinaryExpression(parent));
    if (assigned.length > 0) return assigned.map((value) => tracer.within(call, value));
    const sent = responseCalls(called, parameterName(called, index)).filter((value) => !isRefusal(value));
    return sent.map((value) => tracer.within(call, value)).reverse();
  });
}

function calleeName({ expression }: ts.CallExpression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** `c.json(value, 422)` */
function isRefusal(value: ts.Expression): boolean {
  if (!ts.isCallExpression(value.parent)) return false;
  const [, status] = value.parent.arguments;
  return status !== undefined && ts.isNumericLiteral(status) && Number(status.text) >= 400;
}
