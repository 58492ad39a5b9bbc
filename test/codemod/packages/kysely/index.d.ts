interface Result {
  numDeletedRows: bigint;
}
interface Returning<Row> {
  where(column: string, operator: string, value: unknown): Returning<Row>;
  execute(): Promise<Row[]>;
  executeTakeFirst(): Promise<Row | undefined>;
  executeTakeFirstOrThrow(): Promise<Row>;
}
interface Writing<Row> {
  values(values: object | object[]): Writing<Row>;
  set(values: object): Writing<Row>;
  where(column: string, operator: string, value: unknown): Writing<Row>;
  returningAll(): Returning<Row>;
  execute(): Promise<Result[]>;
  executeTakeFirst(): Promise<Result>;
}
export declare class Kysely<DB> {
  readonly isTransaction: boolean;
  executeQuery(query: object): Promise<{ rows: unknown[] }>;
  insertInto<T extends keyof DB>(table: T): Writing<DB[T]>;
  updateTable<T extends keyof DB>(table: T): Writing<DB[T]>;
  deleteFrom<T extends keyof DB>(table: T): Writing<DB[T]>;
  selectFrom<T extends keyof DB>(table: T): { selectAll(): Returning<DB[T]> };
  transaction(): { execute<T>(work: (trx: Transaction<DB>) => Promise<T>): Promise<T> };
  startTransaction(): { execute(): Promise<ControlledTransaction<DB>> };
}
export declare class Transaction<DB> extends Kysely<DB> {
  readonly isTransaction: true;
}
export declare class ControlledTransaction<DB> extends Transaction<DB> {
  commit(): { execute(): Promise<void> };
  rollback(): { execute(): Promise<void> };
}
