import { ts } from './project.ts';
import type { Run } from './run.ts';

/** Where an options object says the path. */
const PATH_NAME = /^_?(?:path|url|uri|route|endpoint|name|pattern)$/i;
const MAX_WRAPPERS = 6;

/**
 * The call that a person would call the registration. A wrapper that is told the path and the verb
 * (`setupRoute(router, 'post', '/orders', …)`) or that registers nothing else only hands on what its caller said, so
 * the caller is the place; a factory that puts paths together itself is the place of what it registers.
 */
export function registrationCall(run: Run, node: ts.Node): ts.Node {
  let found = node;
  for (let depth = run.stack.length - 1; depth >= run.outerDepth; depth -= 1) {
    const wrapper = run.stack[depth];
    const caller = run.calledFrom[depth] ?? null;
    if (wrapper === undefined || caller === null || run.stack.length - depth > MAX_WRAPPERS) return found;
    if (!ts.isCallExpression(found) || !isInside(found, wrapper) || !handsOn(found, wrapper)) return found;
    found = caller;
  }
  return found;
}

function isInside(node: ts.Node, wrapper: ts.Node): boolean {
  return (
    node.getSourceFile() === wrapper.getSourceFile() && node.pos >= wrapper.pos && node.end <= wrapper.end
  );
}

function handsOn(call: ts.CallExpression, wrapper: ts.Node): boolean {
  if (!ts.isFunctionLike(wrapper)) return false;
  const given = givenNames(wrapper);
  const path = pathOf(call);
  if (path === null || !isGiven(path, given)) return false;
  return isVerbGiven(call, given) || countCalls(wrapper, call) === 1;
}

/** The path of a registration: the first argument, or what an options object calls so. */
function pathOf(call: ts.CallExpression): ts.Expression | null {
  for (const argument of call.arguments) {
    if (ts.isObjectLiteralExpression(argument)) {
      for (const property of argument.properties) {
        if (property.name === undefined || !PATH_NAME.test(property.name.getText())) continue;
        if (ts.isShorthandPropertyAssignment(property)) return property.name;
        if (ts.isPropertyAssignment(property)) return property.initializer;
      }
    }
    if (ts.isIdentifier(argument) && PATH_NAME.test(argument.text)) return argument;
  }
  return call.arguments[0] ?? null;
}

/** `path`, `options.path`: said by the caller, and not put together here. */
function isGiven(expression: ts.Expression, given: ReadonlySet<string>): boolean {
  let root = expression;
  while (ts.isPropertyAccessExpression(root) || ts.isNonNullExpression(root) || ts.isAsExpression(root)) {
    root = root.expression;
  }
  return ts.isIdentifier(root) && given.has(root.text);
}

/** `router[verb](…)`, `route({ method, … })` */
function isVerbGiven(call: ts.CallExpression, given: ReadonlySet<string>): boolean {
  const { expression } = call;
  if (ts.isElementAccessExpression(expression)) return isGiven(expression.argumentExpression, given);
  return call.arguments.some(
    (argument) =>
      ts.isObjectLiteralExpression(argument) &&
      argument.properties.some(
        (property) =>
          /^(?:method|verb|methods)$/.test(property.name?.getText() ?? '') &&
          (ts.isShorthandPropertyAssignment(property) ||
            (ts.isPropertyAssignment(property) && isGiven(property.initializer, given))),
      ),
  );
}

/** The parameters, and what is taken out of them: `const [router, verb, path] = args`. */
function givenNames(wrapper: ts.SignatureDeclaration): Set<string> {
  const names = new Set<string>();
  const add = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) add(element.name);
  };
  for (const parameter of wrapper.parameters) add(parameter.name);
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && !ts.isIdentifier(node.name) && node.initializer !== undefined) {
      if (isGiven(node.initializer, names)) add(node.name);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(wrapper, visit);
  return names;
}

/** Calls in a wrapper that register on what the given call registers on. */
function countCalls(wrapper: ts.Node, call: ts.CallExpression): number {
  const verb = /^(?:post|put|patch|delete|del|all|route|on|register|openapi)$/;
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const { expression } = node;
      const isRegistration = ts.isPropertyAccessExpression(expression) && verb.test(expression.name.text);
      if (node === call || isRegistration) count += 1;
    }
    ts.forEachChild(node, visit);
  };
  visit(wrapper);
  return count;
}
