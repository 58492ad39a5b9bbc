import { ts } from './project.ts';

/** A function or class that nothing called so far. */
export interface Uncalled<Owner> {
  readonly node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration;
  readonly owner: Owner;
}

/**
 * Puts those that mention others before these: a router that a function makes is mounted by whoever calls it, so
 * the caller is followed first.
 */
export function callersFirst<Owner>(uncalled: readonly Uncalled<Owner>[]): Uncalled<Owner>[] {
  const names = new Set(uncalled.flatMap(({ node }) => nameOf(node) ?? []));
  const mentions = new Map<string, Uncalled<Owner>[]>();
  for (const item of uncalled) {
    for (const word of new Set(item.node.getText().match(/[\w$]+/g))) {
      if (!names.has(word)) continue;
      const known = mentions.get(word);
      if (known === undefined) mentions.set(word, [item]);
      else known.push(item);
    }
  }
  const ordered = new Set<Uncalled<Owner>>();
  const entered = new Set<Uncalled<Owner>>();
  const enter = (item: Uncalled<Owner>): void => {
    if (entered.has(item)) return;
    entered.add(item);
    const name = nameOf(item.node);
    if (name !== null) {
      for (const other of mentions.get(name) ?? []) {
        if (other !== item) enter(other);
      }
    }
    ordered.add(item);
  };
  for (const item of uncalled) enter(item);
  return [...ordered];
}

function nameOf(node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration): string | null {
  if (node.name !== undefined && ts.isIdentifier(node.name)) return node.name.text;
  const { parent } = node;
  const isNamed = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent);
  return isNamed && ts.isIdentifier(parent.name) ? parent.name.text : null;
}
