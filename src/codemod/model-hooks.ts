import { ts } from '../scan/project.ts';
import type { Program } from './program.ts';
import { callsIn, isFunctionWithBody, nodesIn, type FunctionWithBody } from './syntax.ts';
import { symbolAt } from './types.ts';
import type { WriteCall } from './writes.ts';

/** What a hook of a model queries by. */
const QUERY =
  /^(?:find\w*|count|sum|max|min|aggregate|create|bulkCreate|upsert|update|destroy|save|increment|decrement|query)$/;

/**
 * A query of a hook that runs with a write and names no transaction: on a connection of its own it does not see the row
 * that a transaction around the write has not committed, and may wait for it.
 */
export function queryOfHook(program: Program, { orm, effect }: WriteCall): ts.CallExpression | null {
  const { table, verb, mayInsert = false } = effect;
  const hooks = [orm.hooks?.[verb], mayInsert ? orm.hooks?.insert : undefined].filter(
    (each) => each !== undefined,
  );
  if (hooks.length === 0 || !/^\w+$/.test(table)) return null;
  const model = new RegExp(`\\b${table}\\b`);
  for (const source of program.sources) {
    if (!hooks.some((each) => each.test(source.text)) || !model.test(source.text)) continue;
    for (const node of nodesIn(source, false)) {
      const hook = hooks.map((each) => hookAt(program, node, each, table)).find((found) => found !== null);
      const query =
        hook == null ? undefined : callsIn(hook, false).find((call) => isQueryOutside(call, hook));
      if (query !== undefined) return query;
    }
  }
  return null;
}

/** `afterCreate: async (user) => …`, `afterCreate(user) { … }`, `User.afterCreate(…)`, `User.addHook('afterCreate', …)`, `@AfterCreate static told(user) { … }` */
function hookAt(program: Program, node: ts.Node, hooks: RegExp, table: string): FunctionWithBody | null {
  const isHook = (name: ts.Node | undefined): boolean => name !== undefined && isWhole(hooks, name);
  if (ts.isPropertyAssignment(node)) return isHook(node.name) ? functionOf(program, node.initializer) : null;
  if (ts.isMethodDeclaration(node)) {
    const decorators = ts.getDecorators(node) ?? [];
    const names = decorators.map(({ expression }) =>
      ts.isCallExpression(expression) ? expression.expression : expression,
    );
    const isOther = ts.isClassDeclaration(node.parent) && node.parent.name?.text !== table;
    return (isHook(node.name) || names.some(isHook)) && !isOther && isFunctionWithBody(node) ? node : null;
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const { name, expression: owner } = node.expression;
  const isCalled = isHook(name) || (name.text === 'addHook' && isHook(node.arguments[0]));
  const work = node.arguments.at(-1);
  const isOfTable = owner.getText().split('.').at(-1) === table;
  return isCalled && isOfTable && work !== undefined ? functionOf(program, work) : null;
}

function functionOf({ checker }: Program, node: ts.Expression): FunctionWithBody | null {
  if (isFunctionWithBody(node)) return node;
  const declaration = symbolAt(checker, node)?.valueDeclaration;
  if (declaration === undefined) return null;
  const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
  return value !== undefined && isFunctionWithBody(value) ? value : null;
}

function isWhole(hooks: RegExp, name: ts.Node): boolean {
  const text = ts.isStringLiteralLike(name) || ts.isIdentifier(name) ? name.text : '';
  return hooks.exec(text)?.[0] === text;
}

/** On a model, or on the row that the hook is about, without what the hook is given the transaction in. */
function isQueryOutside(
  { expression, arguments: given }: ts.CallExpression,
  hook: FunctionWithBody,
): boolean {
  if (!ts.isPropertyAccessExpression(expression) || !QUERY.test(expression.name.text)) return false;
  const [row, options] = hook.parameters.map(({ name }) => name.getText());
  const owner = expression.expression.getText();
  const isModel =
    /(?:^|\.)[A-Z]\w*$/.test(owner) && !/^(?:Math|Object|Array|JSON|Promise|Number|String|Date)$/.test(owner);
  const text = given.map((argument) => argument.getText());
  const isInside = text.some((argument) => /transaction/i.test(argument) || argument === options);
  return (isModel || owner === row) && !isInside;
}
