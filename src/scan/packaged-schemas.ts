import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { callValue } from './call.ts';
import { memberOf } from './members.ts';
import { loadModule, namespaceOf } from './modules.ts';
import type { Run } from './run.ts';
import { isSchemaLibrary } from './value-schemas/index.ts';
import { isUndefined, type ExternalValue, type Value } from './values.ts';
import { readJson } from './workspace.ts';

const manifestSchema = z.looseObject({
  dependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
  peerDependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/**
 * What an installed package exports that is made with a library for schemas: teams share their models that way.
 * Packages without such a dependency are not opened, and nothing of a package is run.
 */
export function createPackagedSchemas(run: Run): (value: ExternalValue) => Value | undefined {
  const entries = new Map<string, string | null>();
  const known = new Map<ExternalValue, Value | undefined>();

  const entryOf = (specifier: string): string | null => {
    const cached = entries.get(specifier);
    if (cached !== undefined) return cached;
    const file = resolved(specifier, run.project.root);
    const entry = file !== null && describesData(file) ? file : null;
    entries.set(specifier, entry);
    return entry;
  };

  const read = (value: ExternalValue): Value | undefined => {
    const entry = entryOf(value.from);
    if (entry === null) return undefined;
    const { source } = loadModule(run, entry);
    let current = namespaceOf(run, entry);
    value.steps.forEach((step, index) => {
      const isWhole = index === 0 && step === 'default' && !hasDefault(current);
      if (isWhole) return;
      current =
        typeof step === 'string'
          ? memberOf(run, current, step, source)
          : callValue(run, current, step, source);
    });
    return isUndefined(current) || current.kind === 'unknown' ? undefined : current;
  };

  return (value) => {
    if (known.has(value)) return known.get(value);
    const { isReadingSchemas } = run;
    run.isReadingSchemas = true;
    const found = read(value);
    run.isReadingSchemas = isReadingSchemas;
    known.set(value, found);
    return found;
  };
}

function hasDefault(namespace: Value): boolean {
  return namespace.kind === 'object' && namespace.properties.has('default');
}

/** The file that Node.js would load, which is only read here. */
function resolved(specifier: string, root: string): string | null {
  try {
    const file = createRequire(join(root, 'package.json')).resolve(specifier);
    return isAbsolute(file) && /\.[cm]?js$/.test(file) ? file : null;
  } catch {
    return null;
  }
}

/** Whether the package of a file depends on a library for schemas. */
function describesData(file: string): boolean {
  for (let folder = dirname(file); dirname(folder) !== folder; folder = dirname(folder)) {
    const manifest = manifestSchema.safeParse(readJson(join(folder, 'package.json')));
    if (!manifest.success) continue;
    const { dependencies = {}, peerDependencies = {} } = manifest.data;
    return [...Object.keys(dependencies), ...Object.keys(peerDependencies)].some(isSchemaLibrary);
  }
  return false;
}
