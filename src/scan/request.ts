import type { HandlerShape } from '../frameworks/framework.ts';
import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { ANYTHING, hasProperties, isKnown, merge, objectSchema, propertyOf } from './schemas.ts';
import type { Tracer } from './trace.ts';

/** What the handler reads of the request's body: its type, else the fields that are read. */
export function bodyRead(
  handler: ts.FunctionLikeDeclaration,
  shape: HandlerShape,
  tracer: Tracer,
): JsonSchema {
  const parts: JsonSchema[] = [];
  const names = new Set<string>();
  const pattern = (node: ts.BindingName, source: string | null): void => {
    if (!ts.isObjectBindingPattern(node)) return;
    for (const element of node.elements) {
      const read = (element.propertyName ?? element.name).getText();
      if (/^(?:body|payload)$/.test(read)) {
        if (ts.isIdentifier(element.name)) names.add(element.name.text);
        else if (ts.isObjectBindingPattern(element.name)) parts.push(...patternFields(element.name));
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
    return outer.expression === node ? [objectSchema({ [outer.name.text]: ANYTHING }, [])] : [];
  }
  if (ts.isCallExpression(outer)) return fieldsReadBy(outer, node, tracer);
  if (ts.isVariableDeclaration(outer)) {
    if (ts.isObjectBindingPattern(outer.name)) return patternFields(outer.name);
    return ts.isIdentifier(outer.name) ? membersRead(outer.name, enclosingFunction(outer)) : [];
  }
  return [];
}

/** What a function of the project reads of the body that it is given. */
function fieldsReadBy(call: ts.CallExpression, given: ts.Node, tracer: Tracer): JsonSchema[] {
  const called = tracer.calledFunction(call);
  const name = called?.parameters[call.arguments.findIndex((argument) => argument === given)]?.name;
  if (called === null || name === undefined) return [];
  if (ts.isObjectBindingPattern(name)) return patternFields(name);
  if (!ts.isIdentifier(name)) return [];
  const typed = tracer.schemaOf(name);
  return hasProperties(typed) ? [typed] : membersRead(name, called);
}

function patternFields(pattern: ts.ObjectBindingPattern): JsonSchema[] {
  const names = pattern.elements.flatMap((element) => {
    const name = element.propertyName ?? element.name;
    const isNamed =
      element.dotDotDotToken === undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name));
    return isNamed ? [{ name: name.text, schema: defaultSchema(element.initializer) }] : [];
  });
  return [objectSchema(Object.fromEntries(names.map(({ name, schema }) => [name, schema])), [])];
}

/** The members that are read of a variable: `body.name`, `const { name } = body`. */
function membersRead(name: ts.Identifier, within: ts.Node | null): JsonSchema[] {
  const fields: JsonSchema[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && isNamed(node.expression, name) && !isCall(node)) {
      fields.push(objectSchema({ [node.name.text]: ANYTHING }, []));
    }
    if (
      ts.isVariableDeclaration(node) &&
      ts.isObjectBindingPattern(node.name) &&
      node.initializer !== undefined &&
      isNamed(node.initializer, name)
    ) {
      fields.push(...patternFields(node.name));
    }
    ts.forEachChild(node, visit);
  };
  if (within !== null) visit(within);
  return fields;
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

/** Path parameters: as the columns of that name in the table they select from, else as the strings that they are. */
export function parametersSchema(path: string, table: JsonSchema | undefined): JsonSchema {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  if (names.length === 0) return ANYTHING;
  const schemaOf = (name: string): JsonSchema => {
    const column = table === undefined ? ANYTHING : propertyOf(table, name);
    return isKnown(column) ? column : { type: 'string' };
  };
  return objectSchema(Object.fromEntries(names.map((name) => [name, schemaOf(name)])));
}
