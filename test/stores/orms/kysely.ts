import { CamelCasePlugin, CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import type { Generated, Transaction } from 'kysely';
import { Pool } from 'pg';
import { kyselyTarget } from '../../../src/stores/kysely.ts';
import type { KyselyTx } from '../../../src/stores/kysely.ts';
import { DETAILS, PLACED_AT, TOTAL } from './shop.ts';
import type { OpenedOrm, Scope, Shop } from './shop.ts';

interface Tables {
  readonly orders: {
    readonly id: Generated<string>;
    readonly number: string;
    readonly total: string;
    readonly note: string | null;
    readonly placedAt: Date;
    readonly details: unknown;
  };
}

export async function openKysely({ url, emitterFor }: Shop): Promise<OpenedOrm> {
  const dialect = new PostgresDialect({ pool: new Pool({ connectionString: url }) });
  const db = new Kysely<Tables>({ dialect, plugins: [new CamelCasePlugin()] });
  const { emit } = emitterFor<KyselyTx>(kyselyTarget(CompiledQuery));

  const scopeOf = (trx: Transaction<Tables>): Scope => ({
    async createOrder(number, eventId) {
      const values = { number, total: TOTAL, note: null, placedAt: PLACED_AT, details: DETAILS };
      const order = await trx.insertInto('orders').values(values).returningAll().executeTakeFirstOrThrow();
      return emit(trx, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(trx, 'order.created', event),
    async nested(run) {
      await sql`savepoint nested`.execute(trx);
      try {
        await run(scopeOf(trx));
      } catch (error) {
        await sql`rollback to savepoint nested`.execute(trx);
        throw error;
      }
    },
  });

  return {
    transaction: (run) => db.transaction().execute((trx) => run(scopeOf(trx))),
    // @ts-expect-error a database is no transaction
    emitOutside: (event) => emit(db, 'order.created', event),
    close: () => db.destroy(),
  };
}

/** The form whose savepoints are of Kysely itself. */
export async function openKyselyControlled({ url, emitterFor }: Shop): Promise<OpenedOrm> {
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: url }) }),
    plugins: [new CamelCasePlugin()],
  });
  const { emit } = emitterFor<KyselyTx>(kyselyTarget(CompiledQuery));
  type Controlled = Awaited<ReturnType<ReturnType<typeof db.startTransaction>['execute']>>;

  const scopeOf = (trx: Controlled): Scope => ({
    async createOrder(number, eventId) {
      const values = { number, total: TOTAL, note: null, placedAt: PLACED_AT, details: DETAILS };
      const order = await trx.insertInto('orders').values(values).returningAll().executeTakeFirstOrThrow();
      return emit(trx, 'order.created', { subject: order.id, eventId, data: order });
    },
    emit: (event) => emit(trx, 'order.created', event),
    async nested(run) {
      const inner = await trx.savepoint('nested').execute();
      try {
        await run(scopeOf(inner as never));
      } catch (error) {
        await inner.rollbackToSavepoint('nested').execute();
        throw error;
      }
    },
  });

  return {
    async transaction(run) {
      const trx = await db.startTransaction().execute();
      try {
        await run(scopeOf(trx));
      } catch (error) {
        await trx.rollback().execute();
        throw error;
      }
      await trx.commit().execute();
    },
    // @ts-expect-error a database is no transaction
    emitOutside: (event) => emit(db, 'order.created', event),
    close: () => db.destroy(),
  };
}
