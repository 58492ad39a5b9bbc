import postgres from 'postgres';
import { postgresJsTarget } from '../../../src/stores/postgres-js.ts';
import type { PostgresJsTransaction } from '../../../src/stores/postgres-js.ts';
import { DETAILS, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, OrderData, Scope, Shop } from './shop.ts';

export async function openPostgresJs({ url, emitterFor }: Shop): Promise<OpenedOrm> {
  // Named statements need to be known to whatever stands in between.
  const client = postgres(url, { transform: postgres.camel, prepare: false });
  const { emit } = emitterFor<PostgresJsTransaction>(postgresJsTarget);

  const scopeOf = (sql: postgres.TransactionSql): Scope => ({
    async createOrder(number, eventId) {
      const [order] = await sql<[OrderData]>`
        insert into orders (number, total, note, placed_at, details)
        values (${number}, ${TOTAL}, ${null}, ${PLACED_AT}, ${sql.json(DETAILS)}) returning *`;
      return emit(sql, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(sql, 'order.created', event),
    nested: async (run) => void (await sql.savepoint((inner) => run(scopeOf(inner)))),
  });

  return {
    transaction: async (run) => void (await client.begin((sql) => run(scopeOf(sql)))),
    // @ts-expect-error a client is no transaction
    emitOutside: (event) => emit(client, 'order.created', event),
    close: () => client.end(),
  };
}
