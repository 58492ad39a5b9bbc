import { join } from 'node:path';
import { z } from 'zod';
import { ts } from '../scan/project.ts';
import { foldersUpwards, readJson } from '../scan/workspace.ts';

/** The first one whose settings, where they are left out, stand for modern code: modules of ES, strict, ES2025. */
const MODERN = 6;

const installedSchema = z.looseObject({ version: z.string() });
const ranges = z.record(z.string(), z.string()).optional();
const declaredSchema = z.looseObject({ dependencies: ranges, devDependencies: ranges });

/**
 * Options with what the project's TypeScript takes for those that are left out.
 * @see https://www.typescriptlang.org/docs/handbook/release-notes/typescript-6-0.html
 */
export function withDefaults(options: ts.CompilerOptions, root: string): ts.CompilerOptions {
  const isModern = (majorVersion(root) ?? MODERN) >= MODERN;
  const target = options.target ?? (isModern ? ts.ScriptTarget.ES2025 : ts.ScriptTarget.ES5);
  const module = target >= ts.ScriptTarget.ES2015 ? ts.ModuleKind.ES2015 : ts.ModuleKind.CommonJS;
  return { ...options, target, module: options.module ?? module, strict: options.strict ?? isModern };
}

/** Of the TypeScript that is installed nearest, else of the range that the nearest package.json names. */
function majorVersion(root: string): number | undefined {
  const folders = foldersUpwards(root);
  const installed = folders.map((folder) => {
    const parsed = installedSchema.safeParse(readJson(join(folder, 'node_modules/typescript/package.json')));
    return parsed.success ? parsed.data.version : undefined;
  });
  const declared = folders.map((folder) => {
    const parsed = declaredSchema.safeParse(readJson(join(folder, 'package.json')));
    return parsed.success
      ? (parsed.data.devDependencies?.['typescript'] ?? parsed.data.dependencies?.['typescript'])
      : undefined;
  });
  const version = [...installed, ...declared].find((text) => text !== undefined);
  const major = /\d+/.exec(version ?? '')?.[0];
  return major === undefined ? undefined : Number(major);
}
