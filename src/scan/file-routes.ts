import type { Routing } from '../frameworks/framework.ts';
import { mutationMethod } from './patterns.ts';
import type { RouterNode } from './route-graph.ts';

/** The part of a file's path below a folder of its package; null for files that are elsewhere. */
export function pathBelow(routing: Routing, file: string, folders: readonly string[]): string | null {
  const inPackage = file.slice(routing.packageFolder(file).length + 1);
  const folder = folders.find((name) => inPackage.startsWith(`${name}/`));
  return folder === undefined ? null : inPackage.slice(folder.length + 1);
}

/** Registers the functions that a file exports under the names of methods: `export const POST = …`. */
export function registerExports(routing: Routing, router: RouterNode, file: string, path: string): void {
  for (const { name, value, site } of routing.exportsOf(file)) {
    const method = /^[A-Z]+$/.test(name) ? mutationMethod(name) : undefined;
    if (method === undefined || method === 'ALL') continue;
    router.routes.push({ method, path: { path, isPartial: false }, site, handlers: [value] });
  }
}

/** A root router for the files of each package, made when first asked for. */
export function routersOfPackages(
  routing: Routing,
  framework: string,
  prefixOf: (folder: string) => string,
): (file: string) => RouterNode {
  const known = new Map<string, RouterNode>();
  return (file) => {
    const folder = routing.packageFolder(file);
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
