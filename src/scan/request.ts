import type { HandlerShape } from '../frameworks/framework.ts';
import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { ANYTHING, hasProperties, isKnown, merge, objectSchema, propertyOf } from './schemas.ts';
import type { Tracer } from './tracer.ts';

/** A request is followed through this many functions that it is handed to. */
const MAX_HANDOVERS = 2;

/** What the handler reads of the request's body: its type, else the fields that are read. */
export function bodyRead(
  handler: ts.FunctionLikeDeclaration,
  shape: HandlerShape,
  tracer: Tracer,
  outer: readonly ts.Node[] = [],
): JsonSchema {
  const parts: JsonSchema[] = [];
  const names = new Set<string>();
  const pattern = (node: ts.BindingName, source: string | null): void => {
    if (!ts.isObjectBindingPattern(node)) return;
    for (const element of node.elements) {
      const read = (element.propertyName ?? element.name).getText();
      if (/^(?:body|payload)$/.test(read)) {
        if (ts.isIdentifier(element.name)) names.add(element.name.text);
        else if (ts.isObjectBindingPattern(element.name)) parts.push(...patternFields(element.name, tracer));
      } else if (source === null && read === 'request') pattern(element.name, read);
    }
  };
  for (const parameter of handler.parameters) {
    const named = decoratedField(parameter);
    if (named !== null) parts.push(objectSchema({ [named]: tracer.schemaOfParameter(parameter) }));
  }
  const [request] = handler.parameters;
  if (request !== undefined && (ts.getDecorators(request) ?? []).length === 0) pattern(request.name, null);
  // `req`, `ctx.request`, `await parseRequest(req)`
  const isOfRequest = (node: ts.Expression): boolean =>
    request !== undefined &&
    ts.isIdentifier(request.name) &&
    new RegExp(`(?:^|\\()${request.name.text}\\b`).test(node.getText());
  // `return createToken(request, reply)`
  const isGivenRequest = ({ arguments: [first] }: ts.CallExpression): boolean =>
    request !== undefined &&
    first !== undefined &&
    ts.isIdentifier(request.name) &&
    ts.isIdentifier(first) &&
    first.text === request.name.text;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && isOfRequest(node.initializer)) {
      pattern(node.name, null);
    }
    const isAlias = ts.isIdentifier(node) && names.has(node.text) && !ts.isBindingElement(node.parent);
    if (ts.isExpression(node) && (isAlias || shape.isRequestBody(node, handler))) {
      const typed = tracer.schemaOf(node);
      if (hasProperties(typed)) parts.push(typed);
      else parts.push(...fieldsRead(node, tracer));
    }
    if (ts.isCallExpression(node) && isGivenRequest(node)) {
      const called = outer.length < MAX_HANDOVERS ? tracer.calledFunction(node) : null;
      if (called !== null && called !== handler && !outer.includes(called)) {
        const read = bodyRead(called, shape, tracer, [...outer, handler]);
        if (hasProperties(read)) parts.push(read);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(handler);
  return parts.length === 0 ? ANYTHING : merge(parts);
}

/** The fields that are read of the query: `req.query.id`, `const { ids } = ctx.query`, `c.req.query('id')`. */
export function queryRead(handler: ts.FunctionLikeDeclaration, tracer: Tracer): JsonSchema {
  const request = handler.parameters[0]?.name;
  if (request === undefined || !ts.isIdentifier(request)) return ANYTHING;
  const query = new RegExp(`^${request.text}(?:\\.req|\\.request)?\\.query$`);
  const parts: JsonSchema[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && query.test(node.getText())) {
      const [name] =
        ts.isCallExpression(node.parent) && node.parent.expression === node ? node.parent.arguments : [];
      if (name !== undefined && ts.isStringLiteralLike(name)) {
        parts.push(objectSchema({ [name.text]: { type: 'string' } }, []));
      } else parts.push(...fieldsRead(node, tracer));
    }
    ts.forEachChild(node, visit);
  };
  visit(handler);
  return parts.length === 0 ? ANYTHING : merge(parts);
}

/** `@Body('displayName') name: string` */
function decoratedField(parameter: ts.ParameterDeclaration): string | null {
  for (const { expression } of ts.getDecorators(parameter) ?? []) {
    if (!ts.isCallExpression(expression) || !/^Body(?:Param)?$/.test(expression.expression.getText()))
      continue;
    const [name] = expression.arguments;
    if (name !== undefined && ts.isStringLiteralLike(name)) return name.text;
  }
  return null;
}

/** `const { a, b } = req.body`, `req.body.a`, `const body = req.body; body.a`, `save(req.body)` */
function fieldsRead(body: ts.Expression, tracer: Tracer): JsonSchema[] {
  let node: ts.Node = body;
  let outer: ts.Node = body.parent;
  while (
    ts.isParenthesizedExpression(outer) ||
    ts.isAwaitExpression(outer) ||
    ts.isNonNullExpression(outer) ||
    (ts.isBinaryExpression(outer) && outer.left === node)
  ) {
    node = outer;
    outer = outer.parent;
  }
  if (ts.isAsExpression(outer) || ts.isTypeAssertionExpression(outer)) {
    const typed = tracer.schemaOf(outer);
    return hasProperties(typed) ? [typed] : fieldsRead(outer, tracer);
  }
  if (ts.isPropertyAccessExpression(outer)) {
    return outer.expression === node ? fieldNamed(outer, tracer) : [];
  }
  if (ts.isCallExpression(outer)) return fieldsReadBy(outer, node, tracer);
  if (ts.isVariableDeclaration(outer)) {
    if (ts.isObjectBindingPattern(outer.name)) return patternFields(outer.name, tracer);
    return ts.isIdentifier(outer.name) ? membersRead(outer.name, enclosingFunction(outer), tracer) : [];
  }
  return [];
}

