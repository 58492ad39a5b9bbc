import type { Framework } from '../frameworks/framework.ts';
import { makersIn } from './called-names.ts';
import { callersFirst, type Uncalled } from './callers.ts';
import { callFunction, functionValue, inheritedMethod, instantiate } from './functions.ts';
import { settle } from './deferred.ts';
import { followEntries, MOUNT_TEXT } from './entries.ts';
import { importedNames } from './imported-names.ts';
import { createImporterSearch, mentionOf } from './importers.ts';
import { createInquiry, type Inquiry } from './inquiry.ts';
import { loadModule } from './modules.ts';
import { descends } from './nesting.ts';
import { TOO_DEEP, ts, type Project } from './project.ts';
import { createRouteGraph, type FlatRoute } from './route-graph.ts';
import { routingOf } from './routing.ts';
import { createRun, reportUnresolved, type Module, type Run } from './run.ts';
import type { Unresolved } from './report.ts';
import { unresolvedAt } from './unresolved.ts';
import { lookup, optionsOf, UNDEFINED, unknown, type Value } from './values.ts';

export interface Discovery {
  readonly routes: readonly FlatRoute[];
  readonly unresolved: readonly Unresolved[];
  readonly inquiry: Inquiry;
}

/** Where something is reported that no file alone is the cause of. */
export const WHOLE_PROJECT = '.';

