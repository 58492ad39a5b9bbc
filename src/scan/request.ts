import type { HandlerShape } from '../frameworks/framework.ts';
import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import { ANYTHING, hasProperties, isKnown, merge, objectSchema, propertyOf } from './schemas.ts';
import type { Tracer } from './trace.ts';
import type { Value } from './values.ts';
import { schemaOfZod } from './zod-values.ts';

/** What a request must carry: the validated schema if there is one, else the fields that the handler reads. */
export function requestSchema(
  handler: ts.FunctionLikeDeclaration,
  shape: HandlerShape,
  validators: readonly JsonSchema[],
  tracer: Tracer,
): JsonSchema {
  const validated = validators.find(hasProperties);
  if (validated !== undefined) return validated;
  const parts: JsonSchema[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpression(node) && shape.isRequestBody(node, handler)) {
      const typed = tracer.schemaOf(node);
      if (hasProperties(typed)) parts.push(typed);
      else parts.push(...fieldsRead(node));
    }
    ts.forEachChild(node, visit);
  };
  visit(handler);
  return parts.length === 0 ? ANYTHING : merge(parts);
}

/** `const { a, b } = req.body`, `req.body.a` */
function fieldsRead(body: ts.Expression): JsonSchema[] {
  let outer: ts.Node = body.parent;
  while (ts.isParenthesizedExpression(outer) || ts.isAsExpression(outer) || ts.isNonNullExpression(outer)) {
    outer = outer.parent;
  }
  if (ts.isPropertyAccessExpression(outer)) return [objectSchema({ [outer.name.text]: ANYTHING }, [])];
  if (!ts.isVariableDeclaration(outer) || !ts.isObjectBindingPattern(outer.name)) return [];
  const names = outer.name.elements.flatMap((element) => {
    const name = element.propertyName ?? element.name;
    const isNamed =
      element.dotDotDotToken === undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name));
    return isNamed ? [{ name: name.text, schema: defaultSchema(element.initializer) }] : [];
  });
  return [objectSchema(Object.fromEntries(names.map(({ name, schema }) => [name, schema])), [])];
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

/** zod schemas given to the middleware of a route, as the body's or as a whole. */
export function validatorsOf(values: readonly Value[]): JsonSchema[] {
  return values.flatMap((value): JsonSchema[] => {
    switch (value.kind) {
      case 'function':
        return validatorsOf(value.madeFrom);
      case 'list':
        return validatorsOf(value.items);
      case 'object': {
        const body = value.properties.get('body');
        return body === undefined ? [] : validatorsOf([body]);
      }
      case 'external': {
        const schema = schemaOfZod(value);
        if (schema !== null) return [bodyOf(schema)];
        return value.steps.flatMap((step) => (typeof step === 'string' ? [] : validatorsOf(step)));
      }
      default:
        return [];
    }
  });
}

/** `z.object({ body: z.object({ … }), params: … })` describes a whole request. */
function bodyOf(schema: JsonSchema): JsonSchema {
  const names = Object.keys(schema.properties ?? {});
  const isRequest = names.length > 0 && names.every((name) => /^(?:body|params|query|headers)$/.test(name));
  return isRequest ? (schema.properties?.['body'] ?? ANYTHING) : schema;
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
