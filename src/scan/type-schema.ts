import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { anyOf, isKnown } from './schemas.ts';
import type { ReadTypeNode } from './type-nodes.ts';

/** Deeper objects are left open: events are no object graphs. */
const MAX_DEPTH = 6;
/** Arrays within arrays count only here. */
const MAX_NESTING = 4 * MAX_DEPTH;
const MAX_PROPERTIES = 120;

/** JSON Schema of the JSON that a value of a type becomes; `{}` where nothing is known. */
export function schemaOfType(
  checker: ts.TypeChecker,
  type: ts.Type,
  readTypeNode?: ReadTypeNode,
): JsonSchema {
  return convert({ checker, readTypeNode }, type, []);
}

interface Conversion {
  readonly checker: ts.TypeChecker;
  /** For declared types that the checker cannot resolve. */
  readonly readTypeNode: ReadTypeNode | undefined;
}

function convert(conversion: Conversion, type: ts.Type, outer: readonly ts.Type[]): JsonSchema {
  const { checker } = conversion;
  const { flags } = type;
  if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never)) return {};
  if (flags & ts.TypeFlags.Null) return { type: 'null' };
  if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
  if (flags & ts.TypeFlags.BooleanLiteral) return { type: 'boolean' };
  if (flags & ts.TypeFlags.StringLike) return { type: 'string' };
  if (flags & ts.TypeFlags.NumberLike) return { type: 'number' };
  if (flags & ts.TypeFlags.BigIntLike) return { type: 'integer' };
  if (flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
  if (type.isUnion()) return convertUnion(conversion, type.types, outer);
  if (flags & ts.TypeFlags.TypeParameter) {
    const constraint = checker.getBaseConstraintOfType(type);
    return constraint === undefined || constraint === type ? {} : convert(conversion, constraint, outer);
  }
  if (type.isIntersection()) {
    // `string & { __brand: 'OrderId' }`
    const primitive = type.types.find((part) => (part.flags & ts.TypeFlags.Object) === 0);
    if (primitive !== undefined) return convert(conversion, primitive, outer);
  }
  return convertObject(conversion, type, outer);
}

function convertUnion(
  conversion: Conversion,
  types: readonly ts.Type[],
  outer: readonly ts.Type[],
): JsonSchema {
  const defined = types.filter(
    (type) => (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) === 0 && !isError(type),
  );
  return anyOf(defined.map((type) => convert(conversion, type, outer)));
}

/** A refusal among the answers. */
function isError(type: ts.Type): boolean {
  return ['name', 'message', 'stack'].every((name) => type.getProperty(name) !== undefined);
}

function convertObject(conversion: Conversion, type: ts.Type, outer: readonly ts.Type[]): JsonSchema {
  const { checker } = conversion;
  const name = type.symbol?.name;
  if (name === 'Date') return { type: 'string', format: 'date-time' };
  if (name === 'Promise') {
    const awaited = checker.getAwaitedType(type);
    return awaited === undefined || awaited === type ? {} : convert(conversion, awaited, outer);
  }
  if (name === 'Buffer' || name === 'Uint8Array') return { type: 'string' };
  if (checker.isTupleType(type) || checker.isArrayType(type)) {
    // `type Json = string | Json[]`
    if (outer.includes(type) || outer.length >= MAX_NESTING) return { type: 'array' };
    const inner = [...outer, type];
    const items = checker
      .getTypeArguments(type as ts.TypeReference)
      .map((item) => convert(conversion, item, inner));
    return items.length === 0 ? { type: 'array' } : { type: 'array', items: anyOf(items) };
  }
  const depth = outer.filter((around) => !checker.isArrayType(around) && !checker.isTupleType(around)).length;
  if (depth >= MAX_DEPTH || outer.includes(type)) return { type: 'object', additionalProperties: true };
  const inner = [...outer, type];
  const serializer = type.getProperty('toJSON');
  if (serializer !== undefined) {
    const [signature] = checker.getTypeOfSymbol(serializer).getCallSignatures();
    const converted = signature === undefined ? {} : convert(conversion, signature.getReturnType(), inner);
    // What models of data access packages say of theirs is `object`; their own columns say more.
    if (isKnown(converted) && (converted.type !== 'object' || converted.properties !== undefined))
      return converted;
  }
  const symbols = checker.getPropertiesOfType(type);
  // Documents, builders, streams and errors of packages: of what they hold, only what the project adds is data.
  if (symbols.some((symbol) => !isOwn(symbol) && isMethod(checker, symbol))) {
    if (!symbols.some((symbol) => isOwn(symbol) && !isMethod(checker, symbol))) return {};
    return convertProperties(
      conversion,
      type,
      inner,
      (symbol) => isOwn(symbol) || ROW_KEYS.test(symbol.name),
    );
  }
  return convertProperties(conversion, type, inner);
}

