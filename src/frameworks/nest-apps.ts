// https://docs.nestjs.com/techniques/versioning, /faq/global-prefix
import { EMPTY_PATH, joinPatterns, pieceOf, type PathPattern } from '../scan/paths.ts';
import { mutationMethod, option, patternsOf } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import type { RouterNode } from '../scan/route-graph.ts';
import {
  isUndefined,
  memberPath,
  native,
  UNDEFINED,
  unknown,
  type ClassValue,
  type RouterValue,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { NestModules } from './nest-modules.ts';

/** An application that a bootstrap makes, with what it sets for all its routes. */
export interface NestApp {
  readonly router: RouterNode;
  /** The root module; null for an application that arrives from code we cannot see. */
  readonly module: Value | null;
  prefix: PathPattern;
  excluded: readonly Value[];
  /** Null unless versions are part of the path. */
  versioning: Versioning | null;
  isListening: boolean;
}

interface Versioning {
  readonly prefix: PathPattern;
  readonly defaults: Value;
  readonly site: Site;
  /** Only the running program knows whether versions are part of the path at all. */
  readonly isUncertain: boolean;
}

export function createApp(router: RouterNode, module: Value | null): NestApp {
  return { router, module, prefix: EMPTY_PATH, excluded: [], versioning: null, isListening: false };
}

/** A member of an application. */
export function appMember(
  owner: RouterValue,
  app: NestApp,
  name: string,
  instanceOf: (token: Value, site: Site) => Value,
): Value {
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
    case 'listen':
    case 'listenAsync':
      app.isListening = true;
      return unknown(name);
    case 'select':
      return native(() => owner);
    case 'get':
    case 'resolve':
      return native(([token = UNDEFINED], site) => instanceOf(token, site));
    default:
      return unknown(name);
  }
}

/** Kinds of versions that are read from headers and the like. */
const OUTSIDE_OF_PATH = /^(?:HEADER|MEDIA_TYPE|CUSTOM)$/;

function versioningOf(options: Value | undefined, site: Site): Versioning | null {
  const type = option(options, 'type');
  const kind = type?.kind === 'external' ? memberPath(type).at(-1) : undefined;
  if (kind !== undefined && OUTSIDE_OF_PATH.test(kind)) return null;
  // The first of the enumeration.
  const isUri = kind === 'URI' || options === undefined || (type?.kind === 'literal' && type.value === 0);
  if (!isUri && type?.kind === 'literal') return null;
  return {
    prefix: versionPrefix(option(options, 'prefix')),
    defaults: option(options, 'defaultVersion') ?? UNDEFINED,
    site,
    isUncertain: !isUri,
  };
}

function versionPrefix(given: Value | undefined): PathPattern {
  if (given === undefined || isUndefined(given)) return { path: 'v', isPartial: false };
  if (given.kind === 'literal' && given.value === false) return EMPTY_PATH;
  return patternsOf(given)[0] ?? EMPTY_PATH;
}

/** The paths of a route with the versions that an application puts before it. */
export function withVersions(
  path: PathPattern,
  own: Value | undefined,
  versioning: NestApp['versioning'],
): PathPattern[] {
  if (versioning === null) return [path];
  if (versioning.isUncertain) return [{ ...path, isPartial: true }];
  const { prefix, defaults, site } = versioning;
  const version = own === undefined || isUndefined(own) ? defaults : own;
  if (isUndefined(version)) return [path];
  return (version.kind === 'list' ? version.items : [version]).flatMap((item) => {
    if (item.kind === 'external' && memberPath(item).at(-1) === 'VERSION_NEUTRAL') return [path];
    const shown =
      item.kind === 'literal' ? [{ path: String(item.value), isPartial: false }] : patternsOf(item);
    return shown.map((text) => {
      const version = { path: `${prefix.path}${text.path}`, isPartial: prefix.isPartial || text.isPartial };
      return joinPatterns(pieceOf('version', { ...text, ...version }, site), path);
    });
  });
}

/** The path of a route with the global prefix, unless it is excluded from it. */
export function withGlobalPrefix(path: PathPattern, verb: MutationMethod, app: NestApp): PathPattern {
  return isExcluded(path, verb, app) ? path : joinPatterns(app.prefix, path);
}

function isExcluded(path: PathPattern, verb: MutationMethod, app: NestApp): boolean {
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

/** The applications that serve a controller; null for one that cannot be told. */
export function appsOf(
  type: ClassValue,
  site: Site,
  modules: NestModules,
  apps: readonly NestApp[],
): NestApp[] | null {
  const made = apps.filter((app) => app.module !== null);
  const reaching = made.filter((app) => app.module !== null && modules.reaches(app.module, type));
  const candidates = listening(reaching.length > 0 ? reaching : made);
  if (reaching.length > 0) return candidates.map((app) => withDetachedSettings(app, apps));
  // What no module leads to is code of another project where it lies outside of this one.
  if (candidates.length > 0 && site.file.startsWith('../')) return [];
  const nearest = nearestTo(site, candidates.length > 0 ? candidates : apps);
  return nearest === null ? null : [withDetachedSettings(nearest, apps)];
}

/** A script that makes the application of a server without listening serves nothing. */
function listening(apps: readonly NestApp[]): readonly NestApp[] {
  const heard = apps.filter((app) => app.isListening);
  return heard.length > 0 ? heard : apps;
}

/** The application whose bootstrap shares the most folders with a controller, if one does or all are alike. */
function nearestTo(site: Site, apps: readonly NestApp[]): NestApp | null {
  const closeness = (app: NestApp): number => {
    const [own, other] = [site.file.split('/'), app.router.site.file.split('/')];
    const differing = own.findIndex((part, index) => part !== other[index]);
    return differing === -1 ? own.length : differing;
  };
  const most = Math.max(...apps.map(closeness));
  const [first, ...more] = apps.filter((app) => closeness(app) === most);
  if (first === undefined) return null;
  const isAlike = more.every(
    (app) =>
      app.prefix.path === first.prefix.path &&
      app.prefix.isPartial === first.prefix.isPartial &&
      app.versioning?.prefix.path === first.versioning?.prefix.path,
  );
  return isAlike ? first : null;
}

/** A setup function that was followed without its caller sets what the application itself does not. */
function withDetachedSettings(app: NestApp, apps: readonly NestApp[]): NestApp {
  const detached = apps.filter((other) => other.module === null);
  const prefixed = [app, ...detached].find((other) => other.prefix !== EMPTY_PATH) ?? app;
  return {
    ...app,
    prefix: prefixed.prefix,
    excluded: prefixed.excluded,
    versioning: [app, ...detached].find((other) => other.versioning !== null)?.versioning ?? null,
  };
}
