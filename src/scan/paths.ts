import type { TextPart } from './values.ts';

/** A path pattern as registered, or the join of several; `isPartial` when a part is unknown. */
export interface PathPattern {
  readonly path: string;
  readonly isPartial: boolean;
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
  return { path: `${left.path}/${right.path}`, isPartial: left.isPartial || right.isPartial };
}

/**
 * The normal form of DESIGN section 5: `:name` parameters, `*` for a catch-all, no trailing slash.
 * Understands path-to-regexp of Express 4 (`:id(\\d+)`, `:id?`, `(.*)`) and 5 (`*rest`, `{/:id}`).
 */
export function normalizePath(path: string, isPartial = false): string {
  const plain = path
    .replaceAll(/:(\w+)\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)/g, ':$1')
    .replaceAll(/\((?:\.\*|\*|\[\^\/\][*+])\)/g, '*')
    .replaceAll(/(:\w+)[?+]/g, '$1')
    .replaceAll(/(:\w+)\*/g, '*')
    .replaceAll(/(?<=^|\/)\*+\w*/g, '*');
  const grouped = isPartial ? plain : plain.replaceAll(/[{}]/g, '');
  const slashed = `/${grouped}`.replaceAll(/\/{2,}/g, '/');
  return slashed.length > 1 ? slashed.replace(/\/+$/, '') : slashed;
}
