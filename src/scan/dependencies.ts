import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseJson, readTextIfPresent } from '../config/json-file.ts';
import { manifestFile } from './workspace.ts';

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
});

/** Every package that a package.json names. @throws EvtgenError when it is not valid. */
export function dependencyNames(manifest: string): Set<string> {
  const parsed = parseJson('package.json', manifest, packageSchema);
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = parsed;
  return new Set([dependencies, devDependencies, peerDependencies].flatMap((names) => Object.keys(names)));
}

export interface PackageReader {
  dependsOn(file: string, packageName: string): boolean;
  packageFolder(file: string): string;
}

interface Package {
  readonly folder: string;
  readonly names: ReadonlySet<string>;
}

/** Finds the package of a file: the nearest folder up to the root whose package.json names dependencies. */
export function createPackageReader(root: string): PackageReader {
  const known = new Map<string, Package>();
  const packageAt = (folder: string): Package => {
    const cached = known.get(folder);
    if (cached !== undefined) return cached;
    const file = folder === root ? manifestFile(root) : join(folder, 'package.json');
    const manifest = file === undefined ? undefined : readTextIfPresent(file);
    const names = manifest === undefined ? new Set<string>() : dependencyNames(manifest);
    const isEnd = folder === root || dirname(folder) === folder || names.size > 0;
    const found = isEnd ? { folder, names } : packageAt(dirname(folder));
    known.set(folder, found);
    return found;
  };
  return {
    dependsOn: (file, packageName) => packageAt(dirname(file)).names.has(packageName),
    packageFolder: (file) => packageAt(dirname(file)).folder,
  };
}
