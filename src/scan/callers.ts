import { ts } from './project.ts';

/** A function or class that nothing called so far. */
export interface Uncalled<Owner> {
  readonly node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration;
  readonly owner: Owner;
}

/**
 * Puts those that mention others before these: a router that a function makes is mounted by whoever calls it, so
 * the caller is followed first. What is called as `require('./orders')(app)` goes by no name.
 * @param requiredBy the owners that a function's own code requires.
 */
export function callersFirst<Owner>(
  uncalled: readonly Uncalled<Owner>[],
  requiredBy: (item: Uncalled<Owner>) => readonly Owner[],
): Uncalled<Owner>[] {
  const names = new Set(uncalled.flatMap(({ node }) => nameOf(node) ?? []));
  const mentions = new Map<string, Uncalled<Owner>[]>();
  for (const item of uncalled) {
    for (const word of new Set(textAfterName(item.node).match(/[\w$]+/g))) {
      if (!names.has(word)) continue;
      const known = mentions.get(word);
      if (known === undefined) mentions.set(word, [item]);
      else known.push(item);
    }
  }
  const requirers = new Map<Owner, Uncalled<Owner>[]>();
  for (const item of uncalled) {
    for (const owner of requiredBy(item)) requirers.set(owner, [...(requirers.get(owner) ?? []), item]);
  }
  const ordered = new Set<Uncalled<Owner>>();
  const entered = new Set<Uncalled<Owner>>();
  const enter = (item: Uncalled<Owner>): void => {
    if (entered.has(item)) return;
    entered.add(item);
    const name = nameOf(item.node);
    const mentioning = name === null ? [] : (mentions.get(name) ?? []);
    for (const other of [...mentioning, ...(requirers.get(item.owner) ?? [])]) {
      if (other !== item) enter(other);
    }
    ordered.add(item);
  };
  for (const item of uncalled) enter(item);
  return [...ordered];
}

/** Its own name is no mention of others of that name. */
function textAfterName(node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration): string {
  return node.getText().slice(node.name === undefined ? 0 : node.name.end - node.getStart());
}

/** The name that a function or class is declared or kept by. */
export function nameOf(node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration): string | null {
  if (node.name !== undefined && ts.isIdentifier(node.name)) return node.name.text;
  const { parent } = node;
  // `exports.createApp = function () { … }`
  if (ts.isBinaryExpression(parent) && ts.isPropertyAccessExpression(parent.left))
    return parent.left.name.text;
  const isNamed = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent);
  return isNamed && ts.isIdentifier(parent.name) ? parent.name.text : null;
}
