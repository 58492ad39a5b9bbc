import { ts } from '../scan/project.ts';

/** One call of a chain. */
export interface Link {
  /** Of the method; null where the head itself is called, as in `knex('orders')`. */
  readonly name: string | null;
  readonly call: ts.CallExpression;
}

/** `db.insert(orders).values(order).returning()`: the head `db`, and its calls in the order in which they run. */
export interface Chain {
  readonly head: ts.Expression;
  readonly links: readonly Link[];
  readonly first: Link;
  readonly last: Link;
}

const CONTINUATIONS = new Set(['then', 'catch', 'finally']);

/**
 * The chain that ends in a call; null if the chain goes on. What is done with the promise (`.then(…)`) is no part of it.
 */
export function chainEndingIn(call: ts.CallExpression): Chain | null {
  const next = nextName(call);
  if (next !== null && !CONTINUATIONS.has(next)) return null;
  const chain = chainOf(call);
  return chain?.last.name != null && CONTINUATIONS.has(chain.last.name) ? null : chain;
}

export function chainOf(call: ts.CallExpression): Chain | null {
  const links: Link[] = [];
  let current: ts.Expression = call;
  while (ts.isCallExpression(current)) {
    const callee: ts.Expression = withoutAssertions(current.expression);
    if (!ts.isPropertyAccessExpression(callee)) {
      links.unshift({ name: null, call: current });
      current = callee;
      break;
    }
    links.unshift({ name: callee.name.text, call: current });
    current = withoutAssertions(callee.expression);
  }
  const [first, last] = [links[0], links.at(-1)];
  return first === undefined || last === undefined ? null : { head: current, links, first, last };
}

export function linkNamed(chain: Chain, names: RegExp): Link | null {
  return chain.links.find(({ name }) => name !== null && names.test(name)) ?? null;
}

/** `orders` of `schema.orders`; the text itself of anything else. */
export function lastName(node: ts.Expression): string {
  const expression = withoutAssertions(node);
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** The value of a property of an object literal; null where it has none that can be seen. */
export function propertyOf(node: ts.Expression | undefined, name: string): ts.Expression | null {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return null;
  for (const property of node.properties) {
    if (property.name?.getText() !== name) continue;
    if (ts.isPropertyAssignment(property)) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property)) return property.name;
  }
  return null;
}

export function withoutAssertions(node: ts.Expression): ts.Expression {
  if (ts.isParenthesizedExpression(node) && ts.isAwaitExpression(node.expression)) return node;
  const isWrapper =
    ts.isParenthesizedExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node);
  return isWrapper ? withoutAssertions(node.expression) : node;
}

/** The method that is called on the result of a call. */
function nextName(call: ts.CallExpression): string | null {
  let node: ts.Node = call;
  while (ts.isParenthesizedExpression(node.parent) || ts.isNonNullExpression(node.parent)) node = node.parent;
  const access = node.parent;
  if (!ts.isPropertyAccessExpression(access) || access.expression !== node) return null;
  return ts.isCallExpression(access.parent) && access.parent.expression === access ? access.name.text : null;
}
