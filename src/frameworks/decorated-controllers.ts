import { decoratedMethods, decorationsOf, type Decoration } from '../scan/decorators.ts';
import { ts } from '../scan/project.ts';
import { returnedExpressions } from '../scan/responses.ts';
import {
  memberPath,
  optionsOf,
  type ClassValue,
  type FunctionValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { HandlerShape, Routing } from './framework.ts';

/** A call of a decorator of certain packages. */
export interface Mark {
  readonly name: string;
  readonly args: readonly Value[];
  readonly site: Site;
}

/** A class with the decorator of a controller, and its methods with those of routes. */
export interface DecoratedController {
  readonly type: ClassValue;
  readonly mark: Mark;
  readonly methods: readonly { readonly method: FunctionValue; readonly marks: readonly Mark[] }[];
}

/** The classes that a decorator of these packages makes controllers. */
export function decoratedControllers(
  routing: Routing,
  packages: readonly string[],
  controllerName: RegExp,
  overridden: 'dropped' | 'kept' = 'dropped',
): DecoratedController[] {
  const marksOf = (decorations: readonly Decoration[]): Mark[] =>
    decorations.flatMap(({ value, site }) =>
      optionsOf(value).flatMap((option) => {
        if (option.kind !== 'external' || !packages.includes(option.from)) return [];
        const name = memberPath(option).at(-1);
        const args = option.steps.findLast((step) => typeof step !== 'string');
        return name === undefined ? [] : [{ name, args: args ?? [], site }];
      }),
    );
  return [...new Set(routing.classes)].flatMap((type) => {
    const mark = marksOf(decorationsOf(routing, type, type.node)).find(({ name }) =>
      controllerName.test(name),
    );
    if (mark === undefined) return [];
    const methods = decoratedMethods(routing, type, overridden).map(({ method, decorations }) => ({
      method,
      marks: marksOf(decorations),
    }));
    return [{ type, mark, methods }];
  });
}

/** Methods that return what they send and take the body as a parameter that a decorator marks. */
export const decoratedHandlers: HandlerShape = {
  responses: (handler) => returnedExpressions(handler),
  isRequestBody: (expression, handler) =>
    ts.isIdentifier(expression) &&
    handler.parameters.some(
      (parameter) => hasDecorator(parameter, /^Body$/) && parameter.name.getText() === expression.text,
    ),
  isHandler: () => true,
};

export function hasDecorator(node: ts.ParameterDeclaration, name: RegExp): boolean {
  return (ts.getDecorators(node) ?? []).some(({ expression }) => {
    const callee = ts.isCallExpression(expression) ? expression.expression : expression;
    return ts.isIdentifier(callee) && name.test(callee.text);
  });
}
