import { join } from 'node:path';
import { z } from 'zod';
import { foldersUpwards, readJson } from './workspace.ts';

const installedSchema = z.looseObject({ version: z.string() });
const ranges = z.record(z.string(), z.string()).optional();
const declaredSchema = z.looseObject({ dependencies: ranges, devDependencies: ranges });

/** The version of a package that is installed nearest. */
export function installedVersion(root: string, name: string): string | undefined {
  for (const folder of foldersUpwards(root)) {
    const parsed = installedSchema.safeParse(readJson(join(folder, 'node_modules', name, 'package.json')));
    if (parsed.success) return parsed.data.version;
  }
  return undefined;
}

/** That, else the range that the nearest package.json names. */
export function knownVersion(root: string, name: string): string | undefined {
  const declared = foldersUpwards(root).map((folder) => {
    const parsed = declaredSchema.safeParse(readJson(join(folder, 'package.json')));
    return parsed.success
      ? (parsed.data.devDependencies?.[name] ?? parsed.data.dependencies?.[name])
      : undefined;
  });
  return installedVersion(root, name) ?? declared.find((text) => text !== undefined);
}
