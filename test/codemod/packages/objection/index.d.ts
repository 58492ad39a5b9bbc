/* oxlint-disable no-explicit-any */
interface Transaction {
  raw(sql: string, bindings?: unknown[]): Promise<any>;
  isCompleted(): boolean;
  commit(): Promise<void>;
}
interface Query<M, R = M[]> extends Promise<R> {
  insert(values: object): Query<M, M>;
  insertAndFetch(values: object): Query<M, M>;
  patch(values: object): Query<M, number>;
  patchAndFetchById(id: unknown, values: object): Query<M, M | undefined>;
  findById(id: unknown): Query<M, M | undefined>;
  delete(): Query<M, number>;
  deleteById(id: unknown): Query<M, number>;
  where(conditions: object): Query<M, R>;
  throwIfNotFound(): Query<M, NonNullable<R>>;
}
export declare class Model {
  static query<M extends Model>(this: new () => M, trx?: Transaction): Query<M>;
  static relatedQuery(name: string, trx?: Transaction): Query<Model>;
  static fromJson(values: object): Model;
  static transaction<T>(work: (trx: Transaction) => Promise<T>): Promise<T>;
  $query(trx?: Transaction): Query<this, this>;
  $relatedQuery(name: string, trx?: Transaction): Query<Model>;
  $knex(): { transaction<T>(work: (trx: Transaction) => Promise<T>): Promise<T> };
}
