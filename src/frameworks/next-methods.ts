import { mutationMethod } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import type { MutationMethod } from '../scan/report.ts';
import type { Site, Value } from '../scan/values.ts';
import type { ExportedValue, Routing } from './framework.ts';

/** One method that an API route of the pages router answers. */
export interface MethodBranch {
  readonly method: MutationMethod;
  readonly site: Site;
  readonly handler: Value;
}

/**
 * The methods that a handler tells apart: by comparison or `switch` of `req.method`, by a list of allowed ones or
 * by a map from method to function. A handler that never looks at the method answers all of them.
 */
export function methodBranches(main: ExportedValue, routing: Routing): MethodBranch[] {
  const mapped = methodMaps(main.value).flatMap((map): MethodBranch[] =>
    [...map.properties].flatMap(([name, handler]) => {
      const method = mutationMethod(name);
      return method === undefined ? [] : [{ method, site: placeOf(handler, routing) ?? main.site, handler }];
    }),
  );
  if (mapped.length > 0 || methodMaps(main.value).length > 0) return mapped;
  const functions = functionsIn(main.value);
  const branches: MethodBranch[] = [];
  let isAsked = false;
  for (const handler of functions) {
    const visit = (node: ts.Node): void => {
      if (isMethodExpression(node)) isAsked = true;
      const word = methodWord(node);
      const method = word === null ? undefined : mutationMethod(word);
      if (method !== undefined && !branches.some((branch) => branch.method === method)) {
        branches.push({ method, site: routing.siteOf(node), handler });
      }
      ts.forEachChild(node, visit);
    };
    visit(handler.node);
  }
  if (isAsked || functions.length === 0) return branches;
  return [{ method: 'ALL', site: main.site, handler: main.value }];
}

function placeOf(handler: Value, routing: Routing): Site | null {
  return handler.kind === 'function' ? routing.siteOf(handler.node) : null;
}

/** `{ GET: list, POST: create }` given to a wrapper. */
function methodMaps(value: Value): (Value & { kind: 'object' })[] {
  switch (value.kind) {
    case 'object': {
      const names = [...value.properties.keys()];
      const isMap = names.some((name) => /^(?:get|post|put|patch|delete)$/i.test(name));
      return isMap ? [value] : [];
    }
    case 'function':
      return value.madeFrom.flatMap(methodMaps);
    case 'external':
      return value.steps.flatMap((step) => (typeof step === 'string' ? [] : step.flatMap(methodMaps)));
    default:
      return [];
  }
}

function functionsIn(value: Value): (Value & { kind: 'function' })[] {
  switch (value.kind) {
    case 'function': {
      const inside = value.madeFrom.flatMap(functionsIn);
      return inside.length > 0 ? inside : [value];
    }
    case 'external':
      return value.steps.flatMap((step) => (typeof step === 'string' ? [] : step.flatMap(functionsIn)));
    case 'union':
      return value.options.flatMap(functionsIn);
    default:
      return [];
  }
}

/** `req.method`, or the `method` taken out of it. */
function isMethodExpression(node: ts.Node): boolean {
  if (ts.isNonNullExpression(node) || ts.isAsExpression(node)) return isMethodExpression(node.expression);
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    return (
      /^to(?:Upper|Lower)Case$/.test(node.expression.name.text) &&
      isMethodExpression(node.expression.expression)
    );
  }
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'method';
  return ts.isIdentifier(node) && node.text === 'method' && !ts.isPropertyAccessExpression(node.parent);
}

/** The method that a string or a key stands for where it is held against the request's. */
function methodWord(node: ts.Node): string | null {
  const { parent } = node;
  if (ts.isStringLiteralLike(node)) {
    if (ts.isBinaryExpression(parent)) {
      return [parent.left, parent.right].some(isMethodExpression) ? node.text : null;
    }
    if (ts.isCaseClause(parent))
      return isMethodExpression(parent.parent.parent.expression) ? node.text : null;
    if (ts.isArrayLiteralExpression(parent) && ts.isPropertyAccessExpression(parent.parent)) {
      const call = parent.parent.parent;
      return ts.isCallExpression(call) && call.arguments.some(isMethodExpression) ? node.text : null;
    }
    return null;
  }
  if (!ts.isObjectLiteralElement(node) || node.name === undefined || ts.isComputedPropertyName(node.name))
    return null;
  const owner = ts.isParenthesizedExpression(parent.parent) ? parent.parent.parent : parent.parent;
  return ts.isElementAccessExpression(owner) && isMethodExpression(owner.argumentExpression)
    ? node.name.text
    : null;
}
