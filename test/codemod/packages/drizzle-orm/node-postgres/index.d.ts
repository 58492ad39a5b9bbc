import type { SQL } from 'drizzle-orm';
import type { Table } from 'drizzle-orm/pg-core';

interface Result {
  rowCount: number | null;
}
interface Query<Row> extends Promise<Result> {
  values(values: object | object[]): Query<Row>;
  set(values: object): Query<Row>;
  where(condition: SQL): Query<Row>;
  onConflictDoNothing(): Query<Row>;
  returning(): Promise<Row[]>;
}
interface Queries {
  insert<Row>(table: Table<Row>): Query<Row>;
  update<Row>(table: Table<Row>): Query<Row>;
  delete<Row>(table: Table<Row>): Query<Row>;
  select(): { from<Row>(table: Table<Row>): Promise<Row[]> & { where(condition: SQL): Promise<Row[]> } };
  execute(query: SQL): Promise<Result>;
}
export interface Transaction extends Queries {
  rollback(): never;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}
export interface NodePgDatabase extends Queries {
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}
export declare function drizzle(url: string): NodePgDatabase;
export interface LibSQLDatabase extends NodePgDatabase {}
