/** What the handlers of one ORM do with the orders of the shop; each is one mutation. */
export interface Handlers {
  /** One insert without a transaction. */
  place(number: string): Promise<unknown>;
  /** An insert in a transaction that goes on afterwards, and may fail. */
  placeChecked(number: string, check: () => void): Promise<unknown>;
  /** One update without a transaction, of a row that may not be there. */
  ship(id: string): Promise<unknown>;
  /** One deletion without a transaction, of a row that may not be there. */
  cancel(id: string): Promise<unknown>;
  /** An insert in a function that `again` calls too; where the ORM can hand its transaction down. */
  copy?(number: string): Promise<unknown>;
  again?(number: string): Promise<unknown>;
  close(): Promise<void>;
}
