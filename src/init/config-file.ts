import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Config } from '../config/load.ts';

/** In the order in which they are written. */
const KEYS = [
  '$schema',
  'framework',
  'store',
  'broker',
  'metrics',
  'formatter',
  'output',
  'migrations',
] as const satisfies readonly (keyof Config)[];

/** What init writes into the file. */
export type Choices = Pick<Config, (typeof KEYS)[number]>;

const SCHEMA = 'node_modules/evtgen/config.schema.json';

/**
 * The path of the schema as editors resolve it, from evtgen as it is installed in the project or above it, up to the
 * top of the repository. Undefined where it is not installed: a reference to nothing is an error in the editor, and an
 * address of the web would have it call home.
 */
export function schemaPath(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, SCHEMA))) {
      const path = relative(root, join(folder, SCHEMA)).split(sep).join('/');
      return path.startsWith('.') ? path : `./${path}`;
    }
    if (dirname(folder) === folder || existsSync(join(folder, '.git'))) return undefined;
  }
}

/** The keys that the file has otherwise than chosen. */
export function contradictions(config: Config, choices: Choices): (typeof KEYS)[number][] {
  return KEYS.filter(
    (key) => choices[key] !== undefined && config[key] !== undefined && choices[key] !== config[key],
  );
}

/**
 * The file with the choices in it, everything else as it was.
 * @param text of the file there is, which is a valid config
 */
export function withChoices(text: string | undefined, config: Config, choices: Choices): string {
  const changed = KEYS.filter((key) => choices[key] !== undefined && choices[key] !== config[key]);
  const wanted = changed.map((key) => [key, choices[key]] as const);
  if (text === undefined || Object.keys(config).length === 0)
    return formatted(Object.fromEntries(wanted), '  ');
  if (changed.length === 0) return text;
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  if (changed.some((key) => config[key] !== undefined)) {
    return formatted({ ...config, ...Object.fromEntries(wanted) }, indent).replaceAll('\n', eol);
  }
  const line = (key: string, value: unknown): string =>
    `${eol}${indent}${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  const first = wanted.filter(([key]) => key === '$schema').map(([key, value]) => `${line(key, value)},`);
  const last = wanted.filter(([key]) => key !== '$schema').map(([key, value]) => `,${line(key, value)}`);
  const [start, end] = [text.indexOf('{') + 1, text.lastIndexOf('}')];
  const inner = text.slice(start, end);
  const closing = last.length === 0 ? inner : `${inner.trimEnd()}${last.join('')}${eol}`;
  return `${text.slice(0, start)}${first.join('')}${closing}${text.slice(end)}`;
}

function formatted(value: object, indent: string): string {
  return `${JSON.stringify(value, null, indent)}\n`;
}
