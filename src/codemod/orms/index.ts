import type { Orm } from './orm.ts';
import pg from './pg.ts';

const ORMS: Readonly<Record<string, readonly Orm[]>> = {};

/** The ORMs whose calls a project with a store may make, the more specific first; every store takes what `pg` has. */
export function ormsOf(store: string): readonly Orm[] {
  return [...(ORMS[store] ?? []), pg];
}
