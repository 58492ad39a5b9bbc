import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import type { Inquiry } from './inquiry.ts';
import { ANYTHING, hasProperties, isKnown, objectSchema } from './schemas.ts';
import { isData, stepsOf } from './value-schemas/library.ts';
import type { SchemaReader } from './value-schemas/index.ts';
import type { ExternalValue, FunctionValue, Value } from './values.ts';

/** Parts of a request, as validators name them. */
const PART =
  /^(?:body|payload|json|form|data|params?|query|querystring|headers?|cookies?|files?|session|url)$/i;
const BODY_PART = /^(?:body|payload|json|form|data)$/i;

/** The schemas that the middleware of a route checks the body against. */
export function validatorsOf(values: readonly Value[], reader: SchemaReader): JsonSchema[] {
  const flat = values.flatMap((value) => (value.kind === 'list' ? value.items : [value]));
  const fields = checkedFields(flat);
  const others = flat.flatMap((value) => validatorsIn(value, reader));
  return fields === null ? others : [fields, ...others];
}

function validatorsIn(value: Value, reader: SchemaReader): JsonSchema[] {
  switch (value.kind) {
    case 'function':
      return checkedBy(value.madeFrom, reader);
    case 'list':
      return validatorsOf(value.items, reader);
    case 'object':
      return partsOf(value.properties, reader);
    case 'union':
      return validatorsOf(value.options, reader);
    case 'class':
      return [reader.schemaOf(value)];
    case 'external': {
      if (isData(value) || fieldOf(value).length > 0) return [];
      const schema = reader.schemaOf(value);
      const calls = value.steps.filter((step) => typeof step !== 'string');
      // `zValidator('query', schema)` is of another part.
      if (calls.some((args) => isOfOtherPart(args))) return [];
      return hasProperties(schema) ? [bodyOf(schema)] : calls.flatMap((args) => checkedBy(args, reader));
    }
    default:
      return [];
  }
}

function checkedBy(args: readonly Value[], reader: SchemaReader): JsonSchema[] {
  if (isOfOtherPart(args)) return [];
  return args.flatMap((arg) =>
    arg.kind === 'function' && arg.madeFrom.length === 0 ? [] : validatorsOf([arg], reader),
  );
}

function isOfOtherPart(args: readonly Value[]): boolean {
  return args.some(
    (arg) =>
      arg.kind === 'literal' &&
      typeof arg.value === 'string' &&
      PART.test(arg.value) &&
      !BODY_PART.test(arg.value),
  );
}

/** `{ body: schema, params: schema }`, or a schema that is an object literal itself. */
function partsOf(properties: ReadonlyMap<string, Value>, reader: SchemaReader): JsonSchema[] {
  const names = [...properties.keys()];
  const body = names.find((name) => BODY_PART.test(name));
  if (body !== undefined && !names.includes('properties')) {
    const schema = reader.schemaOf(properties.get(body));
    return hasProperties(schema) ? [schema] : [];
  }
  if (names.length > 0 && names.every((name) => PART.test(name))) return [];
  const whole = reader.schemaOf({
    kind: 'object',
    properties: new Map(properties),
    class: null,
    isOpen: false,
  });
  if (hasProperties(whole)) return [bodyOf(whole)];
  // `validate({ schema })`, `{ preHandler: [validateBody(schema)] }`
  const named = names.filter((name) => /schema|valid|dto|pre_?handler|type/i.test(name));
  return named.flatMap((name) =>
    validatorsOf([properties.get(name) ?? { kind: 'unknown', text: name }], reader),
  );
}

/** `z.object({ body: z.object({ … }), params: … })` describes a whole request. */
function bodyOf(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema.properties ?? {});
  const isRequest = entries.length > 0 && entries.every(([name]) => PART.test(name));
  if (!isRequest) return schema;
  const body = entries.find(([name, part]) => BODY_PART.test(name) && hasProperties(part));
  if (body !== undefined) return body[1];
  return entries.some(([, part]) => hasProperties(part)) || entries.length > 1 ? ANYTHING : schema;
}

/** express-validator's `body('email').isEmail()`, alone or in a list; null where there is none. */
function checkedFields(values: readonly Value[]): JsonSchema | null {
  const fields = values.flatMap((value) => (value.kind === 'external' ? fieldOf(value) : []));
  if (fields.length === 0) return null;
  const properties = Object.fromEntries(fields.map(({ name, schema }) => [name, schema]));
  return objectSchema(
    properties,
    fields.filter((field) => !field.isOptional).map(({ name }) => name),
  );
}

