import { withoutAssertions } from '../../codemod/chain.ts';
import { nodesIn } from '../../codemod/syntax.ts';
import { ts } from '../../scan/project.ts';

/** Where a value comes from. */
export interface Origin {
  readonly package: string;
  /** What the package exports it as, or as what it exports what it was made with. */
  readonly name: string;
}

const MAX_STEPS = 12;

/** Calls that give a client or a part of one; what others give is an answer, which sends nothing. */
const MAKERS =
  /^(?:default|create\w*|extend|connect\w*|producer|jetstream|duplicate|to|in|of|except|volatile|topic|multi|pipeline|client)$/i;

/**
 * The package that a value was imported from, or made with, by the code alone, so that nothing need be installed:
 * `new Kafka(…).producer()`, a member of type `Queue`, what another module of the project exports. Null where that is
 * not plain.
 */
export function originOf(checker: ts.TypeChecker, node: ts.Expression, steps = MAX_STEPS): Origin | null {
  if (steps === 0) return null;
  const value = withoutAssertions(node);
  if (ts.isAwaitExpression(value)) return originOf(checker, value.expression, steps - 1);
  if (ts.isParenthesizedExpression(value)) return originOf(checker, value.expression, steps - 1);
  if (ts.isNewExpression(value)) return originOf(checker, value.expression, steps - 1);
  if (ts.isCallExpression(value)) return originOfCall(checker, value, steps);
  if (ts.isIdentifier(value)) return originOfName(checker, value, steps);
  if (!ts.isPropertyAccessExpression(value)) return null;
  const own = originOfName(checker, value.name, steps);
  return own ?? originOf(checker, value.expression, steps - 1);
}

function originOfCall(checker: ts.TypeChecker, call: ts.CallExpression, steps: number): Origin | null {
  const required = requiredModule(call);
  if (required !== null) return isPackage(required) ? { package: required, name: 'default' } : null;
  const declaration = checker.getResolvedSignature(call)?.declaration;
  if (declaration?.getSourceFile().isDeclarationFile === false && 'body' in declaration) {
    if (declaration.type !== undefined) return originOfType(checker, declaration.type, steps - 1);
    const body = declaration.body as ts.ConciseBody | undefined;
    if (body === undefined) return null;
    if (!ts.isBlock(body)) return originOf(checker, body, steps - 1);
    const exit = [...nodesIn(body, true)].find(ts.isReturnStatement);
    return exit?.expression === undefined ? null : originOf(checker, exit.expression, steps - 1);
  }
  const { expression } = call;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : null;
  const origin = originOf(checker, expression, steps - 1);
  return origin !== null && MAKERS.test(name ?? origin.name) ? origin : null;
}

function originOfName(checker: ts.TypeChecker, name: ts.Node, steps: number): Origin | null {
  const symbol = checker.getSymbolAtLocation(name);
  return symbol === undefined ? null : originOfSymbol(checker, symbol, steps - 1);
}

function originOfSymbol(checker: ts.TypeChecker, symbol: ts.Symbol, steps: number): Origin | null {
  if (steps <= 0) return null;
  for (const declaration of symbol.declarations ?? []) {
    const imported = importedAs(declaration);
    if (imported !== null) {
      if (isPackage(imported.package)) return imported;
      const target = checker.getAliasedSymbol(symbol);
      return target === symbol ? null : originOfSymbol(checker, target, steps - 1);
    }
    if (declaration.getSourceFile().isDeclarationFile) continue;
    const origin = originOfDeclaration(checker, declaration, steps - 1);
    if (origin !== null) return origin;
  }
  return null;
}

function originOfDeclaration(
  checker: ts.TypeChecker,
  declaration: ts.Declaration,
  steps: number,
): Origin | null {
  if (ts.isClassDeclaration(declaration)) {
    const base = declaration.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
    const [type] = base?.types ?? [];
    return type === undefined ? null : originOf(checker, type.expression, steps);
  }
  if (ts.isBindingElement(declaration)) return originOfElement(declaration);
  if (ts.isExportAssignment(declaration)) return originOf(checker, declaration.expression, steps);
  const isAssigned = ts.isBinaryExpression(declaration) || ts.isPropertyAccessExpression(declaration);
  if (isAssigned) return originOfAssignment(checker, declaration, steps);
  const isTyped =
    ts.isVariableDeclaration(declaration) ||
    ts.isParameter(declaration) ||
    ts.isPropertyDeclaration(declaration) ||
    ts.isPropertySignature(declaration);
  if (isTyped && declaration.type !== undefined) return originOfType(checker, declaration.type, steps);
  if (ts.isPropertyAssignment(declaration)) return originOf(checker, declaration.initializer, steps);
  const hasValue = isTyped && !ts.isPropertySignature(declaration) && !ts.isParameter(declaration);
  return hasValue && declaration.initializer !== undefined
    ? originOf(checker, declaration.initializer, steps)
    : null;
}

/** `const { request } = require('undici')` */
function originOfElement(element: ts.BindingElement): Origin | null {
  const declaration = element.parent.parent;
  if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return null;
  const value = withoutAssertions(declaration.initializer);
  const required = ts.isCallExpression(value) ? requiredModule(value) : null;
  if (required === null || !isPackage(required)) return null;
  return { package: required, name: (element.propertyName ?? element.name).getText() };
}

/** `this.producer = kafka.producer()`, where the sources are JavaScript. */
function originOfAssignment(checker: ts.TypeChecker, declaration: ts.Node, steps: number): Origin | null {
  const assignment = ts.isBinaryExpression(declaration) ? declaration : declaration.parent;
  return ts.isBinaryExpression(assignment) ? originOf(checker, assignment.right, steps) : null;
}

/** `Queue`, `Redis | null`, `amqp.Channel`; what holds something else, such as `Map<string, Queue>`, is not that. */
function originOfType(checker: ts.TypeChecker, type: ts.TypeNode, steps: number): Origin | null {
  if (ts.isUnionTypeNode(type)) {
    const origins = type.types.map((part) => originOfType(checker, part, steps));
    return origins.find((origin) => origin !== null) ?? null;
  }
  if (ts.isTypeQueryNode(type)) return originOfName(checker, nameIn(type.exprName), steps);
  if (!ts.isTypeReferenceNode(type)) return null;
  const [argument] = type.typeArguments ?? [];
  if (type.typeName.getText() === 'Promise' && argument !== undefined) {
    return originOfType(checker, argument, steps);
  }
  return originOfName(checker, nameIn(type.typeName), steps);
}

/** The part of a qualified name that is declared in the file: `amqp` of `amqp.Channel`. */
function nameIn(name: ts.EntityName): ts.Identifier {
  return ts.isIdentifier(name) ? name : nameIn(name.left);
}

function importedAs(declaration: ts.Declaration): Origin | null {
  const statement = ts.findAncestor(declaration, ts.isImportDeclaration);
  if (statement === undefined || !ts.isStringLiteral(statement.moduleSpecifier)) return null;
  const { text } = statement.moduleSpecifier;
  return ts.isImportSpecifier(declaration)
    ? { package: text, name: (declaration.propertyName ?? declaration.name).text }
    : { package: text, name: 'default' };
}

function requiredModule(call: ts.CallExpression): string | null {
  const [module] = call.arguments;
  const isRequire = ts.isIdentifier(call.expression) && call.expression.text === 'require';
  return isRequire && module !== undefined && ts.isStringLiteral(module) ? module.text : null;
}

/** Aliases of the project's own folders look like packages and match none that is asked for. */
function isPackage(specifier: string): boolean {
  return !/^[.~#/]|^@\//.test(specifier);
}
