import type { Sql } from './sql.ts';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const DEADLOCK_DETECTED = '40P01';
const MAX_TRIES = 5;

/**
 * For statements that lock rows in the order in which they find them: one that writes results goes from deliveries
 * to their subscriptions, one that deletes a subscription the other way. When two of them wait for each other, the
 * server undoes the whole of one, and that one is run again.
 */
export function withDeadlocksRetried(sql: Sql): Sql {
  return {
    ...sql,
    query: (text, values) => retried(() => sql.query(text, values)),
    transaction: (run) => retried(() => sql.transaction(run)),
  };
}

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === DEADLOCK_DETECTED;
      if (isDeadlock === false || tries === MAX_TRIES) throw error;
    }
  }
}
