import { ts, type TypedView } from './project.ts';
import type { JsonSchema } from './report.ts';
import { queryResult, selected, type Entities } from './rows.ts';
import {
  ANYTHING,
  fillGaps,
  hasGaps,
  hasProperties,
  isKnown,
  itemOf,
  merge,
  mostTelling,
  objectSchema,
  propertyOf,
  withNullsOf,
  without,
  withoutConst,
} from './schemas.ts';
import { withLaterMembers } from './later-members.ts';
import { createModelCalls } from './model-calls.ts';
import { assignmentsTo, boundName, functionCalled, isHollow, returnsOf } from './origins.ts';
import type { Tracer } from './tracer.ts';
import { isNeverSent, schemaOfType } from './type-schema.ts';
import { createTypeNodeReader } from './type-nodes.ts';
import type { Inquiry } from './inquiry.ts';
import type { SchemaReader } from './value-schemas/index.ts';

const MAX_CALLS = 5;
/** Methods that give back what they are called on, as far as JSON goes. */
const SAME_VALUE = new Set([
  'toJSON',
  'toObject',
  'lean',
  'exec',
  'filter',
  'sort',
  'reverse',
  'slice',
  'returning',
]);

type Lazy = () => JsonSchema;

/** One call that is followed: what its parameters stand for, and what was found inside so far. */
interface Frame {
  readonly parameters: ReadonlyMap<ts.ParameterDeclaration, Lazy>;
  readonly known: Map<ts.Expression, JsonSchema>;
}

/**
 * Infers schemas from types and, where the types are not there because dependencies are not installed, from where a
 * value comes from: the row type given to a query, the columns of its SQL, the returns of a function for the
 * arguments of a call. Where a type is `any` in places, these are filled from there too.
 */
