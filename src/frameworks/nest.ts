// https://docs.nestjs.com/controllers, /techniques/versioning, /faq/global-prefix, /recipes/router-module
import { decoratedMethods, decorationsOf, type Decoration } from '../scan/decorators.ts';
import { EMPTY_PATH, joinPatterns, pieceOf, type PathPattern } from '../scan/paths.ts';
import { hasModifier } from '../scan/functions.ts';
import { mutationMethod, option, patternsOf } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import { parameterName, responseCalls, returnedExpressions } from '../scan/responses.ts';
import type { Declarations, RouteGraph, RouterNode } from '../scan/route-graph.ts';
import {
  external,
  isUndefined,
  literal,
  memberPath,
  UNDEFINED,
  unknown,
  type ClassValue,
  type ExternalValue,
  type FunctionValue,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import { hasDecorator } from './decorated-controllers.ts';
import type { Framework, Routing } from './framework.ts';
import { appMember, appsOf, createApp, withGlobalPrefix, withVersions, type NestApp } from './nest-apps.ts';
import { readSetting } from './nest-config.ts';
import { crudRoutes, overriddenRoute } from './nest-crud.ts';
import { readModules, type NestModules } from './nest-modules.ts';
import { declarationsOf, endpointsOf, methodsOf } from './ts-rest-contracts.ts';

const packages = ['@nestjs/common', '@nestjs/core', '@nestjs/config', '@nestjs/platform-fastify'];

/** What is collected while code is followed, for `complete`. */
interface Collected {
  readonly apps: NestApp[];
  /** Decorators that the project's own decorators apply by calling them. */
  readonly applied: ExternalValue[];
}

const collections = new WeakMap<RouteGraph, Collected>();

function collected(routing: Routing): Collected {
  const known = collections.get(routing.graph) ?? { apps: [], applied: [] };
  collections.set(routing.graph, known);
  return known;
}

const nest: Framework = {
  id: 'nestjs',
  title: 'NestJS',
  packages,
  routerTypes: ['INestApplication', 'NestExpressApplication', 'NestFastifyApplication'],
  create(reference, args, site, routing) {
    const [owner, action] = memberPath(reference);
    if (owner === 'NestFactory' && action === 'create' && reference.steps.length === 2) {
      return appValue(site, routing, args[0] ?? UNDEFINED);
    }
    if (reference.from === '@nestjs/config') {
      return readSetting(reference, args, routing, (type) => ownDecorators(routing, type));
    }
    if (typeof reference.steps.at(-1) === 'object') collected(routing).applied.push(reference);
    return undefined;
  },
  detached: (site, routing) => appValue(site, routing, null),
  member(owner, name, routing) {
    const app = collected(routing).apps.find(({ router }) => router === owner.router);
    return app === undefined ? undefined : appMember(owner, app, name, instanceOf);
  },
  complete(routing) {
    const decoratorsOf = (type: ClassValue): NestDecorator[] => ownDecorators(routing, type);
    const modules = readModules(routing, decoratorsOf);
    const { apps } = collected(routing);
    for (const controller of controllersOf(routing.classes, modules, decoratorsOf)) {
      registerController(routing, controller, modules, apps);
    }
  },
  handlers: {
    responses: (handler) => [
      ...returnedExpressions(handler),
      ...handler.parameters.flatMap((parameter, index) =>
        hasDecorator(parameter, /^Res(?:ponse)?$/)
          ? responseCalls(handler, parameterName(handler, index))
          : [],
      ),
    ],
    isRequestBody: (expression, handler) =>
      ts.isIdentifier(expression) &&
      handler.parameters.some(
        (parameter) => hasDecorator(parameter, /^Body$/) && parameter.name.getText() === expression.text,
      ),
    isHandler: () => true,
  },
};

export default nest;

function appValue(site: Site, routing: Routing, module: Value | null): RouterValue {
  const router: RouterNode = { framework: nest.id, isRoot: true, site, mounts: [], routes: [] };
  routing.graph.add(router);
  collected(routing).apps.push(createApp(router, module));
  return { kind: 'router', router, properties: new Map() };
}

/** What the container gives for a token. */
function instanceOf(token: Value, site: Site): Value {
  if (token.kind === 'external') return external(token.from, [...token.steps, []]);
  return unknown(site.node.getText());
}

/** A call of one of Nest's decorators. */
export interface NestDecorator {
  readonly name: string;
  /** The package that it is of. */
  readonly from: string;
  readonly args: readonly Value[];
  readonly site: Site;
}

function ownDecorators(routing: Routing, type: ClassValue): NestDecorator[] {
  return decorationsOf(routing, type, type.node).flatMap((decoration) =>
    decompose(routing, decoration, type),
  );
}

/** `applyDecorators(…)` and decorators of the project, taken apart into those of Nest. */
function decompose(routing: Routing, { value, site }: Decoration, target: Value): NestDecorator[] {
  switch (value.kind) {
    case 'external': {
      if (!isOfNest(value, site, routing)) return [];
      const args = value.steps.findLast((step) => typeof step !== 'string');
      const name = memberPath(value).at(-1);
      if (name === undefined) return [];
      if (name !== 'applyDecorators') return [{ name, from: value.from, args: args ?? [], site }];
      return (args ?? []).flatMap((inner) => decompose(routing, { value: inner, site }, target));
    }
    case 'list':
      return value.items.flatMap((inner) => decompose(routing, { value: inner, site }, target));
    case 'union':
      return value.options.flatMap((inner) => decompose(routing, { value: inner, site }, target));
    case 'function': {
      const { applied } = collected(routing);
      const before = applied.length;
      routing.call(value, [target, unknown('key'), unknown('descriptor')], site);
      return applied.slice(before).flatMap((inner) => decompose(routing, { value: inner, site }, target));
    }
    default:
      return [];
  }
}

/** Other frameworks have decorators of the same names; packages that build on Nest hand its own on. */
function isOfNest({ from }: ExternalValue, site: Site, routing: Routing): boolean {
  return /^@nestjsx?\//.test(from) || routing.dependsOn(site.node.getSourceFile().fileName, '@nestjs/common');
}

interface Controller {
  readonly type: ClassValue;
  readonly mark: NestDecorator;
}

/** The classes that are controllers by their own decorator, or by that of a base once a module lists them. */
function controllersOf(
  classes: readonly ClassValue[],
  modules: NestModules,
  decoratorsOf: (type: ClassValue) => readonly NestDecorator[],
): Controller[] {
  const bases = new Set(classes.map((type) => type.base));
  return [...new Set(classes)].flatMap((type) => {
    const isListed = modules.lists(type);
    // A class that others extend and no module lists only hands down its routes.
    if (!isListed && (bases.has(type) || hasModifier(type.node, ts.SyntaxKind.AbstractKeyword))) return [];
    for (let current: Value | null = type; current?.kind === 'class'; current = current.base) {
      const mark = decoratorsOf(current).find((decorator) => decorator.name === 'Controller');
      if (mark !== undefined) return [{ type, mark }];
      if (!isListed) break;
    }
    return [];
  });
}

function registerController(
  routing: Routing,
  { type, mark: { args, site: place } }: Controller,
  modules: NestModules,
  apps: readonly NestApp[],
): void {
  const [first] = args;
  const isOptions = first?.kind === 'object';
  const paths = pathsOf(isOptions ? option(first, 'path') : first).map((path) =>
    pieceOf('controller', path, place),
  );
  const version = isOptions ? option(first, 'version') : undefined;
  const site = routing.siteOf(type.node);
  const serving = apps.length === 0 ? null : appsOf(type, site, modules, apps);
  const lone: RouterNode = { framework: nest.id, isRoot: apps.length === 0, site, mounts: [], routes: [] };
  const above = modules.prefixesOf(type).flatMap((prefix) => paths.map((path) => joinPatterns(prefix, path)));

  const generated = crudRoutes(ownDecorators(routing, type));
  const overriding = new Map<string, FunctionValue>();
  const add = (
    verb: Verb,
    path: Value | undefined,
    own: Value | undefined,
    registration: Site,
    handlers: readonly Value[],
    declares: Declarations = {},
  ): void => {
    const placed = above.flatMap((prefix) =>
      pathsOf(path).map((below) => joinPatterns(prefix, pieceOf('route', below, registration))),
    );
    const push = (router: RouterNode, pattern: PathPattern): void => {
      router.routes.push({ method: verb, path: pattern, site: registration, handlers, declares });
    };
    if (serving === null) for (const pattern of placed) push(lone, pattern);
    for (const app of serving ?? []) {
      for (const pattern of placed.flatMap((below) => withVersions(below, own, app.versioning))) {
        push(app.router, withGlobalPrefix(pattern, verb, app));
      }
    }
  };
  for (const { method, decorations } of decoratedMethods(routing, type)) {
    const marks = decorations.flatMap((decoration) => decompose(routing, decoration, type));
    const own = marks.find((mark) => mark.name === 'Version')?.args[0] ?? version;
    for (const mark of marks) {
      for (const { verb, path, declares } of registrationsOf(mark)) {
        add(verb, path, own, mark.site, [method], declares);
      }
    }
    const overridden = overriddenRoute(marks);
    if (overridden !== undefined) overriding.set(overridden, method);
  }
  for (const { name, verb, path, site: registration } of generated) {
    const method = overriding.get(name);
    add(verb, literal(path), version, registration, method === undefined ? [] : [method]);
  }
  if (lone.routes.length > 0) routing.graph.add(lone);
}

type Verb = Exclude<ReturnType<typeof mutationMethod>, undefined>;

interface Registration {
  readonly verb: Verb;
  readonly path: Value | undefined;
  readonly declares?: Declarations;
}

/** `@Post('x')`, `@All()`, `@RequestMapping({ method: RequestMethod.POST, path: 'x' })`, `@TsRestHandler(contract)` */
function registrationsOf({ name, args }: NestDecorator): Registration[] {
  const [first] = args;
  if (name === 'TsRest' || name === 'TsRestHandler') {
    return endpointsOf(first).flatMap((endpoint) =>
      methodsOf(endpoint).map((verb) => ({
        verb,
        path: option(endpoint.contract, 'path'),
        declares: declarationsOf(endpoint),
      })),
    );
  }
  if (name === 'RequestMapping') {
    const method = option(first, 'method');
    const verb = method?.kind === 'external' ? mutationMethod(memberPath(method).at(-1) ?? '') : undefined;
    return verb === undefined ? [] : [{ verb, path: option(first, 'path') }];
  }
  const verb = /^(?:Post|Put|Patch|Delete|All)$/.test(name) ? mutationMethod(name) : undefined;
  return verb === undefined ? [] : [{ verb, path: first }];
}

function pathsOf(value: Value | undefined): PathPattern[] {
  return value === undefined || isUndefined(value) ? [EMPTY_PATH] : patternsOf(value);
}
