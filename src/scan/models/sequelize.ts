import { ts } from '../project.ts';
import type { JsonSchema } from '../report.ts';
import { anyOf, isKnown, objectSchema } from '../schemas.ts';
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
  STRING: { type: 'string' },
  TEXT: { type: 'string' },
  CHAR: { type: 'string' },
  CITEXT: { type: 'string' },
  UUID: { type: 'string', format: 'uuid' },
  INTEGER: { type: 'integer' },
  BIGINT: { type: 'integer' },
  SMALLINT: { type: 'integer' },
  TINYINT: { type: 'integer' },
  MEDIUMINT: { type: 'integer' },
  FLOAT: { type: 'number' },
  REAL: { type: 'number' },
  DOUBLE: { type: 'number' },
  NUMBER: { type: 'number' },
  DECIMAL: { type: 'string' },
  BOOLEAN: { type: 'boolean' },
  DATE: { type: 'string', format: 'date-time' },
  DATEONLY: { type: 'string', format: 'date' },
  TIME: { type: 'string' },
  BLOB: { type: 'string' },
  INET: { type: 'string' },
  JSON: {},
  JSONB: {},
  GEOMETRY: {},
  VECTOR: {},
};
const DATA_TYPE = /\b(?:DataTypes?|Sequelize|Types?|sequelize)\s*\.\s*[A-Z]{3,}\b/;

// https://sequelize.org/docs/v6/core-concepts/model-basics/
const sequelize: ModelReader = {
  sign: DATA_TYPE,
  read(source) {
    const models: NamedModel[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isObjectLiteralExpression(node) && isColumns(node)) {
        const name = nameOf(node, source);
        if (name !== null) models.push({ name, schema: rowOf(node, optionsOf(node)) });
        return;
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return isMigration(source) ? [] : models;
  },
};

export default sequelize;

/** `up` and `down` describe steps, and the models say what came of them. */
function isMigration(source: ts.SourceFile): boolean {
  return (
    /\b(?:queryInterface|QueryInterface)\b/.test(source.text) ||
    callsIn(source).some((call) => methodOf(call) === 'createTable')
  );
}

/** At least one column is `DataTypes.X` or `{ type: DataTypes.X }`. */
function isColumns(node: ts.ObjectLiteralExpression): boolean {
  return propertiesOf(node).some(([, value]) => {
    const type = propertyNamed(value, 'type') ?? value;
    return dataType(type) !== null;
  });
}

/** `define('Order', {…})`, `Order.init({…})`, `class Order { static columns = {…} }`, `{ name: 'Order', schema: {…} }` */
function nameOf(columns: ts.ObjectLiteralExpression, source: ts.SourceFile): string | null {
  const { parent } = columns;
  if (ts.isCallExpression(parent)) {
    const callee = parent.expression;
    if (methodOf(parent) === 'define') return textOf(parent.arguments[0]);
    if (methodOf(parent) === 'init' && ts.isPropertyAccessExpression(callee)) {
      const modelName = textOf(propertyNamed(parent.arguments[1], 'modelName'));
      if (modelName !== null) return modelName;
      if (ts.isIdentifier(callee.expression)) return callee.expression.text;
      for (let outer: ts.Node = parent; outer !== undefined; outer = outer.parent) {
        if (ts.isClassLike(outer) && outer.name !== undefined) return outer.name.text;
      }
    }
    return null;
  }
  if (ts.isPropertyAssignment(parent) && ts.isObjectLiteralExpression(parent.parent)) {
    const given = propertyNamed(parent.parent, 'name') ?? propertyNamed(parent.parent, 'modelName');
    return textOf(given);
  }
  // `const attributes = {…}; Order.init(attributes, …)`
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) {
    const variable = parent.name.text;
    const using = callsIn(source).find((call) =>
      call.arguments?.some((argument) => ts.isIdentifier(argument) && argument.text === variable),
    );
    if (using === undefined) return null;
    if (methodOf(using) === 'define') return textOf(using.arguments?.[0]);
    const callee = using.expression;
    return ts.isPropertyAccessExpression(callee) && ts.isIdentifier(callee.expression)
      ? callee.expression.text
      : null;
  }
  return null;
}

function optionsOf(columns: ts.ObjectLiteralExpression): ts.Expression | undefined {
  const { parent } = columns;
  if (!ts.isCallExpression(parent)) {
    const owner = ts.isPropertyAssignment(parent) ? parent.parent : undefined;
    return owner !== undefined && ts.isObjectLiteralExpression(owner)
      ? propertyNamed(owner, 'options')
      : undefined;
  }
  return parent.arguments[parent.arguments.indexOf(columns) + 1];
}

function rowOf(columns: ts.ObjectLiteralExpression, options: ts.Expression | undefined): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  let hasKey = false;
  for (const [name, value] of propertiesOf(columns)) {
    const settings = ts.isObjectLiteralExpression(value) ? value : undefined;
    const type = dataType(propertyNamed(settings, 'type') ?? value);
    const isKey = isTrue(propertyNamed(settings, 'primaryKey'));
    hasKey ||= isKey;
    if (type === null || (settings !== undefined && /VIRTUAL\b/.test(type.getText()))) continue;
    const schema = schemaOf(type, propertyNamed(settings, 'values'));
    // A getter may make anything of it.
    const isComputed = settings?.properties.some((property) => property.name?.getText() === 'get') === true;
    const isSet = isKey || isFalse(propertyNamed(settings, 'allowNull'));
    properties[name] = isComputed
      ? {}
      : isSet || !isKnown(schema)
        ? schema
        : anyOf([schema, { type: 'null' }]);
  }
  const id: Record<string, JsonSchema> =
    hasKey || Object.hasOwn(properties, 'id') ? {} : { id: { type: 'integer' } };
  const date: JsonSchema = { type: 'string', format: 'date-time' };
  const stamps = isFalse(propertyNamed(options, 'timestamps'))
    ? {}
    : isTrue(propertyNamed(options, 'underscored')) &&
        Object.keys(properties).some((name) => name.includes('_'))
      ? { created_at: date, updated_at: date }
      : { createdAt: date, updatedAt: date };
  return objectSchema({ ...id, ...properties, ...stamps });
}

/** The `DataTypes.X` in an expression, with its arguments where it has any. */
function dataType(node: ts.Expression): ts.Expression | null {
  const plain = ts.isCallExpression(node) || ts.isNewExpression(node) ? node.expression : node;
  const isType =
    ts.isPropertyAccessExpression(plain) &&
    ts.isIdentifier(plain.expression) &&
    (Object.hasOwn(TYPES, plain.name.text) || /^(?:ENUM|ARRAY|VIRTUAL|RANGE)$/.test(plain.name.text));
  return isType ? node : null;
}

function schemaOf(node: ts.Expression, values: ts.Expression | undefined): JsonSchema {
  const call = ts.isCallExpression(node) || ts.isNewExpression(node) ? node : null;
  const plain = call?.expression ?? node;
  const name = ts.isPropertyAccessExpression(plain) ? plain.name.text : '';
  const args = [...(call?.arguments ?? [])];
  if (name === 'ENUM') return enumOf(args.length > 0 ? args : values === undefined ? [] : [values]);
  if (name === 'ARRAY') {
    const [item] = args;
    return item === undefined ? { type: 'array' } : { type: 'array', items: schemaOf(item, undefined) };
  }
  return Object.hasOwn(TYPES, name) ? (TYPES[name] ?? {}) : {};
}
