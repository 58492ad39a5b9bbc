import { ts, type TypedView } from './project.ts';
import type { JsonSchema } from './report.ts';
import { rowOfSql, selected, type Entities } from './rows.ts';
import {
  ANYTHING,
  fillGaps,
  hasGaps,
  hasProperties,
  isKnown,
  itemOf,
  merge,
  objectSchema,
  propertyOf,
  withNullsOf,
  without,
  withoutConst,
} from './schemas.ts';
import { isNeverSent, schemaOfType } from './type-schema.ts';

/** How many calls deep a value is followed to where it comes from. */
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

export interface Tracer {
  /** Schema of what an expression evaluates to; `{}` where neither its type nor its origin tells. */
  schemaOf(expression: ts.Expression): JsonSchema;
  /** The function that a call runs, when it is the project's. */
  calledFunction(call: ts.CallExpression): ts.FunctionLikeDeclaration | null;
}

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
export function createTracer(view: TypedView, entities: Entities): Tracer {
  const { checker } = view;
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
    return settle(schemaOfType(checker, checker.getTypeAtLocation(node)), () => trace(node));
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

  const best = (nodes: readonly ts.Expression[]): JsonSchema => {
    const schemas = nodes.map(schemaOf);
    return schemas.find(hasProperties) ?? schemas.find(isKnown) ?? ANYTHING;
  };

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
        const typed = schemaOfType(checker, checker.getTypeAtLocation(property.name));
        const symbol = checker.getShorthandAssignmentValueSymbol(property);
        parts.push(objectSchema({ [name.text]: settle(typed, () => origin(symbol)) }));
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
    if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) {
      return schemaOf(declaration.initializer);
    }
    if (ts.isParameter(declaration)) return frame.parameters.get(declaration)?.() ?? ANYTHING;
    return ts.isBindingElement(declaration) ? bound(declaration) : ANYTHING;
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
    const query = queryResult(call);
    if (query !== null) return query;
    const { expression } = call;
    const method = ts.isPropertyAccessExpression(expression) ? expression.name.text : null;
    if (method !== null && ts.isPropertyAccessExpression(expression)) {
      if (SAME_VALUE.has(method)) return schemaOf(expression.expression);
      const model = modelResult(call, expression);
      if (model !== null) return model;
    }
    if (calls >= MAX_CALLS) return ANYTHING;
    calls += 1;
    const called = calledFunction(call);
    const inCallee = called === null ? ANYTHING : returned(called, argumentsOf(call));
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

  const returned = (node: ts.FunctionLikeDeclaration, given: readonly Lazy[]): JsonSchema => {
    const parameters = new Map(frame.parameters);
    node.parameters.forEach((parameter, index) => {
      const argument = given[index];
      if (argument !== undefined && parameter.dotDotDotToken === undefined)
        parameters.set(parameter, argument);
    });
    return within({ parameters, known: new Map() }, () => {
      const schemas = returnsOf(node).map(schemaOf);
      return schemas.find(hasProperties) ?? schemas.find(isKnown) ?? ANYTHING;
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

  /** `client.query<OrderRow>('insert …')`: rows by their type, else by the columns of the SQL. */
  const queryResult = (call: ts.CallExpression): JsonSchema | null => {
    const { expression } = call;
    if (!ts.isPropertyAccessExpression(expression)) return null;
    const name = expression.name.text;
    const [typeNode] = call.typeArguments ?? [];
    const row =
      typeNode === undefined
        ? rowOfSql(call.arguments[0], entities)
        : schemaOfType(checker, checker.getTypeFromTypeNode(typeNode));
    if (row === null || !isKnown(row)) return null;
    if (name === 'query' || name === 'execute') {
      return objectSchema({ rows: { type: 'array', items: row }, rowCount: { type: 'number' } });
    }
    if (/^(?:one|oneOrNone|queryOne|first|get|\$queryRaw|\$queryRawUnsafe)$/.test(name)) return row;
    return /^(?:any|many|manyOrNone|all)$/.test(name) ? { type: 'array', items: row } : null;
  };

  /** `prisma.order.create({ select })` */
  const modelResult = (call: ts.CallExpression, callee: ts.PropertyAccessExpression): JsonSchema | null => {
    if (
      !/^(?:create|update|upsert|delete|findUnique|findFirst|findUniqueOrThrow|findFirstOrThrow)$/.test(
        callee.name.text,
      )
    ) {
      return null;
    }
    if (!ts.isPropertyAccessExpression(callee.expression)) return null;
    const entity = entities.get(callee.expression.name.text.toLowerCase());
    return entity === undefined ? null : selected(entity, call.arguments[0]);
  };

  const calledFunction = (call: ts.CallExpression): ts.FunctionLikeDeclaration | null => {
    const node = ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression;
    const symbol = checker.getSymbolAtLocation(node);
    if (symbol === undefined) return null;
    const resolved = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    for (const declaration of resolved.declarations ?? []) {
      const found = functionIn(declaration);
      if (found !== null) return found;
    }
    return null;
  };

  return { schemaOf, calledFunction };
}

/** A type that says no more than "object" or "array of anything". */
function isHollow(schema: JsonSchema): boolean {
  if (schema.type === 'array') return schema.items === undefined || !isKnown(schema.items);
  if (schema.type === 'object') return schema.properties === undefined;
  return schema.anyOf?.every(isHollow) ?? false;
}

function boundName(element: ts.BindingElement): string {
  const name = element.propertyName ?? element.name;
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : '';
}

function functionIn(declaration: ts.Declaration): ts.FunctionLikeDeclaration | null {
  if (
    (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) &&
    declaration.body !== undefined
  ) {
    return declaration;
  }
  const initializer =
    ts.isVariableDeclaration(declaration) ||
    ts.isPropertyAssignment(declaration) ||
    ts.isPropertyDeclaration(declaration)
      ? declaration.initializer
      : undefined;
  if (initializer === undefined) return null;
  return ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer) ? initializer : null;
}

/** What a function returns, without what functions inside it return; later returns first. */
function returnsOf(node: ts.FunctionLikeDeclaration): ts.Expression[] {
  const body = 'body' in node ? node.body : undefined;
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child)) return;
    if (ts.isReturnStatement(child) && child.expression !== undefined) found.unshift(child.expression);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}
