import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readTextIfPresent } from '../config/json-file.ts';
import { ts } from './typescript.ts';
import { readJson } from './workspace.ts';

const aliasesSchema = z.record(z.string(), z.string());
const manifestSchema = z.looseObject({ _moduleAliases: aliasesSchema });
const resolverSchema = z.tuple([z.string(), z.looseObject({ alias: aliasesSchema })]).rest(z.unknown());
const babelSchema = z.looseObject({ plugins: z.array(z.unknown()) });

const BABEL_FILES = ['.babelrc', '.babelrc.json', 'babel.config.json'];

/**
 * The path aliases that a folder's package.json gives to `module-alias`, and its Babel to `module-resolver`, as
 * `paths` of a tsconfig.json has them.
 */
export function moduleAliases(folder: string): Record<string, string[]> {
  const manifest = manifestSchema.safeParse(readJson(join(folder, 'package.json')));
  const aliases = { ...babelAliases(folder), ...(manifest.success ? manifest.data._moduleAliases : {}) };
  return Object.fromEntries(
    Object.entries(aliases).flatMap(([name, target]) => {
      const path = sourceOf(join(folder, target));
      return [
        [name, [path]],
        [`${name}/*`, [join(path, '*')]],
      ];
    }),
  );
}

function babelAliases(folder: string): Readonly<Record<string, string>> {
  for (const name of BABEL_FILES) {
    const text = readTextIfPresent(join(folder, name));
    const parsed = babelSchema.safeParse(
      text === undefined ? undefined : ts.parseConfigFileTextToJson(name, text).config,
    );
    for (const plugin of parsed.success ? parsed.data.plugins : []) {
      const resolver = resolverSchema.safeParse(plugin);
      if (resolver.success && /(?:^|-)module-resolver$/.test(resolver.data[0])) return resolver.data[1].alias;
    }
  }
  return {};
}

/** What is built stands for what it is built from. */
function sourceOf(path: string): string {
  return existsSync(path) ? path : path.replace(/\/(?:dist|build|out|lib)(?=\/|$)/, '/src');
}
