// https://node-postgres.com/features/transactions
import type { Pool, PoolClient } from 'pg';
import { transact } from './pg.ts';

/**
 * Runs a write and its event in a transaction on a client of its own, and resolves with what `work` does. What it throws
 * rolls all of it back.
 */
export function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  return transact(() => pool.connect(), 'begin', work);
}
