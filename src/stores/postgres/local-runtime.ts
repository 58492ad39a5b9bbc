import type { Sql } from './sql.ts';
import { COUNT_CHANGE, ENDPOINT_COLUMNS, endpointOf } from './subscription-rows.ts';

export interface LocalEndpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string | undefined;
  /** All that sign now, sealed; the newest first. */
  readonly sealedSecrets: readonly string[];
}

/** What a runtime needs that has the database for itself and is its own receiver. */
export interface LocalRuntimeStore {
  /** Ends the leases of a process that was killed, which nobody else could hold. */
  expireLeases(): Promise<void>;
  /** Subscriptions that are not deleted, active or not, oldest first. */
  endpoints(): Promise<LocalEndpoint[]>;
  /** A receiver has another port after a restart. */
  replaceUrl(subscriptionId: string, url: string): Promise<void>;
  /** Signs with this secret from now on, and not with the previous one any more. */
  replaceSecret(subscriptionId: string, sealedSecret: string): Promise<void>;
}

export function createLocalRuntimeStore(sql: Sql): LocalRuntimeStore {
  return {
    async expireLeases(): Promise<void> {
      await sql.query(`update evtgen.leases set expires_at = now() where expires_at > now()`, []);
      await sql.query(`update evtgen.deliveries set due_at = now() where lease_token is not null`, []);
    },

    async endpoints(): Promise<LocalEndpoint[]> {
      const { rows } = await sql.query(
        `select ${ENDPOINT_COLUMNS} from evtgen.subscriptions s
          where s.state <> 'deleted'
          order by s.created_at, s.id`,
        [],
      );
      return rows.map(endpointOf).map(({ id, url, description, sealedSecret, previousSecrets }) => ({
        id,
        url,
        description,
        sealedSecrets: [sealedSecret, ...previousSecrets.map((previous) => previous.sealedSecret)],
      }));
    },

    async replaceUrl(subscriptionId, url): Promise<void> {
      await sql.query(
        `with counted as (${COUNT_CHANGE})
         update evtgen.subscriptions set url = $2, updated_at = now() where id = $1`,
        [subscriptionId, url],
      );
    },

    async replaceSecret(subscriptionId, sealedSecret): Promise<void> {
      await sql.query(
        `with counted as (${COUNT_CHANGE})
         update evtgen.subscriptions
            set secret = $2, previous_secret = null, previous_secret_expires_at = null, older_secrets = '[]',
                updated_at = now()
          where id = $1`,
        [subscriptionId, sealedSecret],
      );
    },
  };
}