/** What a function of the project reads of the body that it is given. */
function fieldsReadBy(call: ts.CallExpression, given: ts.Node, tracer: Tracer): JsonSchema[] {
  const called = tracer.calledFunction(call);
  const name = called?.parameters[call.arguments.findIndex((argument) => argument === given)]?.name;
  if (called === null || name === undefined) return [];
  if (ts.isObjectBindingPattern(name)) return patternFields(name, tracer);
  if (!ts.isIdentifier(name)) return [];
  const typed = tracer.schemaOf(name);
  return hasProperties(typed) ? [typed] : membersRead(name, called, tracer);
}

function patternFields(pattern: ts.ObjectBindingPattern, tracer: Tracer): JsonSchema[] {
  const schemaOf = ({ name, initializer }: ts.BindingElement): JsonSchema => {
    const initial = defaultSchema(initializer);
    return isKnown(initial) || !ts.isIdentifier(name) ? initial : expectedOf(name, tracer);
  };
  const names = pattern.elements.flatMap((element) => {
    const name = element.propertyName ?? element.name;
    const isNamed =
      element.dotDotDotToken === undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name));
    return isNamed ? [{ name: name.text, schema: schemaOf(element) }] : [];
  });
  return [objectSchema(Object.fromEntries(names.map(({ name, schema }) => [name, schema])), [])];
}

/** As what a variable is given on, the first time that this is told. */
function expectedOf(name: ts.Identifier, tracer: Tracer): JsonSchema {
  const search = (node: ts.Node): JsonSchema | undefined => {
    if (ts.isIdentifier(node) && node !== name && node.text === name.text && isGiven(node)) {
      const schema = tracer.expected(node);
      if (isKnown(schema)) return schema;
    }
    return ts.forEachChild(node, search);
  };
  const within = enclosingFunction(name);
  return (within === null ? undefined : search(within)) ?? ANYTHING;
}

function isGiven({ parent }: ts.Identifier): boolean {
  return (
    ts.isCallExpression(parent) || ts.isShorthandPropertyAssignment(parent) || ts.isPropertyAssignment(parent)
  );
}

/** The members that are read of a variable: `body.name`, `const { name } = body`. */
function membersRead(name: ts.Identifier, within: ts.Node | null, tracer: Tracer): JsonSchema[] {
  const fields: JsonSchema[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && isNamed(node.expression, name) && !isCall(node)) {
      fields.push(...fieldNamed(node, tracer));
    }
    if (
      ts.isVariableDeclaration(node) &&
      ts.isObjectBindingPattern(node.name) &&
      node.initializer !== undefined &&
      isNamed(node.initializer, name)
    ) {
      fields.push(...patternFields(node.name, tracer));
    }
    ts.forEachChild(node, visit);
  };
  if (within !== null) visit(within);
  return fields;
}

/** `body.name`, as what it is given to says; a list and a promise have no fields. */
function fieldNamed(node: ts.PropertyAccessExpression, tracer: Tracer): JsonSchema[] {
  const { text } = node.name;
  return /^(?:length|then|catch|finally)$/.test(text)
    ? []
    : [objectSchema({ [text]: tracer.expected(node) }, [])];
}

function isNamed(node: ts.Expression, name: ts.Identifier): boolean {
  return ts.isIdentifier(node) && node.text === name.text;
}

function isCall(node: ts.Expression): boolean {
  return ts.isCallExpression(node.parent) && node.parent.expression === node;
}

function enclosingFunction(node: ts.Node): ts.Node | null {
  let current: ts.Node | undefined = node;
  while (current !== undefined && !ts.isFunctionLike(current)) current = current.parent;
  return current ?? null;
}

function defaultSchema(initializer: ts.Expression | undefined): JsonSchema {
  if (initializer === undefined) return ANYTHING;
  if (ts.isStringLiteralLike(initializer)) return { type: 'string' };
  if (ts.isNumericLiteral(initializer)) return { type: 'number' };
  if (ts.isArrayLiteralExpression(initializer)) return { type: 'array' };
  const { kind } = initializer;
  const isBoolean = kind === ts.SyntaxKind.TrueKeyword || kind === ts.SyntaxKind.FalseKeyword;
  return isBoolean ? { type: 'boolean' } : ANYTHING;
}

/** Path parameters: as the columns that they select by, else as the strings that they are. */
export function parametersSchema(
  path: string,
  table?: JsonSchema,
  handler?: ts.FunctionLikeDeclaration,
): JsonSchema {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  if (names.length === 0) return ANYTHING;
  const columns =
    table === undefined || handler === undefined ? new Map<string, string>() : selecting(handler);
  const schemaOf = (name: string): JsonSchema => {
    const column = table === undefined ? ANYTHING : propertyOf(table, columns.get(name) ?? name);
    return isKnown(column) ? notNull(column) : { type: 'string' };
  };
  return objectSchema(Object.fromEntries(names.map((name) => [name, schemaOf(name)])));
}

function notNull(schema: JsonSchema): JsonSchema {
  const [type, ...others] = [schema.type ?? []].flat().filter((name) => name !== 'null');
  return type === undefined || others.length > 0 ? schema : { ...schema, type };
}

/** The properties that parameters are given as: of `find({ uuid: req.params.id })`, `uuid` for `id`. */
function selecting(handler: ts.FunctionLikeDeclaration): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
      const parameter = /(?:^|[.(+])params\??\.(?<name>\w+)\)?$/.exec(node.initializer.getText())?.groups?.[
        'name'
      ];
      if (parameter !== undefined && !found.has(parameter)) found.set(parameter, node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(handler);
  return found;
}
