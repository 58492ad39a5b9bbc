import { ts } from '../project.ts';
import type { JsonSchema } from '../report.ts';
import { anyOf, isKnown, objectSchema } from '../schemas.ts';
import { callsIn, enumOf, isFalse, methodOf, textOf, type ModelReader, type NamedModel } from './columns.ts';

const TYPES: Readonly<Record<string, JsonSchema>> = {
  increments: { type: 'integer' },
  bigIncrements: { type: 'integer' },
  integer: { type: 'integer' },
  bigInteger: { type: 'integer' },
  bigint: { type: 'integer' },
  tinyint: { type: 'integer' },
  smallint: { type: 'integer' },
  mediumint: { type: 'integer' },
  string: { type: 'string' },
  text: { type: 'string' },
  uuid: { type: 'string', format: 'uuid' },
  float: { type: 'number' },
  double: { type: 'number' },
  decimal: { type: 'number' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  datetime: { type: 'string', format: 'date-time' },
  dateTime: { type: 'string', format: 'date-time' },
  timestamp: { type: 'string', format: 'date-time' },
  time: { type: 'string' },
  binary: { type: 'string' },
  json: {},
  jsonb: {},
  specificType: {},
};

// https://knexjs.org/guide/schema-builder.html
const knex: ModelReader = {
  sign: /\.\s*(?:createTable|createTableIfNotExists|alterTable|table)\s*\(/,
  read(source) {
    return callsIn(source).flatMap((call): NamedModel[] => {
      const method = methodOf(call);
      const isNew = /^createTable(?:IfNotExists)?$/.test(method);
      if (!isNew && !/^(?:alterTable|table)$/.test(method)) return [];
      const [name, build] = call.arguments ?? [];
      const text = textOf(name);
      if (text === null || build === undefined || isUndone(call)) return [];
      if (!ts.isArrowFunction(build) && !ts.isFunctionExpression(build)) return [];
      const parameter = build.parameters[0]?.name.getText() ?? 'this';
      const schema = objectSchema(columnsOf(build, parameter));
      return [{ name: text.split('.').at(-1) ?? text, schema, isAddition: !isNew }];
    });
  },
};

export default knex;

/** `down` takes back what `up` does. */
function isUndone(node: ts.Node): boolean {
  for (let outer: ts.Node | undefined = node; outer !== undefined; outer = outer.parent) {
    if (ts.isFunctionDeclaration(outer) && outer.name?.text === 'down') return true;
    if (ts.isMethodDeclaration(outer) && outer.name.getText() === 'down') return true;
    if (ts.isPropertyAssignment(outer) && outer.name.getText() === 'down') return true;
    if (ts.isBinaryExpression(outer) && outer.left.getText() === 'exports.down') return true;
    if (ts.isVariableDeclaration(outer) && outer.name.getText() === 'down') return true;
  }
  return false;
}

function columnsOf(
  build: ts.ArrowFunction | ts.FunctionExpression,
  table: string,
): Record<string, JsonSchema> {
  const properties: Record<string, JsonSchema> = {};
  for (const call of callsIn(build)) {
    const callee = call.expression;
    if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(callee)) continue;
    if (callee.expression.getText() !== table) continue;
    const type = callee.name.text;
    const [name, second] = call.arguments;
    const chained = chainOf(call);
    if (type === 'timestamps') {
      const names =
        /true/.test(name?.getText() ?? '') && call.arguments.length > 2
          ? ['createdAt', 'updatedAt']
          : ['created_at', 'updated_at'];
      for (const stamp of names) properties[stamp] = { type: 'string', format: 'date-time' };
      continue;
    }
    const column = textOf(name) ?? (/^(?:big)?increments$/i.test(type) ? 'id' : null);
    const isEnum = type === 'enum' || type === 'enu';
    if (column === null || (!isEnum && !Object.hasOwn(TYPES, type))) continue;
    const schema = isEnum ? enumOf(second === undefined ? [] : [second]) : (TYPES[type] ?? {});
    const isSet =
      /^(?:big)?increments$/i.test(type) || chained.some((step) => /^(?:notNullable|primary)$/.test(step));
    properties[column] = isSet || !isKnown(schema) ? schema : anyOf([schema, { type: 'null' }]);
  }
  return properties;
}

/** The methods chained to a call. */
function chainOf(call: ts.CallExpression): string[] {
  const names: string[] = [];
  let current: ts.Node = call.parent;
  while (ts.isPropertyAccessExpression(current)) {
    const outer: ts.Node = current.parent;
    const isOff = ts.isCallExpression(outer) && isFalse(outer.arguments[0]);
    if (!isOff) names.push(current.name.text);
    current = ts.isCallExpression(outer) ? outer.parent : outer;
  }
  return names;
}
