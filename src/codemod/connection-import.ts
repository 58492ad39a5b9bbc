import { posix } from 'node:path';
import { ts } from '../scan/project.ts';
import { endingIn } from './events-import.ts';
import { insertBinding, type Splice } from './insert.ts';
import type { Program } from './program.ts';
import { nodesIn } from './syntax.ts';
import { symbolAt, withoutAlias } from './types.ts';

/**
 * What a file has to import so that a place in it knows a connection by the name that another file has for it; null where that name
 * stands for something else there, or nothing exports the connection.
 */
export function importConnection(
  program: Program,
  name: ts.Expression,
  place: ts.Node,
  ending: string,
): readonly Splice[] | null {
  const { checker } = program;
  const source = place.getSourceFile();
  const symbol = symbolAt(checker, name);
  const from = name.getSourceFile();
  const text = name.getText();
  if (symbol === undefined) return null;
  const known = checker.resolveName(text, place, ts.SymbolFlags.Value, false);
  const isMentioned = [...nodesIn(source, false)].some((node) => ts.isIdentifier(node) && node.text === text);
  if (known !== undefined && withoutAlias(checker, known) === symbol) return [];
  const isOfModule = symbol.valueDeclaration !== undefined && isAtTop(symbol.valueDeclaration);
  const imported = importIn(from, text);
  const own = importIn(source, text);
  if (imported !== null && own !== null && isSameImport(program, imported, own)) return [];
  if (isMentioned || !isOfModule || from === source) return null;
  if (imported === null) {
    const isExported = isNamedExport(symbol.valueDeclaration);
    return isExported ? [insertBinding(source, `{ ${text} }`, between(program, source, from, ending))] : null;
  }
  const { specifier, binding } = imported;
  const module = checker.getSymbolAtLocation(specifier)?.valueDeclaration;
  const path = specifier.text.startsWith('.')
    ? module === undefined || !ts.isSourceFile(module)
      ? null
      : between(
          program,
          source,
          module,
          ending,
          /\/index\.[cm]?[jt]sx?$/.test(module.fileName) && !/index(?:\.\w+)?$/.test(specifier.text),
        )
    : specifier.text;
  return path === null ? null : [insertBinding(source, binding, path)];
}

interface Imported {
  readonly specifier: ts.StringLiteral;
  readonly binding: string;
}

/** What two files require is the same value, although each has a variable of its own for it. */
function isSameImport({ checker }: Program, first: Imported, second: Imported): boolean {
  const module = checker.getSymbolAtLocation(first.specifier);
  const isSameModule = module !== undefined && module === checker.getSymbolAtLocation(second.specifier);
  return isSameModule && first.binding === second.binding;
}

/** How a file imports a name, or requires it. */
function importIn(source: ts.SourceFile, name: string): Imported | null {
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const specifier = statement.moduleSpecifier;
      const clause = statement.importClause;
      if (clause === undefined || clause.phaseModifier !== undefined) continue;
      if (clause.name?.text === name) return { specifier, binding: name };
      const bindings = clause.namedBindings;
      if (bindings === undefined) continue;
      if (ts.isNamespaceImport(bindings) && bindings.name.text === name)
        return { specifier, binding: bindings.getText() };
      const element = ts.isNamedImports(bindings)
        ? bindings.elements.find((one) => one.name.text === name)
        : undefined;
      if (element !== undefined) return { specifier, binding: `{ ${element.getText()} }` };
    }
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: bound, initializer } of statement.declarationList.declarations) {
      if (
        initializer === undefined ||
        !ts.isCallExpression(initializer) ||
        initializer.expression.getText() !== 'require'
      )
        continue;
      const [specifier] = initializer.arguments;
      const isIt = ts.isIdentifier(bound)
        ? bound.text === name
        : ts.isObjectBindingPattern(bound) && bound.elements.some((one) => one.getText() === name);
      if (isIt && specifier !== undefined && ts.isStringLiteral(specifier)) {
        return { specifier, binding: ts.isIdentifier(bound) ? name : `{ ${name} }` };
      }
    }
  }
  return null;
}

function isAtTop(declaration: ts.Node): boolean {
  const owner = ts.findAncestor(
    declaration,
    (node) => ts.isFunctionLike(node) || ts.isBlock(node) || ts.isClassLike(node),
  );
  return owner === undefined;
}

function isNamedExport(declaration: ts.Declaration | undefined): boolean {
  const statement =
    declaration === undefined ? undefined : ts.findAncestor(declaration, ts.isVariableStatement);
  return statement?.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

/** The path from one file to another, in the first one's own way. */
function between(
  program: Program,
  from: ts.SourceFile,
  to: ts.SourceFile,
  ending: string,
  isFolder = false,
): string {
  const ownEnding = endingIn(from) ?? ending;
  const { file } = program.place(to);
  const isShort = isFolder && ownEnding === '';
  const target = isShort ? posix.dirname(file) : file.replace(/\.[cm]?[jt]sx?$/, '');
  const path = posix.relative(posix.dirname(program.place(from).file), target);
  return `${path.startsWith('.') ? '' : './'}${path}${isShort ? '' : ownEnding}`;
}