/** Names of what makes routers, whatever it is imported from. */
const MAKER_NAME = /app|router|server|express|fastify|koa|hono|hapi|elysia|create/i;
/** How much of a call is shown as it is written. */
const MAX_WORDS = 200;
const REGISTRATION = /^(?:post|put|patch|delete|all)$/;
const REGISTERS = /^(?:post|put|patch|delete|all|use|route|register|openapi)$/;
/** Names by which routers go where no type says what a parameter is. */
const ROUTER_NAME = /^_?(?:app|application|server|api|routes?|\w*router|express|fastify|instance|koa|hono)$/i;
/** Cheap sign of code that registers on a router it was given. */
const REGISTRATION_TEXT =
  /(?:app|router|server|api|routes?|fastify|instance)\s*\.\s*(?:post|put|patch|delete|all)\s*\(|\b(?:server|fastify)\s*\.\s*route\s*\(/i;
/** The same on anything but clients: verbs with a path and more, since maps `delete(key)` and promises `all(list)`. */
const ANY_REGISTRATION_TEXT =
  /(?<!\bPromise|[cC]lient|[aA]xios|[hH]ttp|\bky)\??\.\s*(?:(?:use|route|register|openapi|setGlobalPrefix|enableVersioning)\s*(?:<[^()]*>)?\(|(?:post|put|patch|delete|all)\s*(?:<[^()]*>)?\(\s*(?:\[[^\]]*\]|[\w.$]+\([^()]*\)|[^()[\],]+)\s*,)/;

/** Follows the registration code of a project. Files without a sign of routing are never parsed. */
export function discoverRoutes(
  project: Project,
  frameworks: readonly Framework[],
  isExplained = false,
): Discovery {
  const run = createRun(project, frameworks, createRouteGraph(), isExplained);
  const names = frameworks.flatMap((framework) => framework.packages).map((name) => name.replace('/', '\\/'));
  const isImport = new RegExp(`['"](?:${names.join('|')})['"]`);
  const isWritten = (file: string): boolean =>
    !frameworks.some(({ generated }) => generated?.test(project.text(file)) === true);
  const importing = project.files.filter((file) => isImport.test(project.text(file)) && isWritten(file));
  const isEntry = (file: string): boolean =>
    frameworks.some((framework) => framework.isEntry?.(file) === true);
  const registering =
    importing.length === 0
      ? []
      : project.files.filter((file) => {
          const text = project.text(file);
          return (REGISTRATION_TEXT.test(text) || MOUNT_TEXT.test(text)) && isWritten(file);
        });
  for (const file of [...importing, ...registering]) run.signed.add(file);
  for (const file of [...importing.filter(isEntry), ...importing]) loadModule(run, file);
  if (importing.length > 0) {
    const modules = [...new Set([...importing, ...registering])].map((file) => loadModule(run, file));
    modules.push(...loadCallers(run));
    followEntries(run);
    for (const { node, owner } of callersFirst(modules.flatMap((module) => uncalledIn(run, module)))) {
      descend(run, owner, () => followUncalled(run, owner, node));
    }
    for (const framework of frameworks) framework.complete?.(routingOf(run));
    for (const module of modules) descend(run, module, () => reportUnreached(run, module));
  } else {
    for (const framework of frameworks) framework.complete?.(routingOf(run));
  }
  for (const [file, error] of project.syntaxErrors) {
    const reason = `syntax_error: ${error.message}` as const;
    run.unresolved.push(unresolvedAt(project.relativePath(file), error.line, reason));
  }
  for (const file of project.tooLarge) {
    run.unresolved.push(unresolvedAt(project.relativePath(file), 1, 'file_too_large'));
  }
  if (run.stepsLeft <= 0) {
    run.unresolved.push(unresolvedAt(WHOLE_PROJECT, 1, 'budget: the registration code runs too long'));
  }
  const routes = run.graph.flatten(({ site }) => reportUnresolved(run, site.node, 'too_deep: mounts'));
  return { routes, unresolved: [...run.unresolved], inquiry: createInquiry(run) };
}

function descend(run: Run, module: Module, action: () => void): void {
  const depth = run.stack.length;
  if (descends(action)) return;
  run.stack.length = depth;
  reportUnresolved(run, module.source, `too_deep: ${TOO_DEEP}`);
}

/** How often callers of callers are looked for. */
const MAX_CALLER_ROUNDS = 4;

/**
 * Loads the files that may call what a module exports, or register on it: `createApp()` and `createRouter()` in
 * files that never say `express`.
 */
function loadCallers(run: Run): Module[] {
  const loaded: Module[] = [];
  const asked = new Set<string>();
  const importersOf = createImporterSearch(run.project);
  for (let round = 0; round < MAX_CALLER_ROUNDS; round += 1) {
    const files = new Set<string>();
    for (const module of run.modules.values()) {
      const registering: string[] = [];
      const making: string[] = [];
      for (const [name, value] of module.scope.names) {
        if (typeof value === 'function' || (value.kind !== 'function' && value.kind !== 'class')) continue;
        const key = `${module.file} ${name}`;
        if (asked.has(key)) continue;
        asked.add(key);
        const isOpen = !run.followed.has(value.node) && ANY_REGISTRATION_TEXT.test(value.node.getText());
        if (isOpen) registering.push(name);
        else if (createsRouter(run, value.node)) making.push(name);
      }
      const callers = [...registering, ...callersBeside(run, module, registering)];
      for (const file of importersOf(module.file, callers)) files.add(file);
      for (const file of importersOf(module.file, making)) {
        if (ANY_REGISTRATION_TEXT.test(run.project.text(file))) files.add(file);
      }
    }
    for (const file of run.signed) files.delete(file);
    if (files.size === 0) break;
    for (const file of [...files].sort()) {
      run.signed.add(file);
      const known = run.modules.get(file);
      if (known === undefined) loaded.push(loadModule(run, file));
      else settle(known);
    }
  }
  return loaded;
}

/** Whoever calls what calls them will do: `initialize()` that leaves the routes to `createServer()` beside it. */
function callersBeside(run: Run, { scope }: Module, registering: readonly string[]): string[] {
  if (registering.length === 0) return [];
  const isMention = mentionOf(registering);
  return [...scope.names].flatMap(([name, value]) => {
    if (typeof value === 'function' || value.kind !== 'function' || registering.includes(name)) return [];
    return !run.followed.has(value.node) && isMention.test(value.node.getText()) ? [name] : [];
  });
}

/** Functions and classes that register routes but may be called by code we cannot see. */
function uncalledIn(run: Run, module: Module): Uncalled<Module>[] {
  const found: Uncalled<Module>[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node) || isFunction(node)) found.push({ node, owner: module });
    else ts.forEachChild(node, visit);
  };
  descend(run, module, () => visit(module.source));
  return found;
}

function followUncalled(run: Run, module: Module, node: Uncalled<Module>['node']): void {
  if (ts.isClassLike(node)) followUncalledClass(run, module, node);
  else if (!run.followed.has(node)) followWithDetachedRouter(run, functionValue(node, module.scope));
}

function followWithDetachedRouter(run: Run, target: ReturnType<typeof functionValue>): void {
  const { node } = target;
  const args = node.parameters.map((parameter): Value => {
    if (parameter.initializer !== undefined) return UNDEFINED;
    const framework = routerParameter(run, parameter);
    if (framework === null) return unknown(parameter.name.getText());
    return (
      framework.detached?.(run.project.siteOf(parameter), routingOf(run)) ?? unknown(parameter.name.getText())
    );
  });
  const isGiven = args.some((arg) => arg.kind === 'router');
  if (isGiven || createsRouter(run, node)) callFunction(run, target, args);
}

/** It makes a router itself: `export function createApp() { const app = express(); … }`. */
function createsRouter(run: Run, node: ts.Node): boolean {
  const module = run.modules.get(node.getSourceFile().fileName);
  if (module === undefined) return false;
  const packages = new Set(run.frameworks.flatMap((framework) => framework.packages));
  const imported = importedNames(module.source);
  return makersIn(node).some((name) => {
    const found = module.scope.names.get(name);
    // What an import stands for is read only where it may be a framework: the file that it leads to would be parsed.
    const isLikely =
      typeof found !== 'function' || MAKER_NAME.test(name) || packages.has(imported.get(name)?.from ?? '');
    const value = typeof found === 'function' && isLikely ? found() : found;
    return typeof value === 'object' && value.kind === 'external' && packages.has(value.from);
  });
}

/** The framework whose router a parameter takes, by its type or else by its name and use. */
function routerParameter(run: Run, parameter: ts.ParameterDeclaration): Framework | null {
  if (!ts.isIdentifier(parameter.name)) return null;
  const type = parameter.type?.getText();
  if (type !== undefined) {
    const plain = type.replace(/^\w+\./, '').replace(/<.*$/s, '');
    const typed = run.frameworks.filter((framework) => framework.routerTypes.includes(plain));
    if (typed.length > 0 || plain !== 'any') return likelyFramework(run, parameter, typed);
  }
  const name = parameter.name.text;
  if (!ROUTER_NAME.test(name)) return null;
  let isRegisteredOn = false;
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      REGISTERS.test(node.expression.name.text) &&
      ts.isIdentifier(node.expression.expression) &&
      node.expression.expression.text === name
    ) {
      isRegisteredOn = true;
    }
    if (!isRegisteredOn) ts.forEachChild(node, visit);
  };
  visit(parameter.parent);
  return isRegisteredOn ? likelyFramework(run, parameter, run.frameworks) : null;
}

