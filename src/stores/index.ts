/** A file in this folder that binds the PostgreSQL store to one client. */
export interface StoreBinding {
  readonly id: string;
  readonly title: string;
  /** Relative to src/stores. */
  readonly file: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
}

export const stores: readonly StoreBinding[] = [
  { id: 'pg', title: 'PostgreSQL through pg', file: 'pg.ts', packages: ['pg'] },
  { id: 'pglite', title: 'PGlite', file: 'pglite.ts', packages: ['@electric-sql/pglite'] },
];