function fieldOf(value: ExternalValue): { name: string; schema: JsonSchema; isOptional: boolean }[] {
  if (value.from !== 'express-validator') return [];
  const [base, ...rest] = stepsOf(value);
  if (base === undefined || !/^(?:body|check)$/.test(base.name)) return [];
  const [first] = base.args;
  const names = first?.kind === 'list' ? first.items : first === undefined ? [] : [first];
  const steps = rest.map((step) => step.name);
  const isOptional = steps.includes('optional');
  const schema = fieldSchema(steps);
  return names.flatMap((name) =>
    name.kind === 'literal' && typeof name.value === 'string' && /^\w+$/.test(name.value)
      ? [{ name: name.value, schema, isOptional }]
      : [],
  );
}

function fieldSchema(steps: readonly string[]): JsonSchema {
  if (steps.includes('isEmail')) return { type: 'string', format: 'email' };
  if (steps.includes('isUUID')) return { type: 'string', format: 'uuid' };
  if (steps.includes('isISO8601') || steps.includes('isDate')) return { type: 'string', format: 'date-time' };
  if (steps.includes('isInt')) return { type: 'integer' };
  if (steps.some((step) => /^(?:isNumeric|isFloat|isDecimal|toFloat)$/.test(step))) return { type: 'number' };
  if (steps.includes('isBoolean')) return { type: 'boolean' };
  if (steps.includes('isArray')) return { type: 'array' };
  if (steps.includes('isObject')) return { type: 'object' };
  return steps.some((step) =>
    /^(?:isString|isLength|trim|escape|isURL|isAlpha\w*|isStrongPassword|isMongoId|isMobilePhone)$/.test(
      step,
    ),
  )
    ? { type: 'string' }
    : ANYTHING;
}

const CHECKS =
  /^(?:parse|safeParse|parseAsync|safeParseAsync|validate|validateAsync|validateSync|assert|attempt|check|cast|create|decode)$/;

/** The schemas that the handler itself checks the body against: `schema.parse(req.body)`, `readBody(req, schema)`. */
export function checkedInside(
  handler: FunctionValue,
  isRequest: (text: string) => boolean,
  inquiry: Inquiry,
  reader: SchemaReader,
): JsonSchema[] {
  const found: JsonSchema[] = [];
  /** `request.json().then((data) => schema.parse(data))` */
  const awaited = new Set<string>();
  const schemaOf = (node: ts.Expression): JsonSchema => {
    const value = inquiry.valueIn(node, handler.node, handler.scope);
    const [schema = ANYTHING] = value.kind === 'class' ? [ANYTHING] : validatorsOf([value], reader);
    return schema;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const { expression: callee, arguments: args } = node;
      const given = awaitedName(node, isRequest);
      if (given !== null) awaited.add(given);
      const mentionsRequest = args.some((arg) => isRequest(arg.getText()) || awaited.has(arg.getText()));
      if (mentionsRequest && args.length <= 4) {
        if (ts.isPropertyAccessExpression(callee) && CHECKS.test(callee.name.text)) {
          const schema = schemaOf(callee.expression);
          if (hasProperties(schema)) found.push(schema);
        }
        for (const arg of args) {
          if (!mayBeSchema(arg)) continue;
          const schema = schemaOf(arg);
          if (isKnown(schema) && hasProperties(schema)) found.push(schema);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(handler.node);
  return found;
}

/** What the callback of a promise of the request calls it. */
function awaitedName(
  { expression: callee, arguments: [callback] }: ts.CallExpression,
  isRequest: (text: string) => boolean,
): string | null {
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'then') return null;
  if (callback === undefined || !ts.isArrowFunction(callback) || !isRequest(callee.expression.getText())) {
    return null;
  }
  const name = callback.parameters[0]?.name;
  return name !== undefined && ts.isIdentifier(name) ? name.text : null;
}

/** Names and members; an object literal only with a `schema` in it. */
function mayBeSchema(node: ts.Expression): boolean {
  if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) return true;
  return (
    ts.isObjectLiteralExpression(node) &&
    node.properties.some((property) => /^(?:schema|body)$/.test(property.name?.getText() ?? ''))
  );
}
