import { knownVersion } from '../scan/package-version.ts';
import { ts } from '../scan/project.ts';
import { bare } from './syntax.ts';

/** What adapters ask of types; where dependencies are not installed, little is known. */
export interface Types {
  readonly checker: ts.TypeChecker;
  /** Whether the type of an expression has all of these members; null where the type is not known. */
  has(node: ts.Expression, ...members: readonly string[]): boolean | null;
  /** What a type is called: its class, interface or alias, and the classes it extends. */
  names(node: ts.Expression): readonly string[];
  /** The class whose constructor an expression is: `Order` of a `typeof Order`; null for instances, and what is no class. */
  className(node: ts.Expression): string | null;
  /** The first type argument's name: `Order` of `Repository<Order>`. */
  argumentName(node: ts.Expression): string | null;
  isArray(node: ts.Expression): boolean;
  /** What a constant was given where it is declared. */
  initializer(node: ts.Expression): ts.Expression | null;
  /** The text of a string constant, wherever it is written; a hole becomes a placeholder. */
  text(node: ts.Expression): string | null;
  /** The version of a package that is installed, else the range that the project asks for. */
  packageVersion(name: string): string | null;
}

export function createTypes(checker: ts.TypeChecker, root: string): Types {
  const typeOf = (node: ts.Expression): ts.Type | null => {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(node));
    const isUnknown = (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never)) !== 0;
    return isUnknown ? null : type;
  };
  const initializer = (node: ts.Expression): ts.Expression | null => {
    const declaration = symbolAt(checker, node)?.valueDeclaration;
    if (declaration === undefined) return null;
    if (ts.isPropertyAssignment(declaration) || ts.isPropertyDeclaration(declaration)) {
      return declaration.initializer ?? null;
    }
    const isConstant =
      ts.isVariableDeclaration(declaration) && (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
    return isConstant ? (declaration.initializer ?? null) : null;
  };
  const text = (node: ts.Expression): string | null => {
    const value = bare(node);
    if (ts.isStringLiteralLike(value)) return value.text;
    if (ts.isTemplateExpression(value)) return templateText(value, text);
    if (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      const [left, right] = [text(value.left), text(value.right)];
      return left === null || right === null ? null : left + right;
    }
    if (ts.isObjectLiteralExpression(value)) {
      const property = value.properties.find(({ name }) => name?.getText() === 'text');
      return property !== undefined && ts.isPropertyAssignment(property) ? text(property.initializer) : null;
    }
    if (!ts.isIdentifier(value) && !ts.isPropertyAccessExpression(value)) return null;
    const given = initializer(value);
    return given === null ? null : text(given);
  };
  return {
    checker,
    has(node, ...members) {
      const type = typeOf(node);
      if (type === null) return null;
      if (members.every((member) => checker.getPropertyOfType(type, member) !== undefined)) return true;
      return isHalfKnown(checker, type) ? null : false;
    },
    names(node) {
      const type = typeOf(node);
      return type === null ? [] : [...namesOf(checker, type)];
    },
    className(node) {
      const type = typeOf(node);
      const declaration = type?.symbol?.valueDeclaration;
      const isConstructor = type !== null && type.getConstructSignatures().length > 0;
      return isConstructor && declaration !== undefined && ts.isClassDeclaration(declaration)
        ? type.symbol.name
        : null;
    },
    argumentName(node) {
      const type = typeOf(node);
      if (type === null) return null;
      const [argument] = type.aliasTypeArguments ?? (isReference(type) ? checker.getTypeArguments(type) : []);
      return argument?.symbol?.name ?? null;
    },
    isArray(node) {
      const type = typeOf(node);
      return type !== null && (checker.isArrayType(type) || checker.isTupleType(type));
    },
    initializer,
    text,
    packageVersion: (name) => knownVersion(root, name) ?? null,
  };
}

/** The text of a template, each hole a placeholder that nothing is known of. */
export function templateText(
  template: ts.TemplateLiteral,
  textOf: (hole: ts.Expression) => string | null = () => null,
): string {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text;
  const filled = template.templateSpans.map(
    ({ expression, literal }) => (textOf(expression) ?? '$0') + literal.text,
  );
  return template.head.text + filled.join('');
}

export function symbolAt(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  const name = ts.isPropertyAccessExpression(node) ? node.name : node;
  const symbol = checker.getSymbolAtLocation(name);
  return symbol === undefined ? undefined : withoutAlias(checker, symbol);
}

export function withoutAlias(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/** A class whose base comes from a package that is not installed. */
function isHalfKnown(checker: ts.TypeChecker, type: ts.Type): boolean {
  for (const declaration of type.symbol?.declarations ?? []) {
    if (!ts.isClassDeclaration(declaration)) continue;
    const bases = declaration.heritageClauses?.flatMap(({ types }) => [...types]) ?? [];
    const isUnknown = bases.some(
      ({ expression }) => (checker.getTypeAtLocation(expression).flags & ts.TypeFlags.Any) !== 0,
    );
    if (isUnknown || (type.getBaseTypes() ?? []).some((base) => isHalfKnown(checker, base))) return true;
  }
  return false;
}

function isReference(type: ts.Type): type is ts.TypeReference {
  return ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0;
}

function* namesOf(checker: ts.TypeChecker, type: ts.Type): Generator<string> {
  // `Loaded<Order>` and `Partial<Order>` say how it is had, and an object without a name is called `__type`.
  if (type.aliasSymbol !== undefined && type.aliasTypeArguments === undefined) yield type.aliasSymbol.name;
  if (type.symbol !== undefined && !type.symbol.name.startsWith('__')) yield type.symbol.name;
  if (type.isUnionOrIntersection()) for (const part of type.types) yield* namesOf(checker, part);
  for (const base of type.getBaseTypes() ?? []) yield* namesOf(checker, base);
}
