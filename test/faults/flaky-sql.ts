import type { Sql, SqlClient } from '../../src/stores/postgres/sql.ts';

export interface FlakySql extends Sql {
  /**
   * Cuts the connection at the count-th statement from now on, a commit counting as one: `before` it is sent, or
   * `after` it was carried out and before the answer is known. 0 is never.
   */
  failAt(count: number, when: 'before' | 'after'): void;
}

/** A client whose connection can be cut at a given statement. */
export function createFlakySql(sql: Sql): FlakySql {
  let remaining = 0;
  let moment: 'before' | 'after' = 'before';

  async function passing<T>(run: () => Promise<T>): Promise<T> {
    remaining -= 1;
    const isCut = remaining === 0;
    if (isCut && moment === 'before') throw new Error('the connection was cut');
    const result = await run();
    if (isCut) throw new Error('the connection was cut');
    return result;
  }

  const queryOf =
    (client: SqlClient): SqlClient['query'] =>
    (text, values) =>
      passing(() => client.query(text, values));

  return {
    failAt(count, when): void {
      remaining = count;
      moment = when;
    },
    query: queryOf(sql),
    async transaction(run) {
      const result = await sql.transaction((tx) => run({ ...tx, query: queryOf(tx) }));
      await passing(async () => undefined);
      return result;
    },
  };
}
