import { ts } from '../scan/project.ts';
import { isEmittedRunner } from './emitted-runner.ts';
import { removal, type Splice } from './insert.ts';
import type { DatabaseCall } from './orms/orm.ts';
import { isHandedOnTo, isNamed, runnersOf, type OwnRunner } from './own-runner.ts';
import type { Program } from './program.ts';
import { nodesIn } from './syntax.ts';
import { withoutAlias } from './types.ts';

/** What has a write run on the pool again that the project's own runner is called for; null where it is not plain which. */
export function unbindOwnRunner(
  program: Program,
  opening: ts.CallExpression,
  { handleNode }: DatabaseCall,
): readonly Splice[] | null {
  const callee = program.callee(opening);
  const runner = runnersOf(program).find(({ target }) => target === callee);
  const pool = isEmittedRunner(opening.expression)
    ? (opening.arguments[0]?.getText() ?? null)
    : runner === undefined
      ? null
      : poolAt(program, opening, runner);
  if (pool === null || handleNode === undefined) return null;
  const position = handleNode.getStart();
  return [{ position, removed: handleNode.end - position, text: pool }];
}

/** What the pool of a runner is called where the runner is. */
function poolAt(program: Program, opening: ts.CallExpression, { pool, target }: OwnRunner): string | null {
  if (typeof pool === 'number') return opening.arguments[pool]?.getText() ?? null;
  const { expression } = opening;
  if (!ts.isPropertyAccessExpression(expression)) {
    const source = opening.getSourceFile();
    const symbol = program.checker.resolveName(pool.name, source.endOfFileToken, ts.SymbolFlags.Value, false);
    return symbol !== undefined && withoutAlias(program.checker, symbol) === pool ? pool.name : null;
  }
  const owner = expression.expression;
  if (owner.kind === ts.SyntaxKind.ThisKeyword) {
    const declaration = pool.valueDeclaration;
    const isMember =
      declaration !== undefined && ts.findAncestor(declaration, ts.isClassLike) === target.parent;
    return isMember ? `this.${pool.name}` : null;
  }
  const query = program.checker.getPropertyOfType(program.checker.getTypeAtLocation(owner), 'query');
  const declaration = query === undefined ? undefined : withoutAlias(program.checker, query).valueDeclaration;
  return declaration !== undefined && isHandedOnTo(program, declaration, pool) ? owner.getText() : null;
}

/** The imports of runners that nothing uses once splices are made. */
export function idleRunnerImports(
  program: Program,
  source: ts.SourceFile,
  splices: readonly Splice[],
): Splice[] {
  const gone = splices.filter(({ removed = 0 }) => removed > 0);
  if (gone.length === 0) return [];
  const isGone = (node: ts.Node): boolean =>
    gone.some(({ position, removed = 0 }) => position <= node.getStart() && node.end <= position + removed);
  return source.statements.flatMap((statement) => {
    const names = importedNames(statement);
    const [only, second] = names;
    const idle = names.filter(
      (name) =>
        (isEmittedRunner(name) ||
          runnersOf(program).some((runner) => isNamed(program, source, name.text, runner.target))) &&
        mentionsOf(source, name).every(isGone) &&
        mentionsOf(source, name).length > 0,
    );
    if (only === undefined || idle.length === 0) return [];
    return second === undefined ? [removal(statement)] : idle.flatMap((name) => withoutElement(name));
  });
}

/** What a statement takes by name from a module. */
function importedNames(statement: ts.Statement): ts.Identifier[] {
  if (ts.isImportDeclaration(statement)) {
    const bindings = statement.importClause?.namedBindings;
    const isMore = statement.importClause?.name !== undefined;
    return bindings === undefined || !ts.isNamedImports(bindings) || isMore
      ? []
      : bindings.elements.map(({ name }) => name);
  }
  if (!ts.isVariableStatement(statement)) return [];
  const [declaration, second] = statement.declarationList.declarations;
  const isRequired =
    declaration?.initializer?.getText().startsWith('require(') === true && second === undefined;
  if (!isRequired || !ts.isObjectBindingPattern(declaration.name)) return [];
  return declaration.name.elements.flatMap(({ name }) => (ts.isIdentifier(name) ? [name] : []));
}

function mentionsOf(source: ts.SourceFile, name: ts.Identifier): ts.Node[] {
  return [...nodesIn(source, false)].filter(
    (node) => ts.isIdentifier(node) && node.text === name.text && node !== name,
  );
}

/** With the comma that parts it from its neighbour. */
function withoutElement(name: ts.Identifier): Splice[] {
  const element = name.parent;
  const list = element.parent;
  if (!ts.isNamedImports(list) && !ts.isObjectBindingPattern(list)) return [];
  const elements: readonly ts.Node[] = list.elements;
  const index = elements.indexOf(element);
  const [before, after] = [elements[index - 1], elements[index + 1]];
  const from = before?.end ?? element.getStart();
  const to = before === undefined ? (after?.getStart() ?? element.end) : element.end;
  return [{ position: from, removed: to - from, text: '' }];
}
