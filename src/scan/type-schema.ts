import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { anyOf } from './schemas.ts';

/** Deeper objects are left open: events are no object graphs. */
const MAX_DEPTH = 6;
/** Arrays within arrays count only here. */
const MAX_NESTING = 4 * MAX_DEPTH;
const MAX_PROPERTIES = 120;

/** JSON Schema of the JSON that a value of a type becomes; `{}` where nothing is known. */
export function schemaOfType(checker: ts.TypeChecker, type: ts.Type): JsonSchema {
  return convert(checker, type, []);
}

function convert(checker: ts.TypeChecker, type: ts.Type, outer: readonly ts.Type[]): JsonSchema {
  const { flags } = type;
  if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never)) return {};
  if (flags & ts.TypeFlags.Null) return { type: 'null' };
  if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
  if (flags & ts.TypeFlags.BooleanLiteral) return { type: 'boolean' };
  if (flags & ts.TypeFlags.StringLike) return { type: 'string' };
  if (flags & ts.TypeFlags.NumberLike) return { type: 'number' };
  if (flags & ts.TypeFlags.BigIntLike) return { type: 'integer' };
  if (flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
  if (type.isUnion()) return convertUnion(checker, type.types, outer);
  if (flags & ts.TypeFlags.TypeParameter) {
    const constraint = checker.getBaseConstraintOfType(type);
    return constraint === undefined || constraint === type ? {} : convert(checker, constraint, outer);
  }
  if (type.isIntersection()) {
    // `string & { __brand: 'OrderId' }`
    const primitive = type.types.find((part) => (part.flags & ts.TypeFlags.Object) === 0);
    if (primitive !== undefined) return convert(checker, primitive, outer);
  }
  return convertObject(checker, type, outer);
}

function convertUnion(
  checker: ts.TypeChecker,
  types: readonly ts.Type[],
  outer: readonly ts.Type[],
): JsonSchema {
  const defined = types.filter((type) => (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) === 0);
  return anyOf(defined.map((type) => convert(checker, type, outer)));
}

function convertObject(checker: ts.TypeChecker, type: ts.Type, outer: readonly ts.Type[]): JsonSchema {
  const name = type.symbol?.name;
  if (name === 'Date') return { type: 'string', format: 'date-time' };
  if (name === 'Promise') {
    const awaited = checker.getAwaitedType(type);
    return awaited === undefined || awaited === type ? {} : convert(checker, awaited, outer);
  }
  if (name === 'Buffer' || name === 'Uint8Array') return { type: 'string' };
  if (checker.isTupleType(type) || checker.isArrayType(type)) {
    // `type Json = string | Json[]`
    if (outer.includes(type) || outer.length >= MAX_NESTING) return { type: 'array' };
    const inner = [...outer, type];
    const items = checker
      .getTypeArguments(type as ts.TypeReference)
      .map((item) => convert(checker, item, inner));
    return items.length === 0 ? { type: 'array' } : { type: 'array', items: anyOf(items) };
  }
  const depth = outer.filter((around) => !checker.isArrayType(around) && !checker.isTupleType(around)).length;
  if (depth >= MAX_DEPTH || outer.includes(type)) return { type: 'object', additionalProperties: true };
  const inner = [...outer, type];
  const serializer = type.getProperty('toJSON');
  if (serializer !== undefined) {
    const [signature] = checker.getTypeOfSymbol(serializer).getCallSignatures();
    if (signature !== undefined) return convert(checker, signature.getReturnType(), inner);
  }
  return convertProperties(checker, type, inner);
}

function convertProperties(checker: ts.TypeChecker, type: ts.Type, outer: readonly ts.Type[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const symbol of checker.getPropertiesOfType(type).slice(0, MAX_PROPERTIES)) {
    if (/^(?:__@|#|\$)/.test(symbol.name) || isHidden(symbol)) continue;
    const property = checker.getTypeOfSymbol(symbol);
    if (isFunctionOrSymbol(property) || isNeverSent(property)) continue;
    const isOptional =
      (symbol.flags & ts.SymbolFlags.Optional) !== 0 ||
      (property.isUnion() && property.types.some((part) => part.flags & ts.TypeFlags.Undefined));
    properties[symbol.name] = convert(checker, property, outer);
    if (!isOptional) required.push(symbol.name);
  }
  const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
  const names = Object.keys(properties);
  const rest =
    index === undefined
      ? names.length === 0
        ? { additionalProperties: true }
        : {}
      : { additionalProperties: orAny(convert(checker, index.type, outer)) };
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

function isHidden(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined) return false;
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
