import { ts } from '../project.ts';
import type { JsonSchema } from '../report.ts';
import { isKnown, objectSchema } from '../schemas.ts';
import {
  callsIn,
  enumOf,
  isFalse,
  isTrue,
  methodOf,
  propertiesOf,
  propertyNamed,
  textOf,
  type ModelReader,
  type NamedModel,
} from './columns.ts';

const TYPES: Readonly<Record<string, JsonSchema>> = {
  String: { type: 'string' },
  Number: { type: 'number' },
  Boolean: { type: 'boolean' },
  Bool: { type: 'boolean' },
  Date: { type: 'string', format: 'date-time' },
  ObjectId: { type: 'string' },
  ObjectID: { type: 'string' },
  UUID: { type: 'string', format: 'uuid' },
  Decimal128: { type: 'string' },
  BigInt: { type: 'integer' },
  Int32: { type: 'integer' },
  Buffer: { type: 'string' },
  Mixed: {},
  Object: {},
  Map: { type: 'object', additionalProperties: true },
};
const MAX_DEPTH = 5;

/** `new Schema(…)`, and `mongoose.Schema(…)` as older code has it. */
type Made = ts.NewExpression | ts.CallExpression;

function isSchema(node: ts.Node): node is Made {
  return (ts.isNewExpression(node) || ts.isCallExpression(node)) && methodOf(node) === 'Schema';
}

// https://mongoosejs.com/docs/schematypes.html
const mongoose: ModelReader = {
  sign: /\b(?:new\s+(?:\w+\.)?|mongoose\.)Schema\s*[<(]/,
  read(source) {
    const schemas = new Map<string, Made>();
    const anonymous = new Map<string, Made>();
    const calls = callsIn(source);
    for (const call of calls) {
      if (!isSchema(call)) continue;
      if (ts.isVariableDeclaration(call.parent) && ts.isIdentifier(call.parent.name)) {
        schemas.set(call.parent.name.text, call);
      }
    }
    for (const call of calls) {
      const [name, schema] = call.arguments ?? [];
      const text = textOf(name);
      if (methodOf(call) !== 'model' || text === null || schema === undefined) continue;
      const made = ts.isIdentifier(schema) ? schemas.get(schema.text) : isSchema(schema) ? schema : undefined;
      if (made !== undefined) anonymous.set(text, made);
    }
    const read = ([name, made]: [string, Made]): NamedModel => ({
      name,
      schema: documentOf(made, schemas, 0),
    });
    const named = [...schemas].map(([name, made]): [string, Made] => [name.replace(/_?schema$/i, ''), made]);
    return [...named.filter(([name]) => name !== ''), ...anonymous].map(read);
  },
};

export default mongoose;

function documentOf(made: Made, schemas: ReadonlyMap<string, Made>, depth: number): JsonSchema {
  const [fields, options] = made.arguments ?? [];
  if (fields === undefined || !ts.isObjectLiteralExpression(fields)) return {};
  const { properties = {}, required = [] } = fieldsOf(fields, schemas, depth);
  const stamps = propertyNamed(options, 'timestamps');
  const date: JsonSchema = { type: 'string', format: 'date-time' };
  const dates: Record<string, JsonSchema> =
    stamps === undefined || isFalse(stamps) ? {} : { createdAt: date, updatedAt: date };
  const id: Record<string, JsonSchema> =
    Object.hasOwn(properties, '_id') || isFalse(propertyNamed(options, '_id'))
      ? {}
      : { _id: { type: 'string' } };
  return objectSchema({ ...id, ...properties, ...dates }, [
    ...Object.keys(id),
    ...required,
    ...Object.keys(dates),
  ]);
}

function fieldsOf(
  fields: ts.ObjectLiteralExpression,
  schemas: ReadonlyMap<string, Made>,
  depth: number,
): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, value] of propertiesOf(fields)) {
    const settings = isSettings(value) ? value : undefined;
    properties[name] = fieldSchema(value, schemas, depth);
    const given = propertyNamed(settings, 'required');
    const isRequired = isTrue(given) || (given !== undefined && ts.isArrayLiteralExpression(given));
    // What is never given an own value still has its default; arrays are empty.
    if (
      isRequired ||
      propertyNamed(settings, 'default') !== undefined ||
      ts.isArrayLiteralExpression(value)
    ) {
      required.push(name);
    }
  }
  return objectSchema(properties, required);
}

/** `{ type: String, … }`; a field that is named `type` makes it a nested object. */
function isSettings(node: ts.Expression): node is ts.ObjectLiteralExpression {
  if (!ts.isObjectLiteralExpression(node)) return false;
  const type = propertyNamed(node, 'type');
  return type !== undefined && propertyNamed(type, 'type') === undefined;
}

function fieldSchema(node: ts.Expression, schemas: ReadonlyMap<string, Made>, depth: number): JsonSchema {
  if (depth > MAX_DEPTH) return {};
  if (ts.isArrayLiteralExpression(node)) {
    const [item] = node.elements;
    const items = item === undefined ? {} : fieldSchema(item, schemas, depth + 1);
    return isKnown(items) ? { type: 'array', items } : { type: 'array' };
  }
  if (isSettings(node)) {
    const type = propertyNamed(node, 'type');
    const values = propertyNamed(node, 'enum');
    if (values !== undefined) {
      const listed = propertyNamed(values, 'values') ?? values;
      const schema = type === undefined ? { type: 'string' as const } : fieldSchema(type, schemas, depth + 1);
      return schema.type === 'string' ? enumOf([listed]) : schema;
    }
    return type === undefined ? {} : fieldSchema(type, schemas, depth + 1);
  }
  if (ts.isObjectLiteralExpression(node)) return fieldsOf(node, schemas, depth + 1);
  if (ts.isStringLiteralLike(node)) return TYPES[node.text] ?? {};
  if (isSchema(node)) return documentOf(node, schemas, depth + 1);
  const name = ts.isPropertyAccessExpression(node) ? node.name.text : ts.isIdentifier(node) ? node.text : '';
  const nested = schemas.get(name);
  if (nested !== undefined) return documentOf(nested, schemas, depth + 1);
  return Object.hasOwn(TYPES, name) ? (TYPES[name] ?? {}) : {};
}
