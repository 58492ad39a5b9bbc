import { EMPTY_PATH, joinPatterns, pieceOf, type PathPattern } from '../scan/paths.ts';
import { option, patternsOf } from '../scan/patterns.ts';
import { memberPath, UNDEFINED, type ClassValue, type Value } from '../scan/values.ts';
import { wordsOf } from '../scan/dynamic.ts';
import type { Routing } from './framework.ts';
import type { NestDecorator } from './nest.ts';

/** The module tree of a project: which module holds a controller, and under which paths it is put. */
export interface NestModules {
  /** The paths that `RouterModule` gives to the modules of a controller; `EMPTY_PATH` for those without. */
  prefixesOf(controller: ClassValue): PathPattern[];
  /** Whether a module has it among its controllers. */
  lists(controller: ClassValue): boolean;
  /** Whether a root module leads to a controller. */
  reaches(root: Value, controller: ClassValue): boolean;
}

interface ModuleParts {
  readonly imports: Set<ClassValue>;
  readonly controllers: Set<ClassValue>;
}

export function readModules(
  routing: Routing,
  decoratorsOf: (type: ClassValue) => readonly NestDecorator[],
): NestModules {
  const modules = new Map<ClassValue, ModuleParts>();
  const prefixes = new Map<ClassValue, PathPattern[]>();
  /** Of modules that `RouterModule` gives no path, as far as it can be read. */
  let unlisted = EMPTY_PATH;

  const partsOf = (type: ClassValue): ModuleParts => {
    const known = modules.get(type) ?? { imports: new Set(), controllers: new Set() };
    modules.set(type, known);
    return known;
  };
  const readOptions = (owner: ClassValue, options: Value | undefined): void => {
    const parts = partsOf(owner);
    for (const controller of classesIn(option(options, 'controllers'))) parts.controllers.add(controller);
    const imports = option(options, 'imports');
    for (const item of imports === undefined ? [] : [imports]) readImport(parts, item, owner);
  };
  const reportUndecided = (holder: ClassValue, routes: Value): void => {
    unlisted = { path: '', isPartial: true };
    const [decorator] = decoratorsOf(holder).filter(({ name }) => name === 'Module');
    const site = decorator?.site ?? routing.siteOf(holder.node);
    routing.unresolved(site, `dynamic_prefix: RouterModule of ${wordsOf(routes)}`);
  };
  const readImport = (parts: ModuleParts, value: Value, holder: ClassValue): void => {
    switch (value.kind) {
      case 'class':
        parts.imports.add(value);
        return;
      case 'list':
        for (const item of value.items) readImport(parts, item, holder);
        return;
      case 'union':
        for (const item of value.options) readImport(parts, item, holder);
        return;
      case 'object': {
        const [owner] = classesIn(option(value, 'module'));
        if (owner === undefined) return;
        parts.imports.add(owner);
        readOptions(owner, value);
        return;
      }
      case 'external': {
        const [owner, action] = memberPath(value);
        const [args] = value.steps.filter((step) => typeof step !== 'string');
        const [first = UNDEFINED] = args ?? [];
        if (owner === 'RouterModule' && (action === 'register' || action === 'forRoutes')) {
          readRoutes(first, EMPTY_PATH);
          if (isUndecided(first)) reportUndecided(holder, first);
        } else if (owner === 'forwardRef') {
          const [site] = routing.classes.map((type) => routing.siteOf(type.node));
          if (site !== undefined) readImport(parts, routing.call(first, [], site), holder);
        }
      }
    }
  };
  const readRoutes = (routes: Value, above: PathPattern): void => {
    if (routes.kind === 'class') {
      prefixes.set(routes, [...(prefixes.get(routes) ?? []), above]);
      return;
    }
    for (const route of routes.kind === 'list' ? routes.items : [routes]) {
      if (route.kind === 'class') readRoutes(route, above);
      if (route.kind !== 'object') continue;
      const [path = EMPTY_PATH] = patternsOf(option(route, 'path') ?? { kind: 'list', items: [] });
      const placed = route.node === undefined ? path : pieceOf('module', path, routing.siteOf(route.node));
      const full = joinPatterns(above, placed);
      for (const module of classesIn(option(route, 'module'))) readRoutes(module, full);
      const children = option(route, 'children') ?? option(route, 'childrens');
      if (children !== undefined) readRoutes(children, full);
    }
  };

  for (const type of routing.classes) {
    for (const decorator of decoratorsOf(type)) {
      if (decorator.name === 'Module') readOptions(type, decorator.args[0]);
    }
  }

  return {
    prefixesOf(controller) {
      const holding = [...modules].filter(([, parts]) => parts.controllers.has(controller));
      const given = holding.flatMap(([type]) => prefixes.get(type) ?? [unlisted]);
      return given.length === 0 ? [unlisted] : [...new Map(given.map((path) => [path.path, path])).values()];
    },
    lists: (controller) => [...modules.values()].some(({ controllers }) => controllers.has(controller)),
    reaches(root, controller) {
      const seen = new Set<ClassValue>();
      const pending = classesIn(root);
      for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
        if (seen.has(type)) continue;
        seen.add(type);
        const parts = modules.get(type);
        if (parts?.controllers.has(controller) === true) return true;
        pending.push(...(parts?.imports ?? []));
      }
      return false;
    },
  };
}

/** Routes that are not all there to be read: not a list, or one with something unknown spread into it. */
function isUndecided(routes: Value): boolean {
  if (routes.kind === 'list') return routes.items.some(isUndecided);
  return routes.kind !== 'object' && routes.kind !== 'class';
}

function classesIn(value: Value | undefined): ClassValue[] {
  switch (value?.kind) {
    case 'class':
      return [value];
    case 'list':
      return value.items.flatMap(classesIn);
    case 'union':
      return value.options.flatMap(classesIn);
    case 'object':
      return value.properties.has('module') ? classesIn(value.properties.get('module')) : [];
    default:
      return [];
  }
}
