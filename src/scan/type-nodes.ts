import type { Inquiry } from './inquiry.ts';
import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { entityNamed, type Entities } from './rows.ts';
import { anyOf, ANYTHING, hasProperties, isKnown, merge, only, without } from './schemas.ts';
import type { SchemaReader } from './value-schemas/index.ts';

/** What the words of a type say where the checker cannot tell, since a package that it comes from is not there. */
export type ReadTypeNode = (node: ts.TypeNode) => JsonSchema;

interface TypeNodeContext {
  readonly checker: ts.TypeChecker;
  readonly entities: Entities;
  readonly reader: SchemaReader;
  readonly inquiry: Inquiry;
  schemaOfType(type: ts.Type): JsonSchema;
}

/** Types that stand for what they are given, as far as JSON goes. */
const TRANSPARENT =
  /^(?:Promise|PromiseLike|Awaited|Readonly|NonNullable|Required|Ref|Reference|Loaded|EntityDTO|HydratedDocument|Document|LeanDocument|FlattenMaps|WithId|WithTimestamps|DeepReadonly|Simplify|Selectable|Observable|Relation|Wrapper|IdentifiedReference|DocumentType|Attributes|InferAttributes|InstanceType|Serialized|Jsonify)$/;
/** `z.infer<typeof schema>` and its kin. */
const INFERRED =
  /^(?:infer|input|output|TypeOf|Infer|InferOutput|InferInput|InferType|Static|StaticDecode|InferSelectModel|InferInsertModel|InferModel|FromSchema|ExtractType)$/;
const MAX_DEPTH = 8;

