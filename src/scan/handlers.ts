import type { HandlerShape } from '../frameworks/framework.ts';
import { ts } from './project.ts';
import type { FunctionValue, Value } from './values.ts';

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

/** `shipOrder`, or `OrdersController.ship` for a method; null for a function without a name. */
export function handlerName(handler: FunctionValue): string | null {
  const owner = handler.node.parent;
  if (handler.name === null) return null;
  if (ts.isClassLike(owner) && owner.name !== undefined) return `${owner.name.text}.${handler.name}`;
  return handler.name;
}
