export interface Table<Row> {
  readonly $inferInsert: Partial<Row>;
  readonly $inferSelect: Row;
  readonly id: unknown;
}
export declare function pgTable<Row>(name: string): Table<Row>;
