import type { Framework } from '../frameworks/framework.ts';
import { ts } from './project.ts';
import type { Run } from './run.ts';

/** Names by which routers go where no type says what a parameter is. */
export const ROUTER_NAME =
  /^_?(?:app|application|server|api|routes?|\w*router|express|fastify|instance|koa|hono)$/i;
const REGISTERS = /^(?:post|put|patch|delete|all|use|route|register|openapi)$/;
const VERB = /^(?:post|put|patch|delete|all)$/;

/** The framework whose router a parameter takes, by its type or else by its name and use. */
export function routerParameter(run: Run, parameter: ts.ParameterDeclaration): Framework | null {
  if (!ts.isIdentifier(parameter.name)) return null;
  const type = parameter.type?.getText();
  if (type !== undefined) {
    const plain = type.replace(/^\w+\./, '').replace(/<.*$/s, '');
    const typed = run.frameworks.filter((framework) => framework.routerTypes.includes(plain));
    if (typed.length > 0 || plain !== 'any') return likelyFramework(run, parameter, typed);
  }
  const name = parameter.name.text;
  if (!ROUTER_NAME.test(name)) return null;
  let isRegisteredOn = isOfHapiPlugin(parameter);
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      REGISTERS.test(node.expression.name.text) &&
      ts.isIdentifier(node.expression.expression) &&
      node.expression.expression.text === name &&
      !isRequest(node)
    ) {
      isRegisteredOn = true;
    }
    if (!isRegisteredOn) ts.forEachChild(node, visit);
  };
  visit(parameter.parent);
  return isRegisteredOn ? likelyFramework(run, parameter, run.frameworks) : null;
}

/** `register(server, options)` of a plugin, which may leave all to others. @see https://hapi.dev/api/#plugins */
function isOfHapiPlugin({ parent, name }: ts.ParameterDeclaration): boolean {
  const { parent: outer } = parent;
  const named = ts.isPropertyAssignment(outer) || ts.isVariableDeclaration(outer) ? outer : parent;
  const isRegister = named.name?.getText() === 'register';
  return isRegister && parent.parameters[0]?.name === name && name.getText() === 'server';
}

/** `return api.post('/orders', body)`: a client of an API goes by the same names and has the same verbs. */
export function isRequest(call: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(call.expression) || !VERB.test(call.expression.name.text)) return false;
  const last = call.arguments.at(-1);
  if (last === undefined || call.arguments.length < 2) return true;
  if (ts.isFunctionLike(last)) return false;
  if (ts.isObjectLiteralExpression(last)) {
    return last.properties.every((property) => property.name?.getText() !== 'handler');
  }
  const { parent } = call;
  return ts.isAwaitExpression(parent) || ts.isReturnStatement(parent) || isData(last);
}

/** `(api, order) => api.post('/orders', order)` */
function isData(last: ts.Expression): boolean {
  return ts.isIdentifier(last) && /^(?:data|body|payload|params|input|form|formData|json)$/.test(last.text);
}

/** Of several frameworks that a router may be of, the one that its file imports, else its package names, else the last. */
function likelyFramework(
  run: Run,
  node: ts.ParameterDeclaration,
  among: readonly Framework[],
): Framework | null {
  const file = node.getSourceFile().fileName;
  const candidates = among.filter((framework) => framework.detached !== undefined);
  const text = run.project.text(file);
  const id = candidates.length > 1 ? frameworkBySigns(node) : null;
  return (
    candidates.find(({ packages }) => packages.some((name) => isImporting(text, name))) ??
    candidates.find(({ packages }) => packages.some((name) => run.project.dependsOn(file, name))) ??
    candidates.find((framework) => framework.id === id) ??
    candidates.at(-1) ??
    null
  );
}

/** A string alone is no import: plugins are named `router` too. */
function isImporting(text: string, name: string): boolean {
  return new RegExp(`\\b(?:from|import|require)\\s*\\(?\\s*['"]${name}['"]`).test(text);
}

/** How a router is called and what its handlers take, where no import and no dependency names a framework. */
function frameworkBySigns(parameter: ts.ParameterDeclaration): string | null {
  const name = parameter.name.getText().toLowerCase();
  if (/^(?:express|fastify|koa|hono)$/.test(name)) return name;
  const text = parameter.parent.getText();
  if (/\.\s*route\s*\(\s*[[{]/.test(text)) return /\burl\s*:/.test(text) ? 'fastify' : 'hapi';
  if (/\(\s*(?:request|req)\s*,\s*reply\b/.test(text)) return 'fastify';
  if (/\(\s*(?:request|req)\s*,\s*h\b/.test(text)) return 'hapi';
  if (/\(\s*ctx\b/.test(text)) return 'koa';
  if (/\(\s*c\s*\)\s*=>/.test(text)) return 'hono';
  return isOfHapiPlugin(parameter) ? 'hapi' : null;
}
