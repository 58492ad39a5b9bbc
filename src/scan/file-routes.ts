import type { Routing } from '../frameworks/framework.ts';
import { mutationMethod } from './patterns.ts';
import type { RouterNode } from './route-graph.ts';
import type { Value } from './values.ts';

/** The part of a path below one of some folders of an application; null for what is elsewhere. */
export function pathBelow(application: string, file: string, folders: readonly string[]): string | null {
  const inside = file.slice(application.length + 1);
  const folder = folders.find((name) => inside.startsWith(`${name}/`));
  return folder === undefined ? null : inside.slice(folder.length + 1);
}

/** Registers the functions that a file exports under the names of methods: `export const POST = …`. */
export function registerExports(
  routing: Routing,
  router: RouterNode,
  file: string,
  path: string,
  isWanted: (value: Value) => boolean = () => true,
): void {
  for (const { name, value, site } of routing.exportsOf(file)) {
    const method = /^[A-Z]+$/.test(name) ? mutationMethod(name) : undefined;
    if (method === undefined || method === 'ALL' || !isWanted(value)) continue;
    router.routes.push({ method, path: { path, isPartial: false }, site, handlers: [value] });
  }
}

/** A root router for the files of each application, made when first asked for. */
export function routersOfFolders(
  routing: Routing,
  framework: string,
  prefixOf: (folder: string) => string,
): (file: string, folder: string) => RouterNode {
  const known = new Map<string, RouterNode>();
  return (file, folder) => {
    const existing = known.get(folder);
    if (existing !== undefined) return existing;
    const site = routing.siteOf(routing.parse(file));
    const own: RouterNode = { framework, isRoot: false, site, mounts: [], routes: [] };
    const mounts = [
      { child: routing.graph.add(own), path: { path: prefixOf(folder), isPartial: false }, site },
    ];
    routing.graph.add({ framework, isRoot: true, site, mounts, routes: [] });
    known.set(folder, own);
    return own;
  };
}
