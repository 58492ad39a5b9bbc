// https://docs.nestjs.com/controllers, /techniques/versioning, /faq/global-prefix, /recipes/router-module
import { decoratedMethods, decorationsOf, type Decoration } from '../scan/decorators.ts';
import { EMPTY_PATH, joinPatterns, pieceOf, type PathPattern } from '../scan/paths.ts';
import { mutationMethod, option, patternsOf } from '../scan/patterns.ts';
import { ts } from '../scan/project.ts';
import { parameterName, responseCalls, returnedExpressions } from '../scan/responses.ts';
import type { RouteGraph, RouterNode } from '../scan/route-graph.ts';
import {
  external,
  isUndefined,
  memberPath,
  native,
  UNDEFINED,
  unknown,
  type ClassValue,
  type ExternalValue,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { Framework, Routing } from './framework.ts';
import { readSetting } from './nest-config.ts';
import { readModules, type NestModules } from './nest-modules.ts';

const packages = ['@nestjs/common', '@nestjs/core', '@nestjs/config', '@nestjs/platform-fastify'];

interface App {
  readonly router: RouterNode;
  /** The root module; null for an application that arrives from code we cannot see. */
  readonly module: Value | null;
  prefix: PathPattern;
  excluded: readonly Value[];
  /** Null unless versions are part of the path. */
  versioning: { readonly prefix: string; readonly defaults: Value; readonly site: Site } | null;
}

/** What is collected while code is followed, for `complete`. */
interface Collected {
  readonly apps: App[];
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
    if (reference.from === '@nestjs/config') return readSetting(reference, args, routing);
    if (typeof reference.steps.at(-1) === 'object') collected(routing).applied.push(reference);
    return undefined;
  },
  detached: (site, routing) => appValue(site, routing, null),
  member(owner, name, routing) {
    const app = collected(routing).apps.find(({ router }) => router === owner.router);
    if (app === undefined) return undefined;
    switch (name) {
      case 'setGlobalPrefix':
        return native(([prefix = UNDEFINED, options], site) => {
          app.prefix = pieceOf('global prefix', patternsOf(prefix)[0] ?? EMPTY_PATH, site);
          const excluded = option(options, 'exclude');
          app.excluded = excluded?.kind === 'list' ? excluded.items : [];
          return owner;
        });
      case 'enableVersioning':
        return native(([options], site) => {
          app.versioning = versioningOf(options, site);
          return owner;
        });
      case 'get':
      case 'resolve':
        return native(([token = UNDEFINED], site) => instanceOf(token, site));
      default:
        return unknown(name);
    }
  },
  complete(routing) {
    const modules = readModules(routing, (type) => ownDecorators(routing, type));
    const { apps } = collected(routing);
    for (const type of new Set(routing.classes)) {
      const decorators = ownDecorators(routing, type);
      const controller = decorators.find((decorator) => decorator.name === 'Controller');
      if (controller !== undefined) registerController(routing, type, controller, decorators, modules, apps);
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
  const app: App = { router, module, prefix: EMPTY_PATH, excluded: [], versioning: null };
  collected(routing).apps.push(app);
  return { kind: 'router', router, properties: new Map() };
}

/** What the container gives for a token. */
function instanceOf(token: Value, site: Site): Value {
  if (token.kind === 'external') return external(token.from, [...token.steps, []]);
  return unknown(site.node.getText());
}

function versioningOf(options: Value | undefined, site: Site): App['versioning'] {
  const type = option(options, 'type');
  const isUri = type?.kind === 'external' ? memberPath(type).at(-1) === 'URI' : options === undefined;
  if (!isUri) return null;
  const prefix = option(options, 'prefix');
  const isWithout = prefix?.kind === 'literal' && prefix.value === false;
  return {
    prefix: isWithout ? '' : prefix?.kind === 'literal' && !isUndefined(prefix) ? String(prefix.value) : 'v',
    defaults: option(options, 'defaultVersion') ?? UNDEFINED,
    site,
  };
}

/** A call of one of Nest's decorators. */
export interface NestDecorator {
  readonly name: string;
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
      const args = value.steps.findLast((step) => typeof step !== 'string');
      const name = memberPath(value).at(-1);
      if (name === undefined) return [];
      if (name !== 'applyDecorators') return [{ name, args: args ?? [], site }];
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

function registerController(
  routing: Routing,
  type: ClassValue,
  controller: NestDecorator,
  decorators: readonly NestDecorator[],
  modules: NestModules,
  apps: readonly App[],
): void {
  const [first] = controller.args;
  const isOptions = first?.kind === 'object';
  const paths = pathsOf(isOptions ? option(first, 'path') : first).map((path) =>
    pieceOf('controller', path, controller.site),
  );
  const version = versionIn(decorators) ?? (isOptions ? option(first, 'version') : undefined);
  const serving = appsOf(type, modules, apps);
  const site = routing.siteOf(type.node);
  const detached: RouterNode = { framework: nest.id, isRoot: true, site, mounts: [], routes: [] };
  for (const { method, decorations } of decoratedMethods(routing, type)) {
    const marks = decorations.flatMap((decoration) => decompose(routing, decoration, type));
    for (const mark of marks) {
      for (const { verb, path } of registrationsOf(mark)) {
        for (const app of serving.length === 0 ? [null] : serving) {
          const own = paths.flatMap((above) =>
            pathsOf(path).map((below) => joinPatterns(above, pieceOf('route', below, mark.site))),
          );
          const placed = modules
            .prefixesOf(type)
            .flatMap((above) => own.map((below) => joinPatterns(above, below)));
          const versioned = placed.flatMap((below) => withVersions(below, versionIn(marks) ?? version, app));
          for (const full of versioned) {
            const router = app?.router ?? routing.graph.add(detached);
            const pattern =
              app === null || isExcluded(full, verb, app) ? full : joinPatterns(app.prefix, full);
            router.routes.push({ method: verb, path: pattern, site: mark.site, handlers: [method] });
          }
        }
      }
    }
  }
}

type Verb = Exclude<ReturnType<typeof mutationMethod>, undefined>;

/** `@Post('x')`, `@All()`, `@RequestMapping({ method: RequestMethod.POST, path: 'x' })` */
function registrationsOf({ name, args }: NestDecorator): { verb: Verb; path: Value | undefined }[] {
  const [first] = args;
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

function versionIn(decorators: readonly NestDecorator[]): Value | undefined {
  return decorators.find((decorator) => decorator.name === 'Version')?.args[0];
}

function withVersions(path: PathPattern, own: Value | undefined, app: App | null): PathPattern[] {
  if (app === null || app.versioning === null) return [path];
  const { prefix, defaults, site } = app.versioning;
  const version = own === undefined || isUndefined(own) ? defaults : own;
  if (isUndefined(version)) return [path];
  return (version.kind === 'list' ? version.items : [version]).flatMap((item) => {
    if (item.kind === 'external' && memberPath(item).at(-1) === 'VERSION_NEUTRAL') return [path];
    const shown =
      item.kind === 'literal' ? [{ path: String(item.value), isPartial: false }] : patternsOf(item);
    return shown.map((text) =>
      joinPatterns(pieceOf('version', { ...text, path: `${prefix}${text.path}` }, site), path),
    );
  });
}

function isExcluded(path: PathPattern, verb: Verb, app: App): boolean {
  const plain = `/${path.path}`.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  return app.excluded.some((item) => {
    const method = option(item, 'method');
    const name = method?.kind === 'external' ? mutationMethod(memberPath(method).at(-1) ?? '') : verb;
    const isOfMethod = method === undefined || name === verb || name === 'ALL';
    const patterns = patternsOf(option(item, 'path') ?? item);
    return isOfMethod && patterns.some((pattern) => !pattern.isPartial && wildcard(pattern.path).test(plain));
  });
}

/** An excluded path with its parameters and wildcards. */
function wildcard(path: string): RegExp {
  const source = path
    .replace(/^\/|\/$/g, '')
    .replaceAll(/\{?\/?\*\w*\}?|\(\.\*\)|:\w+|[.+?^$()|[\]\\{}]/g, (token) => {
      if (token.startsWith(':')) return '[^/]+';
      return token.includes('*')
        ? token.startsWith('{')
          ? '(?:/.*)?'
          : `${token.startsWith('/') ? '/' : ''}.*`
        : `\\${token}`;
    });
  return new RegExp(`^/${source}$`);
}

/** The applications whose module tree holds a controller; the only one serves also what none does. */
function appsOf(type: ClassValue, modules: NestModules, apps: readonly App[]): App[] {
  const made = apps.filter((app) => app.module !== null);
  const [only] = made.length > 0 ? made : apps;
  if (only === undefined) return [];
  const reaching = made.filter((app) => app.module !== null && modules.reaches(app.module, type));
  const serving = reaching.length > 0 ? reaching : made.length <= 1 ? [only] : [];
  return serving.map((app) => withDetachedSettings(app, apps));
}

/** A setup function that was followed without its caller sets what the application itself does not. */
function withDetachedSettings(app: App, apps: readonly App[]): App {
  const detached = apps.filter((other) => other.module === null);
  const prefixed = [app, ...detached].find((other) => other.prefix !== EMPTY_PATH) ?? app;
  return {
    ...app,
    prefix: prefixed.prefix,
    excluded: prefixed.excluded,
    versioning: [app, ...detached].find((other) => other.versioning !== null)?.versioning ?? null,
  };
}

function hasDecorator(node: ts.ParameterDeclaration, name: RegExp): boolean {
  return (ts.getDecorators(node) ?? []).some(({ expression }) => {
    const callee = ts.isCallExpression(expression) ? expression.expression : expression;
    return ts.isIdentifier(callee) && name.test(callee.text);
  });
}
