import { ts } from '../scan/project.ts';
import { isTableOf, singularOf } from './sql.ts';
import { enclosingFunction, nodesIn } from './syntax.ts';

/** What every row has: a property of that name does not tell of what it is. */
export const OWN_ID = /^_?(?:id|uuid)$/;

/** `orderItem` for `order_item.added`. */
export function resourceName(eventType: string): string {
  const [resource = ''] = eventType.split('.');
  return camelCase(resource);
}

/** What a row of a table is called where an event of a resource tells of it: as the resource, unless it is something else. */
export function rowName(table: string, eventType: string): string {
  const [resource = ''] = eventType.split('.');
  const isOther = /^[A-Za-z]\w*$/.test(table) && !isTableOf(table, resource);
  return isOther ? camelCase(singularOf(table)) : resourceName(eventType);
}

function camelCase(words: string): string {
  return words.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** The first name that nothing in the function around a node goes by; null if all are taken. */
export function freeName(node: ts.Node, wanted: readonly string[]): string | null {
  const owner = enclosingFunction(node) ?? node.getSourceFile();
  const taken = new Set<string>();
  for (const inner of nodesIn(owner, false)) {
    const isKey =
      (ts.isPropertyAccessExpression(inner.parent) && inner.parent.name === inner) ||
      (ts.isPropertyAssignment(inner.parent) && inner.parent.name === inner);
    if (ts.isIdentifier(inner) && !isKey) taken.add(inner.text);
  }
  return wanted.find((name) => !taken.has(name) && !RESERVED.has(name)) ?? null;
}

const RESERVED = new Set(
  (
    'break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return ' +
    'static super switch this throw true try typeof var void while with yield await async events undefined arguments'
  ).split(' '),
);
