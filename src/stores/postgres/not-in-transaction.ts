/**
 * `emit` was given a handle that is in no transaction. Its event would be committed by itself: before the change that
 * it tells of, and also when that is rolled back.
 */
export class NotInTransactionError extends Error {
  override readonly name: string = 'NotInTransactionError';

  /** @param handle what to give to `emit` instead: "the `tx` of `db.transaction(async (tx) => …)`" */
  constructor(handle: string) {
    super(`events are emitted inside a transaction: give \`emit\` ${handle}`);
  }
}