export function createTracer(
  view: TypedView,
  entities: Entities,
  reader: SchemaReader,
  inquiry: Inquiry,
): Tracer {
  const { checker } = view;
  const typeSchema = (type: ts.Type): JsonSchema => schemaOfType(checker, type, readTypeNode);
  const readTypeNode = createTypeNodeReader({
    checker,
    entities,
    reader,
    inquiry,
    schemaOfType: (type) => typeSchema(type),
  });
  const modelCall = createModelCalls({
    checker,
    entities,
    reader,
    inquiry,
    readTypeNode,
    schemaOfClass: (node) => typeSchema(checker.getTypeAtLocation(node)),
  });
  const open = new Set<ts.Node>();
  let calls = 0;
  let frame: Frame = { parameters: new Map(), known: new Map() };

  const schemaOf = (node: ts.Expression): JsonSchema => {
    const known = frame.known.get(node);
    if (known !== undefined) return known;
    if (open.has(node)) return ANYTHING;
    open.add(node);
    const schema = compute(node);
    open.delete(node);
    if (isKnown(schema)) frame.known.set(node, schema);
    return schema;
  };

  const within = (inner: Frame, run: () => JsonSchema): JsonSchema => {
    const outer = frame;
    frame = inner;
    const schema = run();
    frame = outer;
    return schema;
  };

  const compute = (node: ts.Expression): JsonSchema => {
    if (ts.isParenthesizedExpression(node) || ts.isAwaitExpression(node) || ts.isNonNullExpression(node)) {
      return schemaOf(node.expression);
    }
    if (ts.isObjectLiteralExpression(node)) return objectLiteral(node);
    const settled = settle(typeSchema(checker.getTypeAtLocation(node)), () => trace(node));
    return ts.isIdentifier(node)
      ? withLaterMembers(settled, checker.getSymbolAtLocation(node), schemaOf)
      : settled;
  };

  const settle = (typed: JsonSchema, traced: () => JsonSchema): JsonSchema => {
    if (!isKnown(typed) || isHollow(typed)) {
      const found = traced();
      return isKnown(found) ? found : typed;
    }
    if (view.isNullChecked && !hasGaps(typed)) return typed;
    const origin = traced();
    const filled = fillGaps(typed, origin);
    return view.isNullChecked ? filled : withNullsOf(filled, origin);
  };

  const trace = (node: ts.Expression): JsonSchema => {
    if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return schemaOf(node.expression);
    if (ts.isIdentifier(node)) return origin(checker.getSymbolAtLocation(node));
    if (ts.isPropertyAccessExpression(node)) {
      const owner = schemaOf(node.expression);
      const isCount = owner.type === 'array' && node.name.text === 'length';
      return isCount ? { type: 'number' } : propertyOf(owner, node.name.text);
    }
    if (ts.isElementAccessExpression(node)) {
      const key = node.argumentExpression;
      const owner = schemaOf(node.expression);
      return ts.isStringLiteralLike(key) ? propertyOf(owner, key.text) : itemOf(owner);
    }
    if (ts.isCallExpression(node)) return callResult(node);
    if (ts.isConditionalExpression(node)) return best([node.whenTrue, node.whenFalse]);
    if (ts.isBinaryExpression(node)) {
      const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
      return isAnd ? schemaOf(node.right) : best([node.left, node.right]);
    }
    if (ts.isArrayLiteralExpression(node)) {
      const [first] = node.elements;
      return first === undefined || ts.isSpreadElement(first)
        ? { type: 'array' }
        : { type: 'array', items: schemaOf(first) };
    }
    return ANYTHING;
  };

  const best = (nodes: readonly ts.Expression[]): JsonSchema => mostTelling(nodes.map(schemaOf));

  const objectLiteral = (node: ts.ObjectLiteralExpression): JsonSchema => {
    const parts: JsonSchema[] = [];
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) {
        parts.push(spread(property.expression));
        continue;
      }
      const name = property.name;
      if (ts.isComputedPropertyName(name) || ts.isPrivateIdentifier(name)) continue;
      if (ts.isPropertyAssignment(property) && isNeverSent(checker.getTypeAtLocation(property.initializer))) {
        parts.splice(0, parts.length, without(merge(parts), [name.text]));
      } else if (ts.isPropertyAssignment(property)) {
        parts.push(objectSchema({ [name.text]: withoutConst(schemaOf(property.initializer)) }));
      } else if (ts.isShorthandPropertyAssignment(property)) {
        const typed = typeSchema(checker.getTypeAtLocation(property.name));
        const symbol = checker.getShorthandAssignmentValueSymbol(property);
        const settled = settle(typed, () => origin(symbol));
        parts.push(objectSchema({ [name.text]: withLaterMembers(settled, symbol, schemaOf) }));
      }
    }
    return merge(parts);
  };

  /** `...(image ? { image } : {})` adds properties that may be missing. */
  const spread = (node: ts.Expression): JsonSchema => {
    let inner = node;
    while (ts.isParenthesizedExpression(inner)) inner = inner.expression;
    const isConditional = ts.isConditionalExpression(inner) || ts.isBinaryExpression(inner);
    const schema = isConditional ? trace(inner) : schemaOf(inner);
    if (!hasProperties(schema)) return isConditional ? objectSchema({}) : schema;
    return isConditional ? { ...schema, required: [] } : schema;
  };

  const origin = (symbol: ts.Symbol | undefined): JsonSchema => {
    if (symbol === undefined) return ANYTHING;
    const resolved = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const declaration = resolved.valueDeclaration;
    if (declaration === undefined) return ANYTHING;
    const said = saidBy(declaration);
    // Where nobody checks for null, what a value is made of says more than its type.
    if (view.isNullChecked && hasProperties(said)) return said;
    if (ts.isVariableDeclaration(declaration)) {
      if (declaration.initializer !== undefined) {
        const initial = schemaOf(declaration.initializer);
        if (isKnown(initial)) return initial;
      }
      return isKnown(said) ? said : best(assignmentsTo(declaration));
    }
    if (ts.isParameter(declaration)) {
      const given = frame.parameters.get(declaration)?.() ?? ANYTHING;
      return isKnown(given) ? given : said;
    }
    if (ts.isPropertyDeclaration(declaration) || ts.isPropertySignature(declaration)) return said;
    return ts.isBindingElement(declaration) ? bound(declaration) : ANYTHING;
  };

  /** What the words of its declared type say. */
  const saidBy = (declaration: ts.Declaration): JsonSchema => {
    const isTyped =
      ts.isVariableDeclaration(declaration) ||
      ts.isParameter(declaration) ||
      ts.isPropertyDeclaration(declaration) ||
      ts.isPropertySignature(declaration);
    return isTyped && declaration.type !== undefined ? readTypeNode(declaration.type) : ANYTHING;
  };

  const bound = (element: ts.BindingElement): JsonSchema => {
    const pattern = element.parent;
    const holder = pattern.parent;
    const source = ts.isBindingElement(holder)
      ? bound(holder)
      : ts.isParameter(holder)
        ? (frame.parameters.get(holder)?.() ?? ANYTHING)
        : holder.initializer === undefined
          ? ANYTHING
          : schemaOf(holder.initializer);
    if (ts.isArrayBindingPattern(pattern)) return itemOf(source);
    if (element.dotDotDotToken !== undefined) {
      return without(
        source,
        pattern.elements.filter((other) => other !== element).map((other) => boundName(other)),
      );
    }
    return propertyOf(source, boundName(element));
  };

  const callResult = (call: ts.CallExpression): JsonSchema => {
    const query = queryResult(call, typeArgument(call), entities);
    if (query !== null) return query;
    const { expression } = call;
    const method = ts.isPropertyAccessExpression(expression) ? expression.name.text : null;
    if (method !== null && ts.isPropertyAccessExpression(expression)) {
      if (SAME_VALUE.has(method)) return schemaOf(expression.expression);
      const [first] = call.arguments;
      if (first !== undefined && method === 'all' && expression.expression.getText() === 'Promise') {
        return schemaOf(first);
      }
    }
    const model = modelCall(call);
    if (model !== null && isKnown(model.result)) {
      return model.result.type === 'object' ? selected(model.result, call.arguments[0]) : model.result;
    }
    if (calls >= MAX_CALLS) return ANYTHING;
    calls += 1;
    const called = calledFunction(call);
    const declared = called?.type === undefined ? ANYTHING : readTypeNode(called.type);
    const inCallee =
      view.isNullChecked && hasProperties(declared)
        ? declared
        : called === null
          ? ANYTHING
          : returned(called, argumentsOf(call), declared);
    // `withTransaction(async (client) => …)` gives back what its callback returns.
    const callback = call.arguments.findLast(
      (arg) => ts.isArrowFunction(arg) || ts.isFunctionExpression(arg),
    );
    const result =
      !hasProperties(inCallee) &&
      callback !== undefined &&
      (ts.isArrowFunction(callback) || ts.isFunctionExpression(callback))
        ? returned(callback, [itemsOf(expression)])
        : inCallee;
    calls -= 1;
    return method === 'map' ? { type: 'array', items: result } : isKnown(result) ? result : inCallee;
  };

  const parametersOf = (node: ts.FunctionLikeDeclaration, given: readonly Lazy[]): Frame['parameters'] => {
    const parameters = new Map(frame.parameters);
    node.parameters.forEach((parameter, index) => {
      const argument = given[index];
      if (argument !== undefined && parameter.dotDotDotToken === undefined)
        parameters.set(parameter, argument);
    });
    return parameters;
  };

  const returned = (
    node: ts.FunctionLikeDeclaration,
    given: readonly Lazy[],
    declared: JsonSchema = ANYTHING,
  ): JsonSchema => {
    const parameters = parametersOf(node, given);
    return within({ parameters, known: new Map() }, () => {
      return mostTelling([...returnsOf(node).map(schemaOf), declared]);
    });
  };

  const argumentsOf = (call: ts.CallExpression): Lazy[] => {
    const caller = frame;
    const spread = call.arguments.findIndex((argument) => ts.isSpreadElement(argument));
    const plain = spread === -1 ? call.arguments : call.arguments.slice(0, spread);
    return plain.map((argument) => () => within(caller, () => schemaOf(argument)));
  };

  /** What a callback of `lines.map(…)` is called with. */
  const itemsOf = (callee: ts.Expression): Lazy => {
    const caller = frame;
    if (!ts.isPropertyAccessExpression(callee)) return () => ANYTHING;
    return () => within(caller, () => itemOf(schemaOf(callee.expression)));
  };

  const typeArgument = (call: ts.CallExpression): JsonSchema | null => {
    const [node] = call.typeArguments ?? [];
    return node === undefined ? null : typeSchema(checker.getTypeFromTypeNode(node));
  };

  const calledFunction = (call: ts.CallExpression): ts.FunctionLikeDeclaration | null =>
    functionCalled(checker, call);

  return {
    schemaOf,
    calledFunction,
    modelCall,
    schemaOfTypeNode: readTypeNode,
    schemaOfParameter: (node) => settle(typeSchema(checker.getTypeAtLocation(node)), () => saidBy(node)),
    expected(node) {
      const type = checker.getContextualType(node);
      if (type === undefined) return ANYTHING;
      const schema = withoutConst(typeSchema(checker.getNonNullableType(type)));
      return isHollow(schema) ? ANYTHING : schema;
    },
    declaredReturn: (node) => (node.type === undefined ? ANYTHING : readTypeNode(node.type)),
    within(call, expression) {
      const called = calledFunction(call);
      if (called === null) return ANYTHING;
      const parameters = parametersOf(called, argumentsOf(call));
      return within({ parameters, known: new Map() }, () => schemaOf(expression));
    },
  };
}
