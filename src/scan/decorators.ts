import type { Routing } from '../frameworks/framework.ts';
import { functionValue } from './functions.ts';
import { ts } from './project.ts';
import type { ClassValue, FunctionValue, Site, Value } from './values.ts';

/** A decorator where it is written, with its value: `@Post('x')` is the call of something of a package. */
export interface Decoration {
  readonly value: Value;
  readonly site: Site;
}

export function decorationsOf(routing: Routing, type: ClassValue, node: ts.HasDecorators): Decoration[] {
  return (ts.getDecorators(node) ?? []).map((decorator) => ({
    value: routing.evaluate(decorator.expression, type.scope),
    site: routing.siteOf(decorator),
  }));
}

export interface DecoratedMethod {
  readonly method: FunctionValue;
  readonly decorations: readonly Decoration[];
}

/**
 * The methods of a class and its bases; one that is overridden counts as its override alone.
 * @param overridden whether the override keeps the decorators of what it overrides, beside its own.
 */
export function decoratedMethods(
  routing: Routing,
  type: ClassValue,
  overridden: 'dropped' | 'kept' = 'dropped',
): DecoratedMethod[] {
  const found = new Map<string, DecoratedMethod>();
  for (let current: Value | null = type; current?.kind === 'class'; current = current.base) {
    for (const node of current.node.members) {
      const isNamed =
        ts.isMethodDeclaration(node) && node.body !== undefined && !ts.isComputedPropertyName(node.name);
      if (!isNamed) continue;
      const override = found.get(node.name.text);
      if (override !== undefined && overridden === 'dropped') continue;
      const decorations = decorationsOf(routing, current, node);
      found.set(node.name.text, {
        method: override?.method ?? functionValue(node, current.scope, node.name.text),
        decorations: [...(override?.decorations ?? []), ...decorations],
      });
    }
  }
  return [...found.values()];
}
