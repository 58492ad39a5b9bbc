import { randomUUID } from 'node:crypto';
import { createEmitter } from '../../../dist/kernel/emit.js';
import { pgPrepared } from '../../../dist/stores/pg.js';
import { singleStatement } from '../../../dist/stores/postgres/single-statement.js';
import { createOrder, registry } from './payload.mjs';

const INSERT = 'insert into orders (id, customer_id, total, currency, note) values ($1, $2, $3, $4, $5)';
const BARE_INSERT = 'insert into bare_outbox (data) values ($1)';
const order = createOrder();

/** An application that takes orders, with and without telling of them. */
export async function createOrders(database, pool, onEmitted) {
  await database.pool.query(
    `create table if not exists orders (id uuid primary key, customer_id uuid not null, total numeric not null,
                                        currency text not null, note text)`,
  );
  // What anybody's outbox would be at least: no catalog, no envelope, no position, and nobody reads it.
  await database.pool.query(
    `create table if not exists bare_outbox (id bigint generated always as identity primary key, data json not null)`,
  );
  const { store } = database;
  const events = createEmitter({ registry, store, source: '/orders-api', onInvalid: 'throw', onEmitted });
  const valuesOf = (id) => [id, order.customerId, order.total, order.currency, 'n'];
  const eventOf = (id) => ({ subject: id, data: { ...order, orderId: id } });

  /** @param prepared names the statements, so that each connection plans them once */
  async function inTransaction(prepared, run) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const result = await run(prepared(client));
      await client.query('commit');
      return result;
    } finally {
      client.release();
    }
  }

  function changes(prepared) {
    return {
      insert: (id = randomUUID()) => inTransaction(prepared, (client) => client.query(INSERT, valuesOf(id))),

      /** @param onCommit called when the commit is about to be sent */
      insertAndEmit: (onCommit = () => {}, id = randomUUID()) =>
        inTransaction(prepared, async (client) => {
          await client.query(INSERT, valuesOf(id));
          const { eventId } = await events.emit(client, 'order.created', eventOf(id));
          onCommit(eventId);
        }),

      insertBareRow: (id = randomUUID()) =>
        inTransaction(prepared, async (client) => {
          await client.query(INSERT, valuesOf(id));
          await client.query(BARE_INSERT, [JSON.stringify({ ...order, orderId: id })]);
        }),

      insertAlone: (id = randomUUID()) => prepared(pool).query(`${INSERT} returning id`, valuesOf(id)),

      insertAloneAndEmit: (id = randomUUID()) =>
        events.emit(
          singleStatement(prepared(pool), `${INSERT} returning id`, valuesOf(id)),
          'order.created',
          eventOf(id),
        ),
    };
  }

  return { ...changes((client) => client), prepared: changes(pgPrepared) };
}