/** Of several frameworks that a router may be of, the one that its file imports, else its package names, else the last. */
function likelyFramework(run: Run, node: ts.Node, among: readonly Framework[]): Framework | null {
  const file = node.getSourceFile().fileName;
  const candidates = among.filter((framework) => framework.detached !== undefined);
  const text = run.project.text(file);
  return (
    candidates.find(({ packages }) => packages.some((name) => new RegExp(`['"]${name}['"]`).test(text))) ??
    candidates.find(({ packages }) => packages.some((name) => run.project.dependsOn(file, name))) ??
    candidates.at(-1) ??
    null
  );
}

function followUncalledClass(run: Run, module: Module, node: ts.ClassLikeDeclaration): void {
  const name = node.name?.text;
  const found = name === undefined ? module.exports.get('default')?.() : module.scope.names.get(name);
  const value = typeof found === 'function' ? found() : found;
  if (value?.kind !== 'class' || value.node !== node) return;
  const text = node.getText();
  if (!REGISTRATION_TEXT.test(text) && !MOUNT_TEXT.test(text) && !createsRouter(run, node)) return;
  const instance = run.followed.has(node)
    ? null
    : instantiate(
        run,
        value,
        (constructorOf(node)?.parameters ?? []).map((parameter) => unknown(parameter.name.getText())),
      );
  for (const member of node.members) {
    if (!ts.isMethodDeclaration(member) || run.followed.has(member) || !ts.isIdentifier(member.name))
      continue;
    const method = inheritedMethod(run, value, member.name.text, instance ?? unknown('this'));
    if (method?.kind !== 'function') continue;
    if (instance !== null && registersOnThis(member)) callFunction(run, method, []);
    else followWithDetachedRouter(run, method);
  }
}

