// https://github.com/fastify/fastify-autoload#global-configuration
import { posix } from 'node:path';
import { option } from '../scan/patterns.ts';
import { literal, text, textParts, truth, UNDEFINED, type Site, type Value } from '../scan/values.ts';
import type { Routing } from './framework.ts';

export interface AutoloadedPlugin {
  readonly plugin: Value;
  readonly prefix: Value;
  readonly options: Value | undefined;
}

const INDEX = /^index\.[cm]?[jt]s$/;
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
  const root = posix.normalize(String(dir.value)).replace(/\/$/, '');
  const below = routing.files.filter((file) => file.startsWith(`${root}/`));
  const indexed = new Set(
    below.filter((file) => INDEX.test(posix.basename(file))).map((file) => posix.dirname(file)),
  );
  const ignored = regexOf(option(options, 'ignorePattern'));
  const isNamed = truth(option(options, 'dirNameRoutePrefix') ?? literal(true)) !== false;
  const hasParameters = truth(option(options, 'routeParams') ?? literal(false)) === true;
  const passed = option(options, 'options');
  return below.flatMap((file) => {
    const name = posix.basename(file);
    const folder = posix.dirname(file);
    // Beside an index file nothing else of its folder is a plugin.
    if (AUTO_HOOKS.test(name) || (indexed.has(folder) && !INDEX.test(name))) return [];
    const inside = file.slice(root.length);
    if (ignored?.test(inside) === true || ignored?.test(name) === true) return [];
    const loaded = routing.load(file);
    const plugin = loaded.kind === 'object' ? (loaded.properties.get('default') ?? loaded) : loaded;
    if (plugin.kind !== 'function') return [];
    const own = (property: string): Value | undefined =>
      option(loaded, property) ?? plugin.properties.get(property);
    const override = own('prefixOverride');
    if (override !== undefined) return [{ plugin, prefix: override, options: passed }];
    const folders = posix.dirname(inside);
    const fromFolders = isNamed && folders !== '/' ? (hasParameters ? parameters(folders) : folders) : '';
    const parts = [option(passed, 'prefix'), literal(fromFolders), own('autoPrefix')];
    const prefix = text(parts.flatMap((part) => (part === undefined ? [] : ['/', ...textParts(part)])));
    return [{ plugin, prefix, options: passed }];
  });
}

/** With `routeParams`, a folder `_id` is a parameter and `__a_b` is two of them, joined by a dash. */
function parameters(folders: string): string {
  return folders
    .replaceAll(/\/__(\w+)/g, (_, names: string) => `/:${names.split('_').join('-:')}`)
    .replaceAll(/\/_(\w)/g, '/:$1');
}

function regexOf(value: Value | undefined): RegExp | null {
  // A pattern given as a string is rare and may be no valid one; a literal was checked by the parser.
  return value?.kind === 'regex' ? new RegExp(value.source) : null;
}
