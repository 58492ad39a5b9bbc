import type { ts } from './project.ts';
import { memberPath, type Value } from './values.ts';

/** Cheap sign of code that registers on a router. */
const REGISTRATION_TEXT =
  /(?:app|router|server|api|routes?|fastify|instance|koa|hono)\s*(?:\.\s*(?:post|put|patch|delete|all|route|use|register|openapi)|\[\s*\w*(?:method|verb)\w*\s*\])\s*\(/i;

const signs = new WeakMap<ts.Node, boolean>();

/** Whether code looks like registering, so that leaving it out has to be said. */
export function looksRegistering(node: ts.Node): boolean {
  const known = signs.get(node);
  if (known !== undefined) return known;
  const isSign = REGISTRATION_TEXT.test(node.getText());
  signs.set(node, isSign);
  return isSign;
}

/** A router, or what may be one. */
export function holdsRouter(value: Value): boolean {
  return value.kind === 'router' || (value.kind === 'union' && value.options.some(holdsRouter));
}

/** Methods of which the sources do not say all. */
export function isDynamicMethod(methods: Value | undefined): boolean {
  switch (methods?.kind) {
    case 'list':
      return methods.items.some(isDynamicMethod);
    case 'union':
      return methods.options.some(isDynamicMethod);
    case 'unknown':
    case 'external':
    case 'text':
      return true;
    default:
      return false;
  }
}

/** How reports name a value that is not known. */
export function wordsOf(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  if (value.kind === 'external') return [value.from, ...memberPath(value)].join('.');
  return value.kind === 'unknown' ? value.text : value.kind;
}
