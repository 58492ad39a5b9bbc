import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { parameterName, responseCalls } from './responses.ts';
import type { Tracer } from './trace.ts';

const FAILS =
  /err(?:or)?(?![a-z])|fail|reject|abort|bad_?request|unauth|forbid|not_?found|conflict|invalid|denied|validate|check/i;

/**
 * What functions of the project send for a handler that gives them its response: `sendSuccess(res, order)`,
 * `return created(c, order)`. Later before earlier, since early ends are mostly refusals.
 */
export function helperAnswers(handler: ts.FunctionLikeDeclaration, tracer: Tracer): JsonSchema[] {
  if (!('body' in handler) || handler.body === undefined) return [];
  const own = new Set(handler.parameters.map((_, index) => parameterName(handler, index)));
  const found: JsonSchema[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCatchClause(node)) return;
    if (ts.isCallExpression(node) && !FAILS.test(calleeName(node))) {
      const given = node.arguments.findIndex(
        (argument) => ts.isIdentifier(argument) && own.has(argument.text),
      );
      if (given !== -1) found.push(...sentBy(node, own, tracer));
    }
    ts.forEachChild(node, visit);
  };
  visit(handler.body);
  return found.reverse();
}

function sentBy(call: ts.CallExpression, own: ReadonlySet<string | null>, tracer: Tracer): JsonSchema[] {
  const called = tracer.calledFunction(call);
  if (called === null) return [];
  return call.arguments.flatMap((argument, index) => {
    if (!ts.isIdentifier(argument) || !own.has(argument.text)) return [];
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
