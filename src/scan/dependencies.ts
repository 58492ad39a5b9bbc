import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseJson, readTextIfPresent } from '../config/json-file.ts';

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
});

/** Every package that a package.json names. @throws EvtgenError when it is not valid. */
export function dependencyNames(manifest: string): Set<string> {
  const parsed = parseJson('package.json', manifest.replace(/^\uFEFF/, ''), packageSchema);
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = parsed;
  return new Set([dependencies, devDependencies, peerDependencies].flatMap((names) => Object.keys(names)));
}

/** Answers whether a file's package, or one that it is part of up to the root, names a dependency. */
export function createDependencyReader(root: string): (file: string, packageName: string) => boolean {
  const known = new Map<string, ReadonlySet<string>>();
  const namesAbove = (folder: string): ReadonlySet<string> => {
    const cached = known.get(folder);
    if (cached !== undefined) return cached;
    const manifest = readTextIfPresent(join(folder, 'package.json'));
    const own = manifest === undefined ? new Set<string>() : dependencyNames(manifest);
    const isEnd = folder === root || dirname(folder) === folder || own.size > 0;
    const names = isEnd ? own : namesAbove(dirname(folder));
    known.set(folder, names);
    return names;
  };
  return (file, packageName) => namesAbove(dirname(file)).has(packageName);
}
