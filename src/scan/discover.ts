import type { Framework } from '../frameworks/framework.ts';
import { makersIn } from './called-names.ts';
import { callersFirst, nameOf, type Uncalled } from './callers.ts';
import { callFunction, functionValue, inheritedMethod, instantiate } from './functions.ts';
import { settle } from './deferred.ts';
import { reportDescribed } from './described-routes.ts';
import { followEntries, MOUNT_TEXT } from './entries.ts';
import { importedNames } from './imported-names.ts';
import { isForeign } from './foreign-routers.ts';
import { createImporterSearch, mentionOf } from './importers.ts';
import { createInquiry, type Inquiry } from './inquiry.ts';
import { loadModule } from './modules.ts';
import { descends } from './nesting.ts';
import { TOO_DEEP, ts, type Project } from './project.ts';
import { createRouteGraph, type FlatRoute } from './route-graph.ts';
import { routingOf } from './routing.ts';
import { routerParameter } from './router-parameters.ts';
import { createRun, reportUnresolved, type Module, type Run } from './run.ts';
import type { Unresolved } from './report.ts';
import { startFiles } from './start-files.ts';
import { reportUnknownDecorators } from './unknown-decorators.ts';
import { isFunction, mayHideRoutes, registeredIn, reportUnreached } from './unreached.ts';
import { unresolvedAt } from './unresolved.ts';
import { UNDEFINED, unknown, type Value } from './values.ts';

export interface Discovery {
  readonly routes: readonly FlatRoute[];
  readonly unresolved: readonly Unresolved[];
  readonly inquiry: Inquiry;
}

/** Where something is reported that no file alone is the cause of. */
export const WHOLE_PROJECT = '.';

