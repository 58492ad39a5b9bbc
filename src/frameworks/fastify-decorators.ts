// https://github.com/L2jLiga/fastify-decorators/blob/master/docs/README.md
import { statSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { decoratedMethods, decorationsOf, type Decoration } from '../scan/decorators.ts';
import { mutationMethod, option } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import { literal, memberPath, UNDEFINED, type ClassValue, type Site, type Value } from '../scan/values.ts';
import type { Routing } from './framework.ts';

export const DECORATORS = 'fastify-decorators';

export interface DecoratedRoute {
  readonly method: MutationMethod;
  readonly path: Value;
  readonly handlers: readonly Value[];
  /** What Fastify is told of the route beside its path. */
  readonly options: Value | undefined;
  readonly site: Site;
}

export interface Controller {
  readonly type: ClassValue;
  readonly prefix: Value;
  readonly routes: readonly DecoratedRoute[];
}

export function isBootstrap(plugin: Value): boolean {
  return (
    plugin.kind === 'external' && plugin.from === DECORATORS && memberPath(plugin).at(-1) === 'bootstrap'
  );
}

/** The controllers that `bootstrap` is given, or finds in files of its directory. */
export function bootstrapped(options: Value, site: Site, routing: Routing): Controller[] {
  const listed = option(options, 'controllers');
  const classes = listed?.kind === 'list' ? [...listed.items] : [];
  const directory = option(options, 'directory');
  if (directory?.kind === 'literal') {
    const path = String(directory.value);
    const folder = statSync(path, { throwIfNoEntry: false })?.isFile() === true ? dirname(path) : path;
    const mask = maskOf(option(options, 'mask'));
    const files = routing.files.filter(
      (file) => file.startsWith(`${folder.replace(/\/$/, '')}/`) && mask.test(posix.basename(file)),
    );
    classes.push(...files.map((file) => option(routing.load(file), 'default') ?? UNDEFINED));
  } else if (listed?.kind !== 'list') {
    routing.unresolved(site, 'dynamic_mount: controllers of an unknown folder');
  }
  return classes.flatMap((type) => (type.kind === 'class' ? [controllerOf(type, routing)] : []));
}

function maskOf(value: Value | undefined): RegExp {
  if (value?.kind === 'regex') return new RegExp(value.source);
  return value?.kind === 'literal' ? new RegExp(String(value.value)) : /\.(?:handler|controller)\./;
}

/** A class with `@Controller`, or one with a method's decorator that handles a single route. */
export function controllerOf(type: ClassValue, routing: Routing): Controller {
  const own = decorationsOf(routing, type, type.node);
  const routes = decoratedMethods(routing, type).flatMap(({ method, decorations }) =>
    decorations.flatMap((decoration) => routesOf(decoration, [method])),
  );
  const given = own
    .map((decoration) => argumentsOf(decoration, 'Controller'))
    .find((args) => args !== undefined);
  const handle = decoratedMethods(routing, type).find(({ method }) => method.name === 'handle');
  const single = own.flatMap((decoration) =>
    routesOf(decoration, handle === undefined ? [] : [handle.method]),
  );
  return {
    type,
    prefix:
      option(given?.[0], 'route') ??
      (given?.[0]?.kind === 'object' ? literal('') : (given?.[0] ?? literal(''))),
    routes: given === undefined ? single : routes,
  };
}

function routesOf(decoration: Decoration, handlers: readonly Value[]): DecoratedRoute[] {
  for (const name of ['POST', 'PUT', 'PATCH', 'DELETE', 'ALL']) {
    const args = argumentsOf(decoration, name);
    const method = mutationMethod(name);
    if (args === undefined || method === undefined) continue;
    const [first] = args;
    const path = first?.kind === 'object' ? (option(first, 'url') ?? literal('/')) : (first ?? literal('/'));
    const options = option(first, 'options') ?? args[1];
    return [{ method, path, handlers, options, site: decoration.site }];
  }
  return [];
}

/** What a decorator of the package was called with; undefined where it is another one. */
function argumentsOf({ value }: Decoration, name: string): readonly Value[] | undefined {
  if (value.kind !== 'external' || value.from !== DECORATORS) return undefined;
  const [called, args] = value.steps.filter((step) => step !== 'default');
  return called === name && typeof args === 'object' ? args : undefined;
}
