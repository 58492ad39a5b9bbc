import type { HandlerShape } from '../frameworks/framework.ts';
import { ts } from './project.ts';
import { memberPath, type FunctionValue, type Value } from './values.ts';

/** The function that answers a route, out of the middleware registered with it. */
export function handlerOf(values: readonly Value[], shape: HandlerShape): FunctionValue | null {
  for (const value of [...values].reverse()) {
    const found = unwrap(value, shape);
    if (found !== null) return found;
  }
  return null;
}

/** Looks through wrappers: of the project (`asyncHandler(fn)`) and of packages. */
function unwrap(value: Value, shape: HandlerShape): FunctionValue | null {
  switch (value.kind) {
    case 'function':
      if (!shape.isHandler(value)) return null;
      return handlerOf(value.madeFrom, shape) ?? value;
    case 'external': {
      const calls = value.steps.filter((step) => typeof step !== 'string');
      return handlerOf(calls.flat(), shape);
    }
    case 'union':
    case 'list':
      return handlerOf(value.kind === 'union' ? value.options : value.items, shape);
    default:
      return null;
  }
}

/** What wraps a handler where it is registered, outermost first: `asyncHandler` of `asyncHandler(ship)`. */
export function wrappersOf(values: readonly Value[], handler: FunctionValue): string[] {
  const search = (value: Value): string[] | null => {
    if (value.kind === 'function' && value.node === handler.node && value.madeFrom.length === 0) return [];
    const inner = insideOf(value)
      .map(search)
      .find((found) => found !== null);
    if (inner === undefined) return value.kind === 'function' && value.node === handler.node ? [] : null;
    const name = wrapperName(value);
    return name === null ? inner : [name, ...inner];
  };
  return values.map(search).find((found) => found !== null) ?? [];
}

function insideOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case 'function':
      return value.madeFrom;
    case 'external':
      return value.steps.flatMap((step) => (typeof step === 'string' ? [] : step));
    case 'union':
      return value.options;
    case 'list':
      return value.items;
    default:
      return [];
  }
}

function wrapperName(value: Value): string | null {
  if (value.kind === 'external') return [value.from, ...memberPath(value)].join('.');
  if (value.kind !== 'function') return null;
  // What a wrapper returns has no name of its own; the function around it has.
  for (let node: ts.Node | undefined = value.node; node !== undefined; node = node.parent) {
    if (ts.isFunctionDeclaration(node) && node.name !== undefined) return node.name.text;
    if (ts.isMethodDeclaration(node)) return node.name.getText();
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) return node.name.text;
  }
  return null;
}

/**
 * `shipOrder`, or `OrdersController.ship` for a method; null for a function without a name. What is all that a module
 * exports is called as its file: `ship-order.js`, `shipOrder.controller.js`.
 */
export function handlerName(handler: FunctionValue): string | null {
  const owner = handler.node.parent;
  if (handler.name === null) return null;
  if (handler.name === 'exports') return ofFile(handler.node.getSourceFile().fileName);
  if (ts.isClassLike(owner) && owner.name !== undefined) return `${owner.name.text}.${handler.name}`;
  return handler.name;
}

function ofFile(path: string): string | null {
  const name = /([\w-]+)[^/]*$/.exec(path)?.[1] ?? 'index';
  return name === 'index' ? null : name;
}