export function createTypeNodeReader(context: TypeNodeContext): ReadTypeNode {
  const { checker, entities, reader, inquiry } = context;
  let depth = 0;

  const read: ReadTypeNode = (node) => {
    if (depth > MAX_DEPTH) return ANYTHING;
    depth += 1;
    const schema = compute(node);
    depth -= 1;
    return schema;
  };

  const compute = (node: ts.TypeNode): JsonSchema => {
    if (ts.isParenthesizedTypeNode(node)) return read(node.type);
    if (ts.isArrayTypeNode(node)) return arrayOf(read(node.elementType));
    if (ts.isUnionTypeNode(node)) {
      const parts = node.types.filter((part) => part.kind !== ts.SyntaxKind.UndefinedKeyword);
      return anyOf(parts.map(read));
    }
    if (ts.isIntersectionTypeNode(node)) return merge(node.types.map(read).filter(isKnown));
    if (ts.isTypeQueryNode(node)) return ofValue(node.exprName);
    if (ts.isIndexedAccessTypeNode(node)) {
      // `(typeof orders)['$inferSelect']`
      const inner = ts.isParenthesizedTypeNode(node.objectType) ? node.objectType.type : node.objectType;
      if (ts.isTypeQueryNode(inner) && /infer/.test(node.indexType.getText())) return ofValue(inner.exprName);
    }
    if (ts.isTypeReferenceNode(node)) return ofReference(node);
    if (ts.isExpressionWithTypeArguments(node)) return byChecker(node);
    return byChecker(node);
  };

  const byChecker = (node: ts.TypeNode): JsonSchema =>
    context.schemaOfType(checker.getTypeFromTypeNode(node));

  const ofReference = (node: ts.TypeReferenceNode): JsonSchema => {
    const name = ts.isIdentifier(node.typeName) ? node.typeName.text : node.typeName.right.text;
    const [first, second] = node.typeArguments ?? [];
    if (first !== undefined) {
      if (TRANSPARENT.test(name)) return read(first);
      if (name === 'Array' || name === 'ReadonlyArray' || name === 'Set') return arrayOf(read(first));
      if (INFERRED.test(name)) return ts.isTypeQueryNode(first) ? ofValue(first.exprName) : read(first);
      if (name === 'Partial' || name === 'PartialType') {
        const { required: _required, ...rest } = read(first);
        return rest;
      }
      if (second !== undefined && (name === 'Omit' || name === 'Pick')) {
        const keys = literalsIn(second);
        return name === 'Omit' ? without(read(first), keys) : only(read(first), keys);
      }
    }
    const typed = byChecker(node);
    if (isKnown(typed) && hasProperties(typed)) return typed;
    const found = ofDeclaration(node.typeName);
    if (isKnown(found)) return found;
    return isKnown(typed) && typed.type !== 'object' ? typed : (ofModel(node, name) ?? typed);
  };

  const symbolOf = (name: ts.EntityName): ts.Symbol | undefined => {
    const symbol = checker.getSymbolAtLocation(name);
    return symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias
      ? checker.getAliasedSymbol(symbol)
      : symbol;
  };

  const ofDeclaration = (name: ts.EntityName): JsonSchema => {
    for (const declaration of symbolOf(name)?.declarations ?? []) {
      if (ts.isTypeAliasDeclaration(declaration)) return read(declaration.type);
      if (ts.isInterfaceDeclaration(declaration)) {
        const bases = declaration.heritageClauses?.flatMap((clause) => [...clause.types]) ?? [];
        const inherited = bases.map(ofHeritage).filter(hasProperties);
        const own = context.schemaOfType(checker.getTypeAtLocation(declaration));
        return inherited.length === 0
          ? ANYTHING
          : merge([...inherited, ...(hasProperties(own) ? [own] : [])]);
      }
      if (ts.isClassDeclaration(declaration)) return ofClass(declaration);
    }
    return ANYTHING;
  };

  /** `interface Order extends z.infer<typeof OrderSchema>` */
  const ofHeritage = (node: ts.ExpressionWithTypeArguments): JsonSchema => {
    const name = node.expression.getText().split('.').at(-1) ?? '';
    const [first] = node.typeArguments ?? [];
    if (first === undefined) return byChecker(node);
    if (INFERRED.test(name)) return ts.isTypeQueryNode(first) ? ofValue(first.exprName) : read(first);
    if (name === 'Partial') {
      const { required: _required, ...rest } = read(first);
      return rest;
    }
    return TRANSPARENT.test(name) ? read(first) : byChecker(node);
  };

  /** `class OrderDto extends createZodDto(OrderSchema)` */
  const ofClass = (declaration: ts.ClassDeclaration): JsonSchema => {
    const name = declaration.name?.text;
    if (name === undefined || declaration.heritageClauses === undefined) return ANYTHING;
    return reader.schemaOf(inquiry.topLevel(declaration.getSourceFile().fileName, name));
  };

  const ofValue = (name: ts.EntityName): JsonSchema => {
    // `typeof orders.$inferSelect`
    const value = ts.isQualifiedName(name) && /^\$?_?infer/.test(name.right.text) ? name.left : name;
    const symbol = symbolOf(value);
    const declaration = symbol?.valueDeclaration;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return ANYTHING;
    const found = inquiry.topLevel(declaration.getSourceFile().fileName, declaration.name.getText());
    return reader.schemaOf(found);
  };

  /** `User` of a generated client, which is made from the schema file that lies beside it. */
  const ofModel = (node: ts.TypeReferenceNode, name: string): JsonSchema | null => {
    const symbol = checker.getSymbolAtLocation(node.typeName);
    const [declaration] = symbol?.declarations ?? [];
    const isForeign = declaration === undefined || ts.isImportSpecifier(declaration);
    return isForeign ? (entityNamed(entities, name.replace(/GetPayload$/, '')) ?? null) : null;
  };

  return read;
}

function arrayOf(items: JsonSchema): JsonSchema {
  return isKnown(items) ? { type: 'array', items } : { type: 'array' };
}

function literalsIn(node: ts.TypeNode): string[] {
  const parts = ts.isUnionTypeNode(node) ? [...node.types] : [node];
  return parts.flatMap((part) =>
    ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal) ? [part.literal.text] : [],
  );
}