function convertProperties(
  conversion: Conversion,
  type: ts.Type,
  outer: readonly ts.Type[],
  isWanted: (symbol: ts.Symbol) => boolean = () => true,
): JsonSchema {
  const { checker, readTypeNode } = conversion;
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const symbol of checker.getPropertiesOfType(type)) {
    // Methods, of which a model has more than columns, do not count.
    if (Object.keys(properties).length >= MAX_PROPERTIES) break;
    if (/^(?:__@|#|\$)/.test(symbol.name) || isHidden(symbol) || !isWanted(symbol)) continue;
    const property = checker.getTypeOfSymbol(symbol);
    if (isFunctionOrSymbol(property) || isNeverSent(property)) continue;
    const isOptional =
      (symbol.flags & ts.SymbolFlags.Optional) !== 0 ||
      (property.isUnion() && property.types.some((part) => part.flags & ts.TypeFlags.Undefined));
    const relation = relationOf(symbol);
    if (relation === 'elsewhere') continue;
    const schema = convert(conversion, property, outer);
    const words = isUnresolved(checker, property) ? declaredType(symbol) : undefined;
    const said = words === undefined ? undefined : readTypeNode?.(words);
    properties[symbol.name] = said !== undefined && isKnown(said) ? said : schema;
    if (!isOptional && relation === null) required.push(symbol.name);
  }
  const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
  const names = Object.keys(properties);
  const rest =
    index === undefined
      ? names.length === 0
        ? { additionalProperties: true }
        : {}
      : { additionalProperties: orAny(convert(conversion, index.type, outer)) };
  return {
    type: 'object',
    ...(names.length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    ...rest,
  };
}

function orAny(schema: JsonSchema): JsonSchema | true {
  return Object.keys(schema).length === 0 ? true : schema;
}

/** What a type becomes that is, or is made of, one that is not there. */
function isUnresolved(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return true;
  const set = checker.getNonNullableType(type);
  if (checker.isArrayType(set)) {
    const [item] = checker.getTypeArguments(set as ts.TypeReference);
    return item !== undefined && isUnresolved(checker, item);
  }
  return (set.flags & ts.TypeFlags.Object) !== 0 && checker.getPropertiesOfType(set).length === 0;
}

const ROW_KEYS = /^(?:_?id|createdAt|updatedAt)$/;

function isMethod(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
}

/** Written in the project, and not in a package. */
function isOwn(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  return declaration !== undefined && !declaration.getSourceFile().fileName.includes('/node_modules/');
}

function declaredType(symbol: ts.Symbol): ts.TypeNode | undefined {
  const declaration = symbol.valueDeclaration;
  const isTyped =
    declaration !== undefined &&
    (ts.isPropertyDeclaration(declaration) || ts.isPropertySignature(declaration));
  return isTyped ? declaration.type : undefined;
}

function decoratorNames(declaration: ts.Declaration): string[] {
  if (!ts.canHaveDecorators(declaration)) return [];
  return (ts.getDecorators(declaration) ?? []).map(({ expression }) =>
    (ts.isCallExpression(expression) ? expression.expression : expression).getText(),
  );
}

const RELATION =
  /^(?:OneToMany|ManyToMany|ManyToOne|OneToOne|HasMany|HasOne|BelongsTo|BelongsToMany|TreeParent|TreeChildren)$/;

/** Relations of an entity are loaded only where a query asks for them, or always where they are eager. */
function relationOf(symbol: ts.Symbol): 'elsewhere' | 'eager' | null {
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined || !decoratorNames(declaration).some((name) => RELATION.test(name)))
    return null;
  return /\beager:\s*true\b/.test(declaration.getText()) ? 'eager' : 'elsewhere';
}

function isHidden(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined) return false;
  if (decoratorNames(declaration).includes('Exclude')) return true;
  // JSON leaves out what a class computes.
  if (ts.isAccessor(declaration) && ts.isClassLike(declaration.parent)) return true;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (ts.getCombinedModifierFlags(declaration) & hidden) !== 0;
}

/** JSON leaves out what is `undefined`. */
export function isNeverSent(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) !== 0;
}

function isFunctionOrSymbol(type: ts.Type): boolean {
  if (type.flags & ts.TypeFlags.ESSymbolLike) return true;
  return type.getCallSignatures().length > 0;
}
