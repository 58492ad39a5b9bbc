/* oxlint-disable no-explicit-any */
interface Builder<Row> extends Promise<Row[]> {
  insert(values: object | object[], returning?: string): Builder<Row>;
  update(values: object, returning?: string): Builder<Row>;
  del(): Promise<number>;
  where(conditions: object): Builder<Row>;
  returning(columns: string | string[]): Builder<Row>;
  transacting(trx: Knex.Transaction): Builder<Row>;
  first(): Promise<Row | undefined>;
}
export interface Knex {
  <Row = any>(table: string): Builder<Row>;
  raw(sql: string, bindings?: unknown[]): Promise<any>;
  batchInsert(table: string, rows: object[]): Promise<void>;
  transaction(): Promise<Knex.Transaction>;
  transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>;
}
export declare namespace Knex {
  interface Transaction extends Knex {
    isCompleted(): boolean;
    commit(): Promise<void>;
    rollback(): Promise<void>;
  }
}
export default function knex(settings: object): Knex;
