import { ts } from '../scan/project.ts';
import { isFailure, parameterName, responseCalls, returnedExpressions } from '../scan/responses.ts';
import { hasDecorator } from './decorated-controllers.ts';
import type { HandlerShape } from './framework.ts';

/** Where the answer stands among the arguments of what makes results of success. */
const CONTENT: ReadonlyMap<string, number> = new Map([
  ['json', 0],
  ['ok', 0],
  ['created', 1],
  ['JsonResult', 0],
  ['OkNegotiatedContentResult', 0],
  ['CreatedNegotiatedContentResult', 1],
  ['OkHttpResponse', 0],
  ['CreatedHttpResponse', 0],
  ['AcceptedHttpResponse', 0],
]);

/** Methods that return what they send, give it to a result, or send it by the response they are given. */
export const inversifyHandlers: HandlerShape = {
  responses: (handler) => [
    ...responseCalls(handler, given(handler, /^response$/i, 1)),
    ...returnedExpressions(handler).flatMap(sentBy),
  ],
  isRequestBody: (expression, handler) => {
    if (ts.isPropertyAccessExpression(expression)) {
      const request = given(handler, /^request$/i, 0);
      return (
        request !== null && expression.name.text === 'body' && expression.expression.getText() === request
      );
    }
    return ts.isIdentifier(expression) && expression.text === decorated(handler, /^(?:requestBody|Body)$/);
  },
  isHandler: () => true,
};

/** The parameter that a decorator marks; where none is marked, methods are called as Express calls handlers. */
function given(handler: ts.FunctionLikeDeclaration, name: RegExp, index: number): string | null {
  const isMarked = handler.parameters.some((parameter) => hasDecorator(parameter, /./));
  return isMarked ? decorated(handler, name) : parameterName(handler, index);
}

function decorated(handler: ts.FunctionLikeDeclaration, name: RegExp): string | null {
  return parameterName(
    handler,
    handler.parameters.findIndex((parameter) => hasDecorator(parameter, name)),
  );
}

/** The answer in `this.json(order, 201)` and `new CreatedHttpResponse(order)`, else what is returned. */
function sentBy(expression: ts.Expression): ts.Expression[] {
  if (ts.isParenthesizedExpression(expression)) return sentBy(expression.expression);
  if (ts.isConditionalExpression(expression)) {
    return [expression.whenTrue, expression.whenFalse].flatMap(sentBy);
  }
  const isResult =
    ts.isNewExpression(expression) || (ts.isCallExpression(expression) && isOfThis(expression.expression));
  if (!isResult) return [expression];
  const { expression: callee, arguments: args } = expression;
  const index = CONTENT.get(ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText());
  if (index === undefined) return [expression];
  const content = args?.[index];
  return content === undefined || isFailure(content, args?.[index + 1]) ? [] : [content];
}

function isOfThis(callee: ts.Expression): boolean {
  return ts.isPropertyAccessExpression(callee) && callee.expression.kind === ts.SyntaxKind.ThisKeyword;
}
