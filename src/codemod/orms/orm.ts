import type { ts } from '../../scan/project.ts';
import type { Chain } from '../chain.ts';
import type { Splice } from '../insert.ts';
import type { Types } from '../types.ts';

/** All that wiring knows of one way to talk to the database. */
export interface Orm {
  readonly id: string;
  /** What a call does to the database; null if it is none of this ORM's. */
  readCall(types: Types, chain: Chain): Reading | null;
  /** The same of a tagged template. */
  readTemplate?(types: Types, template: ts.TaggedTemplateExpression): Reading | null;
  /** The work that a call runs in a transaction of its own; null if it opens none. */
  readTransaction?(types: Types, chain: Chain): OpenedTransaction | null;
  /** How a lone write gets a transaction around it, or why it gets none; without this, by a function of the project. */
  wrap?(types: Types, call: DatabaseCall): Wrapping | string;
  /**
   * What takes a write out of the transaction that `wrap` has put around it; null where it is not as that leaves it.
   *
   * @param opener what the transaction was opened on: `prisma` of `prisma.$transaction(…)`
   */
  unbind?(types: Types, write: DatabaseCall, opener: ts.Expression): readonly Splice[] | null;
  /** What the functions are called that a model has run with its writes, outside of a transaction that none hands them. */
  readonly hooks?: Readonly<Record<Write['verb'], RegExp>>;
  /** What has to run before the emit call of a transaction so that the written rows are complete. */
  settle?(transaction: { readonly body: ts.Node; readonly handle: string }): string | null;
}

/** What one expression does to the database. */
export interface Reading {
  readonly effect: Effect;
  /** The expression of the connection or transaction that it runs on; null where the call names none. */
  readonly handle: string | null;
  /** The same in the sources, to be replaced by another. */
  readonly handleNode?: ts.Expression | undefined;
  /** The handle is a transaction that something else has opened. */
  readonly isInTransaction?: boolean | undefined;
  /** Why its transaction cannot be trusted. */
  readonly doubt?: string | undefined;
}

export interface DatabaseCall extends Reading {
  readonly orm: Orm;
  /** All of it: the last call of a chain, or the template. */
  readonly node: ts.CallExpression | ts.TaggedTemplateExpression;
}

export type Effect = { readonly kind: 'begin' | 'commit' | 'rollback' } | Read | Write;

export interface Read {
  readonly kind: 'other';
  /** Where it is known. */
  readonly table?: string | undefined;
  /** The steps from the result to its first row; null where there is none. */
  readonly rowPath: readonly string[] | null;
}

export interface Write {
  readonly kind: 'write';
  readonly verb: 'insert' | 'update' | 'delete';
  /** Where `update` stands for either: the row may be a new one. */
  readonly mayInsert?: boolean | undefined;
  /** Table, model or entity, in the ORM's own spelling; empty where it is not known. */
  readonly table: string;
  /** The steps from the result to the written row: `rows`, `0`; null where the result holds none, or many. */
  readonly rowPath: readonly string[] | null;
  /** The steps from the result to what is falsy when no row was written. */
  readonly countPath?: readonly string[] | undefined;
  /** An expression that holds the written row once this is done, whatever the result is. */
  readonly instance?: ts.Expression | undefined;
  /** An expression whose row has lost its id once this is done. */
  readonly spoiled?: ts.Expression | undefined;
  /** Names of the returned columns; null for all of them, or where that is not plain. */
  readonly columns: readonly string[] | null;
  /** True where a row comes back in any case. */
  readonly isRowCertain: boolean;
  /** True where no row is an expected result: `on conflict do nothing`. */
  readonly isSkippable: boolean;
}

export type OpenedTransaction =
  | { readonly kind: 'callback'; readonly callback: ts.Expression; readonly handleIndex: number }
  /** Without a handle that emit could take. */
  | { readonly kind: 'opaque'; readonly reason: string };

/** `open` + `async (handle) => { … }` + `)` runs a write in a transaction. */
export interface Wrapping {
  /** `prisma.$transaction(` */
  readonly open: string;
  /** What the documentation calls it, unless that name is taken. */
  readonly handle: string;
  /** The handle takes the name of what it stands for, as the documentation does: `sql.begin(async (sql) => …)`. */
  readonly isShadowing?: boolean | undefined;
  /** What the file has to import for it. */
  readonly imports?: readonly Splice[] | undefined;
  /**
   * Where what a transaction hands out may stand in for the connection as the parameter of a function: whether it is only a
   * part of it to the compiler, so that the parameter needs a type of its own.
   */
  readonly handed?: { readonly isPart: boolean } | undefined;
  /** Makes the write run on the handle. */
  bind(handle: string): readonly Splice[];
}
