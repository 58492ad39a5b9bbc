import { ts } from '../scan/project.ts';
import { isFunctionWithBody, nodesIn, type FunctionWithBody } from './syntax.ts';
import { withoutAlias } from './types.ts';

/**
 * Finds what runs where a method of an interface or an abstract class is called: the method of the only class that
 * implements it, or of the only one that talks to the database, where others stand in for it.
 */
export function createImplementations(
  checker: ts.TypeChecker,
  sources: readonly ts.SourceFile[],
  isOfDatabase: (method: FunctionWithBody) => boolean,
): (declaration: ts.Node) => FunctionWithBody | null {
  let known: Map<ts.Node, ts.ClassDeclaration[]> | null = null;
  return (declaration) => {
    const owner = declaration.parent;
    const isAbstract = ts.isInterfaceDeclaration(owner) || ts.isClassDeclaration(owner);
    const name = 'name' in declaration ? (declaration.name as ts.Node | undefined)?.getText() : undefined;
    if (!isAbstract || name === undefined) return null;
    known ??= implementors(checker, sources);
    const methods = (known.get(owner) ?? []).flatMap(({ members }) =>
      members.filter(
        (member): member is typeof member & FunctionWithBody =>
          member.name?.getText() === name && isFunctionWithBody(member),
      ),
    );
    const [only, second] = methods;
    if (only !== undefined && second === undefined) return only;
    const [own, other] = methods.filter(isOfDatabase);
    return other === undefined ? (own ?? null) : null;
  };
}

/** What a method implements: its declarations in interfaces and abstract classes. */
export function abstractionsOf(checker: ts.TypeChecker, target: FunctionWithBody): ts.Node[] {
  const owner = target.parent;
  const name = target.name?.getText();
  if (!ts.isClassDeclaration(owner) || name === undefined) return [];
  return basesOf(checker, owner).flatMap((base) =>
    base.members.filter((member) => member.name?.getText() === name),
  );
}

function implementors(
  checker: ts.TypeChecker,
  sources: readonly ts.SourceFile[],
): Map<ts.Node, ts.ClassDeclaration[]> {
  const found = new Map<ts.Node, ts.ClassDeclaration[]>();
  for (const source of sources) {
    if (!/\b(?:implements|extends)\b/.test(source.text)) continue;
    for (const node of nodesIn(source, false)) {
      if (!ts.isClassDeclaration(node)) continue;
      for (const base of basesOf(checker, node)) found.set(base, [...(found.get(base) ?? []), node]);
    }
  }
  return found;
}

function basesOf(
  checker: ts.TypeChecker,
  { heritageClauses = [] }: { readonly heritageClauses?: readonly ts.HeritageClause[] | undefined },
): (ts.ClassDeclaration | ts.InterfaceDeclaration)[] {
  return heritageClauses
    .flatMap(({ types }) => [...types])
    .flatMap(({ expression }) => {
      const symbol = checker.getSymbolAtLocation(expression);
      return symbol === undefined ? [] : (withoutAlias(checker, symbol).declarations ?? []);
    })
    .filter((node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node));
}
