import { mutationMethod, option } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import { list, type FunctionValue, type Scope, type Value } from '../scan/values.ts';

/** Methods in a list or in options that surround a function and that it uses. */
export function keptMethods(target: FunctionValue): readonly MutationMethod[] | null {
  for (let scope: Scope | null = target.scope; scope?.parent != null; scope = scope.parent) {
    for (const [name, value] of scope.names) {
      const methods = typeof value === 'function' ? null : methodsGiven(value);
      if (methods !== null && new RegExp(`\\b${name}\\b`).test(target.node.getText())) return methods;
    }
  }
  return null;
}

/** `['POST']`, `{ methods: ['POST'] }` and `{ method: 'POST' }` */
function methodsGiven(value: Value): MutationMethod[] | null {
  if (value.kind !== 'object') return methodNamesIn(value);
  const named = option(value, 'methods') ?? option(value, 'allowedMethods');
  if (named !== undefined) return methodNamesIn(named);
  const only = option(value, 'method');
  return only === undefined ? null : methodNamesIn(only.kind === 'list' ? only : list([only]));
}

/** Methods in a list of names that a wrapper is given: `allow(['POST'], handler)`. */
export function methodNamesIn(value: Value): MutationMethod[] | null {
  if (value.kind !== 'list' || value.items.length === 0) return null;
  const names = value.items.map((item) => (item.kind === 'literal' ? String(item.value) : ''));
  if (!names.every((name) => /^(?:get|head|options|post|put|patch|delete)$/i.test(name))) return null;
  return names.flatMap((name) => mutationMethod(name) ?? []);
}