function constructorOf(node: ts.ClassLikeDeclaration): ts.ConstructorDeclaration | undefined {
  return node.members.find((member) => ts.isConstructorDeclaration(member));
}

function registersOnThis(node: ts.MethodDeclaration): boolean {
  return /\bthis\.\w*(?:app|router|server|routes?)\s*\.\s*(?:post|put|patch|delete|all|use|route)\s*\(/i.test(
    node.getText(),
  );
}

/** Calls that look like a registration, on something that turned out to be unknown or was never reached. */
function reportUnreached(run: Run, module: Module): void {
  const registered = new Set(
    run.graph.routers.flatMap((router) => router.routes.map((route) => route.site.node)),
  );
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && looksLikeRegistration(module, node) && !registered.has(node)) {
      const target = run.targets.get(node);
      const isOther = target !== undefined && target !== 'unknown' && target !== 'literal';
      if (!isOther && !isOfPackage(module, node)) {
        const words = node.expression.getText().slice(0, MAX_WORDS).replaceAll(/\s+/g, '');
        reportUnresolved(run, node, `unknown_router: ${words}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(module.source);
}

function looksLikeRegistration(module: Module, node: ts.CallExpression): boolean {
  const callee = node.expression;
  if (!ts.isPropertyAccessExpression(callee)) return false;
  const owner = callee.expression.getText().split('.').at(-1) ?? '';
  const [path] = node.arguments;
  if (callee.name.text === 'route' && ROUTER_NAME.test(owner) && path !== undefined)
    return isRouteObject(path);
  if (!REGISTRATION.test(callee.name.text)) return false;
  const handler = node.arguments.at(-1);
  if (path === undefined || handler === undefined || path === handler) return false;
  const isRouter = ROUTER_NAME.test(owner);
  if (isFunction(handler) && isRouter && hasRequestParameter(handler)) return true;
  if (!ts.isStringLiteralLike(path) && !ts.isTemplateExpression(path)) return false;
  if (isFunction(handler)) return handler.parameters.length >= 2;
  // `router.post('/orders', create)`; `api.post('/orders', body)` sends a request.
  if (ts.isIdentifier(handler)) return isRouter && isFunctionName(module, handler.text);
  return isRouter && (ts.isPropertyAccessExpression(handler) || ts.isCallExpression(handler));
}

/** `{ method: 'POST', url: '/orders', handler }`, as Fastify and hapi take it. */
function isRouteObject(node: ts.Expression): boolean {
  if (!ts.isObjectLiteralExpression(node)) return false;
  const names = node.properties.map((property) => property.name?.getText());
  return (
    names.includes('method') && names.includes('handler') && (names.includes('url') || names.includes('path'))
  );
}

function hasRequestParameter(node: ts.FunctionLikeDeclaration): boolean {
  const [first] = node.parameters;
  return (
    first !== undefined &&
    ts.isIdentifier(first.name) &&
    /^_?(?:req|request|ctx|context|c)$/.test(first.name.text)
  );
}

function isFunctionName(module: Module, name: string): boolean {
  return lookup(module.scope, name)?.kind === 'function';
}

/** `axios.post(…)`: the receiver is known to be something of a package. */
function isOfPackage(module: Module, node: ts.CallExpression): boolean {
  let root: ts.Expression = node.expression;
  while (ts.isPropertyAccessExpression(root) || ts.isCallExpression(root)) root = root.expression;
  if (!ts.isIdentifier(root)) return false;
  const found = module.scope.names.get(root.text);
  const value = typeof found === 'function' ? found() : found;
  return value !== undefined && optionsOf(value).every((option) => option.kind === 'external');
}

function isFunction(
  node: ts.Node,
): node is ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction {
  return ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node);
}
