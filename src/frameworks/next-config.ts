import { option } from '../scan/patterns.ts';
import type { Value } from '../scan/values.ts';
import { unknown } from '../scan/values.ts';
import type { Routing } from './framework.ts';

/** A folder that Next.js runs, with what its configuration says of routes. */
export interface NextApplication {
  readonly folder: string;
  readonly basePath: string;
  /** How the names of routes and pages end. */
  readonly extension: RegExp;
}

const CONFIG_FILE = /\/next\.config\.[cm]?[jt]s$/;
const ANY_EXTENSION = /\.[cm]?[jt]sx?$/;

/** The application that a file is part of: that of the nearest configuration, else of a package that uses Next.js. */
export function applicationsOf(routing: Routing): (file: string) => NextApplication | null {
  const configs = new Map(
    routing.files
      .filter((file) => CONFIG_FILE.test(file))
      .map((file) => [file.replace(CONFIG_FILE, ''), file] as const),
  );
  const known = new Map<string, NextApplication>();
  return (file) => {
    const packageFolder = routing.packageFolder(file);
    const configured = [...configs.keys()].filter((folder) => file.startsWith(`${folder}/`));
    const folder = [...configured, packageFolder].reduce((a, b) => (b.length > a.length ? b : a));
    const config = configs.get(folder);
    if (config === undefined && !routing.dependsOn(file, 'next')) return null;
    const existing = known.get(folder);
    if (existing !== undefined) return existing;
    const application = configure(routing, folder, config);
    known.set(folder, application);
    return application;
  };
}

function configure(routing: Routing, folder: string, file: string | undefined): NextApplication {
  const isTold = file !== undefined && /\b(?:basePath|pageExtensions)\b/.test(routing.text(file));
  if (file === undefined || !isTold) return { folder, basePath: '', extension: ANY_EXTENSION };
  const loaded = routing.load(file);
  const site = routing.siteOf(routing.parse(file));
  const main = option(loaded, 'default') ?? loaded;
  // A configuration may be a function of the phase.
  const config =
    main.kind === 'function' ? routing.call(main, [unknown('phase'), unknown('context')], site) : main;
  const basePath = configured(config, 'basePath');
  const extensions = configured(config, 'pageExtensions');
  return {
    folder,
    basePath: basePath?.kind === 'literal' && typeof basePath.value === 'string' ? basePath.value : '',
    extension: extensions?.kind === 'list' ? oneOf(extensions.items) : ANY_EXTENSION,
  };
}

function oneOf(items: readonly Value[]): RegExp {
  const endings = items.flatMap((item) => (item.kind === 'literal' ? [String(item.value)] : []));
  if (endings.length === 0) return ANY_EXTENSION;
  return new RegExp(`\\.(?:${endings.map((ending) => ending.replaceAll('.', '\\.')).join('|')})$`);
}

/** A setting, also inside what wraps the configuration: `withPlugin(config)`. */
function configured(value: Value, name: string): Value | undefined {
  if (value.kind === 'union') {
    return value.options.map((choice) => configured(choice, name)).find((found) => found !== undefined);
  }
  if (value.kind !== 'external') return option(value, name);
  const parts = value.steps.flatMap((step) => (typeof step === 'string' ? [] : step));
  return parts.map((part) => configured(part, name)).find((found) => found !== undefined);
}
