/**
 * How file names stand for paths. `flat`: dots part segments, folders hold `route`. `hybrid`: folders with a `+` part
 * segments, too. `nested`: every folder does. `doubled`: so it does, and two underscores hide a segment, not one.
 */
export type RouteConvention = 'flat' | 'hybrid' | 'nested' | 'doubled';

export interface RouteFiles {
  readonly kind: RouteConvention;
  /** Relative to the folder of the application. */
  readonly folder: string;
}

/** The convention that configuration files name; null where routes are listed without one. */
export function conventionOf(configurations: readonly string[], isListed: boolean): RouteFiles | null {
  const text = configurations.join('\n');
  const told = /\brootDirectory\s*:\s*['"]([^'"]+)['"]/.exec(text)?.[1];
  const folder = told ?? 'routes';
  if (/['"]remix-flat-routes['"]/.test(text)) return { kind: 'hybrid', folder };
  if (/['"](?:react-router|remix)-auto-routes['"]/.test(text)) return { kind: 'nested', folder };
  if (/['"]@remix-run\/v1-route-convention['"]/.test(text)) return { kind: 'doubled', folder };
  const isFlat = !isListed || /['"]@(?:react-router|remix-run)\/fs-routes['"]/.test(text);
  return isFlat ? { kind: 'flat', folder } : null;
}

/** The path of a route module by its place below the folder of routes; null for a file that is none. */
export function pathOfFile(file: string, kind: RouteConvention): string | null {
  const id = idOf(file, kind);
  if (id === null) return null;
  const hidden = kind === 'doubled' ? '__' : '_';
  const segments = segmentsOf(id);
  const last = segments.at(-1);
  const isIndex = last?.raw === 'index' || last?.raw === '_index';
  const own = isIndex && (kind !== 'flat' || last.raw === '_index') ? segments.slice(0, -1) : segments;
  const shown = own.flatMap(({ raw, text }) => (raw.startsWith(hidden) ? [] : [patternOf(raw, text, kind)]));
  return `/${shown.join('/')}`;
}

/** The names of folders and file that part the path, joined by dots. */
function idOf(file: string, kind: RouteConvention): string | null {
  const parts = file.split('/');
  const name = parts.at(-1) ?? '';
  const folders = parts.slice(0, -1);
  if (kind === 'doubled') return parts.join('.');
  if (kind === 'nested') {
    const isBeside = parts.some((part) => part.startsWith('+')) || /\.(?:server|client)$/.test(name);
    return isBeside ? null : parts.filter((part) => part !== '_layout').join('.');
  }
  if (kind === 'flat') {
    if (folders.length === 0) return name;
    return folders.length === 1 && /^(?:route|index)$/.test(name) ? (folders[0] ?? null) : null;
  }
  const isInPlus = folders.length === 0 || folders.at(-1)?.endsWith('+') === true;
  const isModule = /^(?:index|route|layout|page)$|^_|\.route$/.test(name);
  if (!isInPlus && !isModule) return null;
  const kept = isInPlus
    ? [name]
    : name.endsWith('.route')
      ? [name.slice(0, -6)]
      : /^_?index$/.test(name)
        ? ['index']
        : [];
  return [...folders.map((folder) => folder.replace(/\+$/, '')), ...kept].join('.');
}

interface NamedSegment {
  /** With the brackets that keep characters from having a meaning. */
  readonly raw: string;
  readonly text: string;
}

/** Parts at dots that are not in brackets. */
function segmentsOf(id: string): NamedSegment[] {
  return id
    .split(/\.(?![^[]*\])/)
    .filter((raw) => raw !== '')
    .map((raw) => ({ raw, text: raw.replaceAll(/[[\]]/g, '') }));
}

/** `$`, `$id`, `($lang)`, `(group)` and `settings_` */
function patternOf(raw: string, text: string, kind: RouteConvention): string {
  const optional = /^\((.*)\)$/.exec(text)?.[1] ?? text;
  if (optional === '$') return '*';
  const open = kind !== 'doubled' && raw.endsWith('_') ? optional.slice(0, -1) : optional;
  return raw.replace(/^\(/, '').startsWith('$') ? `:${open.slice(1)}` : open;
}