/** Names of what makes routers, whatever it is imported from. */
const MAKER_NAME = /app|router|server|express|fastify|koa|hono|hapi|elysia|create/i;
/** Cheap sign of code that registers on a router it was given; what takes an object first is a client. */
const REGISTRATION_TEXT =
  /(?:app|router|server|api|routes?|fastify|instance)\s*\.\s*(?:post|put|patch|delete|all)\s*\((?!\s*\{)|\b(?:server|fastify)\s*\.\s*route\s*\(/i;
/** The same on anything but clients: verbs with a path and more, since maps `delete(key)` and promises `all(list)`. */
const ANY_REGISTRATION_TEXT =
  /(?<!\bPromise|[cC]lient|[aA]xios|[hH]ttp|\bky)\??\.\s*(?:(?:use|route|register|openapi|setGlobalPrefix|enableVersioning)\s*(?:<[^()]*>)?\(|(?:post|put|patch|delete|all)\s*(?:<[^()]*>)?\((?!\s*\{)\s*(?:\[[^\]]*\]|[\w.$]+\([^()]*\)|[^()[\],]+)\s*,)/;

/** Follows the registration code of a project. Files without a sign of routing are never parsed. */
export function discoverRoutes(
  project: Project,
  frameworks: readonly Framework[],
  isExplained = false,
): Discovery {
  const run = createRun(project, frameworks, createRouteGraph(), isExplained);
  const names = frameworks.flatMap((framework) => framework.packages).map((name) => name.replace('/', '\\/'));
  const isImport = new RegExp(`['"](?:${names.join('|')})['"]`);
  const isWritten = (file: string): boolean => isByHand(run, file);
  const importing = project.files.filter((file) => isImport.test(project.text(file)) && isWritten(file));
  const isEntry = (file: string): boolean =>
    frameworks.some((framework) => framework.isEntry?.(file) === true);
  const isRegistering = (text: string): boolean =>
    importing.length > 0 ? REGISTRATION_TEXT.test(text) || MOUNT_TEXT.test(text) : mayHideRoutes(text);
  const registering = project.files.filter((file) => isRegistering(project.text(file)) && isWritten(file));
  const started = importing.length === 0 ? [] : startFiles(project).filter(isWritten);
  for (const file of [...importing, ...registering, ...started]) run.signed.add(file);
  for (const file of [...importing.filter(isEntry), ...started, ...importing]) loadModule(run, file);
  if (importing.length + registering.length > 0) {
    const modules = [...new Set([...importing, ...registering])].map((file) => loadModule(run, file));
    modules.push(...loadCallers(run));
    followEntries(run);
    const uncalled = modules.flatMap((module) => uncalledIn(run, module));
    const makers = makerNames(run, uncalled);
    for (const { node, owner } of callersFirst(uncalled, (item) => requiredBy(run, item))) {
      descend(run, owner, () => followUncalled(run, owner, node, makers));
    }
    for (const framework of frameworks) framework.complete?.(routingOf(run));
    const registered = registeredIn(run);
    for (const module of modules) descend(run, module, () => reportUnreached(run, module, registered));
  } else {
    for (const framework of frameworks) framework.complete?.(routingOf(run));
  }
  reportDescribed(run);
  reportUnknownDecorators(run, isWritten);
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
  const own = routes.filter(({ chain }) => !isForeign(project, chain.entry));
  for (const { site } of own.filter(isForWhoeverCalls)) reportUnresolved(run, site.node, 'dynamic_route');
  return {
    routes: own.filter((route) => !isForWhoeverCalls(route)),
    unresolved: [...run.unresolved],
    inquiry: createInquiry(run),
  };
}

/** Tools of frameworks write files of what is found elsewhere. */
function isByHand({ frameworks, project }: Run, file: string): boolean {
  return !frameworks.some(({ generated }) => generated?.test(project.text(file)) === true);
}

/** `post(router, path, handler) { router.post(path, handler); }` that nothing calls: it is for routes that are not there. */
function isForWhoeverCalls({ chain, path, site }: FlatRoute): boolean {
  const name = /^\/\{(?<name>[\w$]+)\}$/.exec(path)?.groups?.['name'];
  if (name === undefined || !chain.isDetached || chain.mounts.length > 0) return false;
  const takesIt = (node: ts.Node): boolean =>
    ts.isFunctionLike(node) && node.parameters.some((parameter) => parameter.name.getText() === name);
  return ts.findAncestor(site.node, takesIt) !== undefined;
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
      for (const [name, value] of [...module.scope.names, ...membersOfExports(module)]) {
        if (typeof value === 'function' || (value.kind !== 'function' && value.kind !== 'class')) continue;
        const key = `${module.file} ${name}`;
        if (asked.has(key)) continue;
        asked.add(key);
        const isOpen = !run.followed.has(value.node) && ANY_REGISTRATION_TEXT.test(value.node.getText());
        if (isOpen) registering.push(name);
        else if (createsRouter(run, value.node)) making.push(name);
      }
      const main = unnamedMain(module);
      if (main !== null && !asked.has(module.file)) {
        asked.add(module.file);
        const isOpen = !run.followed.has(main) && ANY_REGISTRATION_TEXT.test(main.getText());
        if (isOpen) for (const file of importersOf(module.file, null)) files.add(file);
      }
      const callers = [...registering, ...callersBeside(run, module, registering)];
      for (const file of importersOf(module.file, callers)) files.add(file);
      for (const file of importersOf(module.file, making)) {
        if (ANY_REGISTRATION_TEXT.test(run.project.text(file))) files.add(file);
      }
    }
    for (const file of files) if (run.signed.has(file) || !isByHand(run, file)) files.delete(file);
    if (files.size === 0) break;
    for (const file of [...files].sort()) {
      run.signed.add(file);
      const known = run.modules.get(file);
      if (known !== undefined) settle(known);
      loaded.push(known ?? loadModule(run, file));
    }
  }
  return loaded;
}

/** `module.exports = { createApp: function () { … } }` */
function membersOfExports({ moduleObject }: Module): readonly (readonly [string, Value])[] {
  const main = moduleObject.properties.get('exports');
  return main?.kind === 'object' ? [...main.properties] : [];
}

/** `module.exports = function (app) { … }` */
function unnamedMain({ moduleObject }: Module): ts.Node | null {
  const main = moduleObject.properties.get('exports');
  return main?.kind === 'function' && main.name === 'exports' ? main.node : null;
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
    const isMethod = ts.isMethodDeclaration(node) && node.body !== undefined;
    if (ts.isClassLike(node) || isFunction(node) || isMethod) found.push({ node, owner: module });
    else ts.forEachChild(node, visit);
  };
  descend(run, module, () => visit(module.source));
  return found;
}

const CALLED_REQUIRE = /\brequire\(\s*['"`](\.[^'"`\n]*)['"`]\s*\)(?=\s*(?:\.\s*[\w$]+\s*)?\()/g;

/** Modules that the code of a function requires and calls at once: `require('./orders')(app)`, `require('./orders').init()`. */
function requiredBy(run: Run, { node, owner }: Uncalled<Module>): Module[] {
  return [...node.getText().matchAll(CALLED_REQUIRE)].flatMap(([, specifier = '']) => {
    const file = run.project.leadsTo(specifier, owner.file);
    return (file === null ? undefined : run.modules.get(file)) ?? [];
  });
}

/** Names of the project's own functions that make a router: `createApp() { const app = express(); … }`. */
function makerNames(run: Run, uncalled: readonly Uncalled<Module>[]): ReadonlySet<string> {
  const makers = uncalled.filter(({ node }) => !ts.isClassLike(node) && createsRouter(run, node));
  return new Set(makers.flatMap(({ node }) => nameOf(node) ?? []));
}

type Names = ReadonlySet<string>;

function followUncalled(run: Run, module: Module, node: Uncalled<Module>['node'], makers: Names): void {
  if (ts.isClassLike(node)) followUncalledClass(run, module, node);
  else if (!run.followed.has(node)) {
    followWithDetachedRouter(run, functionValue(node, module.scope), registersOnMade(node, makers));
  }
}

/** `function init() { adminApp = util.createApp(); adminApp.post('/orders', …); }` */
function registersOnMade(node: ts.Node, makers: Names): boolean {
  return ANY_REGISTRATION_TEXT.test(node.getText()) && makersIn(node).some((name) => makers.has(name));
}

function followWithDetachedRouter(run: Run, target: ReturnType<typeof functionValue>, isOnOwn = false): void {
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
  if (isGiven || isOnOwn || createsRouter(run, node)) callFunction(run, target, args);
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
