import { ts } from '../scan/project.ts';
import type { Program } from './program.ts';
import { nodesIn } from './syntax.ts';
import type { WriteCall } from './writes.ts';

/** What a hook of a model queries by. */
const QUERY =
  /^(?:find\w*|count|sum|max|min|aggregate|create|bulkCreate|upsert|update|destroy|save|increment|decrement|query)$/;

/**
 * A query of a hook that runs with a write and names no transaction: on a connection of its own it does not see the row
 * that a transaction around the write has not committed, and may wait for it.
 */
export function queryOfHook(program: Program, { orm, effect }: WriteCall): ts.CallExpression | null {
  const hooks = orm.hooks?.[effect.verb];
  if (hooks === undefined || !/^\w+$/.test(effect.table)) return null;
  const model = new RegExp(`\\b${effect.table}\\b`);
  for (const source of program.sources) {
    if (!hooks.test(source.text) || !model.test(source.text)) continue;
    for (const node of nodesIn(source, false)) {
      const hook = hookAt(node, hooks);
      const query = hook === null ? undefined : [...nodesIn(hook, false)].find(isQueryOutside);
      if (query !== undefined && ts.isCallExpression(query)) return query;
    }
  }
  return null;
}

/** `afterCreate: async (user) => …`, `afterCreate(user) { … }`, `User.afterCreate(…)`, `User.addHook('afterCreate', …)`, `@AfterCreate static told(user) { … }` */
function hookAt(node: ts.Node, hooks: RegExp): ts.Node | null {
  const isHook = (name: ts.Node | undefined): boolean => name !== undefined && isWhole(hooks, name);
  if (ts.isPropertyAssignment(node)) return isHook(node.name) ? node.initializer : null;
  if (ts.isMethodDeclaration(node)) {
    const decorators = ts.getDecorators(node) ?? [];
    const names = decorators.map(({ expression }) =>
      ts.isCallExpression(expression) ? expression.expression : expression,
    );
    return isHook(node.name) || names.some(isHook) ? node : null;
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const { name } = node.expression;
  return isHook(name) || (name.text === 'addHook' && isHook(node.arguments[0])) ? node : null;
}

function isWhole(hooks: RegExp, name: ts.Node): boolean {
  const text = ts.isStringLiteralLike(name) || ts.isIdentifier(name) ? name.text : '';
  return hooks.exec(text)?.[0] === text;
}

function isQueryOutside(node: ts.Node): boolean {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    QUERY.test(node.expression.name.text) &&
    !/transaction/i.test(node.arguments.map((argument) => argument.getText()).join())
  );
}
