// https://github.com/fastify/fastify-autoload#global-configuration
import { isAbsolute, posix } from 'node:path';
import { looksRegistering } from '../scan/dynamic.ts';
import { option } from '../scan/patterns.ts';
import {
  isUndefined,
  literal,
  object,
  text,
  textParts,
  truth,
  UNDEFINED,
  type Site,
  type Value,
} from '../scan/values.ts';
import type { Routing } from './framework.ts';

export interface AutoloadedPlugin {
  /** A plugin, or the one route that a file exports. */
  readonly plugin: Value;
  readonly prefix: Value | undefined;
  readonly options: Value | undefined;
  /** Whether it shares the scope that it is loaded into, where prefixes say nothing. */
  readonly isShared: boolean;
}

const INDEX = /^index\.[cm]?[jt]s$/i;
const AUTO_HOOKS = /^[_.]?auto_?hooks\.[cm]?[jt]s$/i;

export function isAutoload(plugin: Value): boolean {
  if (plugin.kind === 'object') return isAutoload(plugin.properties.get('default') ?? UNDEFINED);
  return plugin.kind === 'external' && /^(?:@fastify\/|fastify-)autoload$/.test(plugin.from);
}

/** The plugins that `@fastify/autoload` finds under its `dir`, with the prefixes that their folders give them. */
export function autoloadedPlugins(options: Value, site: Site, routing: Routing): AutoloadedPlugin[] {
  const dir = option(options, 'dir');
  if (dir?.kind !== 'literal') {
    routing.unresolved(site, 'dynamic_mount: autoload of an unknown folder');
    return [];
  }
  const folder = String(dir.value);
  const from = isAbsolute(folder)
    ? folder
    : posix.join(routing.packageFolder(site.node.getSourceFile().fileName), folder);
  const root = posix.normalize(from).replace(/\/$/, '');
  const prefixOf = folderPrefixes(root, options, site, routing);
  const hasParameters = truth(option(options, 'routeParams') ?? literal(false)) === true;
  const isShared = truth(option(options, 'encapsulate') ?? literal(true)) === false;
  return autoloadedFiles(root, options, site, routing).flatMap((file): AutoloadedPlugin[] => {
    const loaded = routing.load(file);
    const plugin = loaded.kind === 'object' ? (loaded.properties.get('default') ?? loaded) : loaded;
    const isRoute = plugin.kind === 'object' && plugin.properties.has('method');
    if (plugin.kind !== 'function' && !isRoute) {
      if (plugin.kind === 'unknown' || looksRegistering(routing.parse(file))) {
        routing.unresolved(routing.siteOf(routing.parse(file)), `dynamic_mount: ${posix.basename(file)}`);
      }
      return [];
    }
    const own = (property: string): Value | undefined =>
      option(loaded, property) ?? ('properties' in plugin ? plugin.properties.get(property) : undefined);
    if (truth(own('autoload') ?? literal(true)) === false) return [];
    const passed = merged(own('autoConfig'), option(options, 'options'));
    const override = own('prefixOverride');
    if (override !== undefined) return [{ plugin, prefix: override, options: passed, isShared }];
    const named = own('autoPrefix');
    // What a file says of its prefix stands in for what its folders say.
    const below =
      named === undefined || truth(named) === false ? literal(prefixOf(posix.dirname(file))) : named;
    const parts = [option(passed, 'prefix'), below].filter(
      (part) => part !== undefined && !isUndefined(part),
    );
    const prefix = text(
      parts.flatMap((part, index) => [...(index === 0 ? [] : ['/']), ...textParts(part ?? UNDEFINED)]),
    );
    const isKnown = hasParameters && prefix.kind === 'literal';
    return [
      {
        plugin,
        prefix: isKnown ? literal(withParameters(String(prefix.value))) : prefix,
        options: passed,
        isShared,
      },
    ];
  });
}

/** The files that autoload takes for plugins. Beside an index file nothing else of its folder is one. */
function autoloadedFiles(root: string, options: Value, site: Site, routing: Routing): string[] {
  const below = routing.files.filter((file) => file.startsWith(`${root}/`));
  const isIndex = matcher(option(options, 'indexPattern'), site, routing) ?? ((name) => INDEX.test(name));
  const isHook =
    matcher(option(options, 'autoHooksPattern'), site, routing) ?? ((name) => AUTO_HOOKS.test(name));
  const indexed = new Set(
    below.filter((file) => isIndex(posix.basename(file))).map((file) => posix.dirname(file)),
  );
  const isIgnored = matcher(option(options, 'ignorePattern'), site, routing) ?? (() => false);
  const isScript = matcher(option(options, 'scriptPattern'), site, routing) ?? (() => true);
  const isMatch = matcher(option(options, 'matchFilter'), site, routing) ?? (() => true);
  const isFiltered = matcher(option(options, 'ignoreFilter'), site, routing) ?? (() => false);
  const maxDepth = option(options, 'maxDepth');
  const depth =
    maxDepth?.kind === 'literal' && typeof maxDepth.value === 'number' ? maxDepth.value : Infinity;
  return below.filter((file) => {
    const name = posix.basename(file);
    const inside = file.slice(root.length);
    const names = inside.split('/').filter((part) => part !== '');
    if (names.length - 1 > depth) return false;
    if (!isMatch(inside) || isFiltered(inside)) return false;
    if (isIndex(name)) return !names.slice(0, -1).some(isIgnored);
    return !indexed.has(posix.dirname(file)) && !isHook(name) && isScript(name) && !names.some(isIgnored);
  });
}

/** A pattern, a part of the path, or a function of it; null where the option is not given. */
function matcher(value: Value | undefined, site: Site, routing: Routing): ((path: string) => boolean) | null {
  if (value?.kind === 'regex') {
    const pattern = new RegExp(value.source);
    return (path) => pattern.test(path);
  }
  if (value?.kind === 'literal' && typeof value.value === 'string') {
    const part = value.value;
    return (path) => path.includes(part);
  }
  if (value?.kind === 'function')
    return (path) => truth(routing.call(value, [literal(path)], site)) !== false;
  return null;
}

function folderPrefixes(
  root: string,
  options: Value,
  site: Site,
  routing: Routing,
): (folder: string) => string {
  const rule = option(options, 'dirNameRoutePrefix') ?? literal(true);
  if (rule.kind !== 'function') return (folder) => (truth(rule) === false ? '' : folder.slice(root.length));
  return (folder) => {
    let parent = root;
    let prefix = '';
    for (const name of folder.slice(root.length).split('/')) {
      if (name === '') continue;
      const named = routing.call(rule, [literal(parent), literal(name)], site);
      if (named.kind === 'literal' && typeof named.value === 'string') prefix += `/${named.value}`;
      parent = posix.join(parent, name);
    }
    return prefix;
  };
}

/** With `routeParams`, `/_id` is a parameter; where `__` is used, it alone marks parameters. */
function withParameters(prefix: string): string {
  return prefix.includes('__') ? prefix.replaceAll('__', ':') : prefix.replaceAll('/_', '/:');
}

function merged(first: Value | undefined, second: Value | undefined): Value | undefined {
  if (first?.kind !== 'object' || second?.kind !== 'object') return second ?? first;
  return { ...object(), properties: new Map([...first.properties, ...second.properties]) };
}
