import { ts } from './project.ts';

interface ImportedName {
  readonly from: string;
  /** `default` and `*` for what these import. */
  readonly name: string;
}

const known = new WeakMap<ts.SourceFile, ReadonlyMap<string, ImportedName>>();

/** What a file's ES imports declare, by local name; nothing is resolved. */
export function importedNames(source: ts.SourceFile): ReadonlyMap<string, ImportedName> {
  const names = known.get(source) ?? readNames(source);
  known.set(source, names);
  return names;
}

function readNames(source: ts.SourceFile): ReadonlyMap<string, ImportedName> {
  const found = new Map<string, ImportedName>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const { name, namedBindings } = statement.importClause ?? {};
    const from = statement.moduleSpecifier.text;
    if (name !== undefined) found.set(name.text, { from, name: 'default' });
    if (namedBindings === undefined) continue;
    if (ts.isNamespaceImport(namedBindings)) found.set(namedBindings.name.text, { from, name: '*' });
    else {
      for (const element of namedBindings.elements) {
        found.set(element.name.text, { from, name: (element.propertyName ?? element.name).text });
      }
    }
  }
  return found;
}
