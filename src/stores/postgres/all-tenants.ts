import type { Endpoint } from '../../kernel/subscription-ports.ts';
import { optionalTextOf } from './sql.ts';
import type { Sql } from './sql.ts';
import { ENDPOINT_COLUMNS, endpointOf } from './subscription-rows.ts';

/** What somebody sees who has the whole database. */
export interface AllTenantsStore {
  /** Subscriptions that are not deleted, oldest first. */
  subscriptions(limit: number): Promise<Endpoint[]>;
  /** Whose a subscription is; undefined also where there is none. */
  tenantOf(subscriptionId: string): Promise<string | undefined>;
}

export function createAllTenantsStore(sql: Sql): AllTenantsStore {
  return {
    async subscriptions(limit): Promise<Endpoint[]> {
      const { rows } = await sql.query(
        `select ${ENDPOINT_COLUMNS} from evtgen.subscriptions s
          where s.state <> 'deleted'
          order by s.created_at, s.id
          limit $1`,
        [limit],
      );
      return rows.map(endpointOf);
    },

    async tenantOf(subscriptionId): Promise<string | undefined> {
      const { rows } = await sql.query(`select tenant from evtgen.subscriptions where id = $1`, [
        subscriptionId,
      ]);
      return rows[0] === undefined ? undefined : optionalTextOf(rows[0], 'tenant');
    },
  };
}
