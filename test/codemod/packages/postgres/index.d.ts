/* oxlint-disable no-explicit-any */
interface Helper {
  readonly helper: true;
}
export interface Sql {
  <Row extends readonly unknown[] = any[]>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<Row>;
  (values: object, ...columns: string[]): Helper;
  unsafe(text: string, values?: unknown[]): Promise<any[]>;
  begin<T>(work: (sql: TransactionSql) => Promise<T>): Promise<T>;
}
export interface TransactionSql extends Sql {
  savepoint<T>(work: (sql: TransactionSql) => Promise<T>): Promise<T>;
}
export default function postgres(url: string): Sql;
