import type { Origins, Site, TextPart } from './values.ts';

/** A path pattern as registered, or the join of several; `isPartial` when a part is unknown. */
export interface PathPattern {
  readonly path: string;
  readonly isPartial: boolean;
  /** Where it was written; only in a run that explains itself. */
  readonly origins?: Origins;
  /** What it was joined from, where a framework says so. */
  readonly pieces?: readonly PathPiece[];
}

/** A part of a path that has a place of its own: a global prefix, a version, the path of a controller. */
export interface PathPiece {
  readonly label: string;
  readonly pattern: PathPattern;
  readonly site: Site;
}

export const EMPTY_PATH: PathPattern = { path: '', isPartial: false };

/** Unknown parts are shown as `{the words of the source}`. */
export function pathFromParts(parts: readonly TextPart[]): PathPattern {
  let path = '';
  let isPartial = false;
  for (const part of parts) {
    if (typeof part === 'string') path += part;
    else {
      isPartial = true;
      path += `{${part.hole.replaceAll(/[\s/{}:]+/g, '') || 'value'}}`;
    }
  }
  return { path, isPartial };
}

export function joinPatterns(left: PathPattern, right: PathPattern): PathPattern {
  const pieces = [...(left.pieces ?? []), ...(right.pieces ?? [])];
  const origins = [...(left.origins ?? []), ...(right.origins ?? [])];
  return {
    path: `${left.path}/${right.path}`,
    isPartial: left.isPartial || right.isPartial,
    ...(origins.length === 0 ? {} : { origins }),
    ...(pieces.length === 0 ? {} : { pieces }),
  };
}

/** The pattern as one piece, with the place that gives it. */
export function pieceOf(label: string, pattern: PathPattern, site: Site): PathPattern {
  return { ...pattern, pieces: [{ label, pattern, site }] };
}

/**
 * The normal form of DESIGN section 5: `:name` parameters, `*` for a catch-all, no trailing slash.
 * Understands path-to-regexp of Express 4 (`:id(\\d+)`, `:id?`, `(.*)`) and 5 (`*rest`, `{/:id}`).
 */
export function normalizePath(path: string, isPartial = false): string {
  let groups = 0;
  // `/v([1-9]\\d*)`: what has no name goes by its number; unknown parts are left as they are.
  const numbered = (part: string): string => (part.startsWith('{') ? part : `:${groups++}`);
  const plain = path
    .replaceAll(/:(\w+)\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)/g, ':$1')
    .replaceAll(/\((?<slash>\\?\/)?(?:\.?\*|\.\+|\[\^\/\][*+])\)\??/g, (_, slash) =>
      slash === undefined ? '*' : '/*',
    )
    .replaceAll(/\{[^}]*\}|\((?!\?)(?:[^()\\/]|\\.)+\)\??/g, (part) => numbered(part))
    .replaceAll(/(:\w+)[?+]/g, '$1')
    .replaceAll(/(:\w+)\*/g, '*')
    .replaceAll(/(?<=^|\/)\*+\w*/g, '*');
  const grouped = isPartial ? plain : plain.replaceAll(/[{}]/g, '');
  const slashed = `/${grouped}`.replaceAll(/\/{2,}/g, '/');
  return slashed.length > 1 ? slashed.replace(/\/+$/, '') : slashed;
}
