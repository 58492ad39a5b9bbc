import { WEBHOOKS_READER } from '../../kernel/webhook-ports.ts';
import type { Endpoint, Tenant } from '../../kernel/subscription-ports.ts';
import { numberOf, onlyRow, textOf } from './sql.ts';
import type { Sql, SqlClient } from './sql.ts';
import { COUNT_CHANGE, ENDPOINT_COLUMNS, IS_FOR_SUBSCRIPTION, endpointOf } from './subscription-rows.ts';
import { ofTenant } from './tenants.ts';

/** Stops an active subscription; false when it was not. Also used inside the transaction that ends a delivery. */
export async function stopSubscription(
  client: SqlClient,
  id: string,
  state: 'disabled' | 'deactivated',
  reason: string,
): Promise<boolean> {
  // Up to the cursor every event has its rows; what came later is found in the log when it is resumed.
  const { rows } = await client.query(
    `with stopped as (
       update evtgen.subscriptions
          set state = $2, state_reason = $3, updated_at = now(),
              stopped_position = coalesce((select position from evtgen.cursors where reader = $4), 0)
        where id = $1 and state = 'active'
       returning id
     ), counted as (${COUNT_CHANGE} where exists (select from stopped))
     select id from stopped`,
    [id, state, reason, WEBHOOKS_READER],
  );
  return rows.length > 0;
}

/** Makes a stopped subscription active; one that is active is returned as it is. */
export function enableSubscription(
  sql: Sql,
  tenant: Tenant,
  id: string,
  from: 'resume' | 'skip',
): Promise<Endpoint | undefined> {
  return sql.transaction(async (tx) => {
    const { rows } = await tx.query(
      `select state, greatest(start_position, stopped_position) as stopped_at
         from evtgen.subscriptions
        where id = $2 and ${ofTenant('$1')} and state <> 'deleted'
          for update`,
      [tenant ?? null, id],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    if (textOf(row, 'state') !== 'active') {
      if (from === 'resume') await resume(tx, id, numberOf(row, 'stopped_at'));
      else await skip(tx, id);
    }
    const after = await tx.query(`select ${ENDPOINT_COLUMNS} from evtgen.subscriptions s where s.id = $1`, [
      id,
    ]);
    return endpointOf(onlyRow(after));
  });
}

/**
 * Puts everything since the stop into rows. The head is locked for the last, short stretch only: no event can get
 * a position between that stretch and the moment from which the fan-out sees the subscription.
 */
async function resume(tx: SqlClient, id: string, stoppedAt: number): Promise<void> {
  await tx.query(
    `update evtgen.deliveries set due_at = now() where subscription_id = $1 and state = 'pending'
        and lease_token is null`,
    [id],
  );
  const soFar = numberOf(onlyRow(await tx.query(`select position from evtgen.log_head`, [])), 'position');
  await putOff(tx, id, stoppedAt, soFar);
  const head = await lockHead(tx);
  await putOff(tx, id, soFar, head);
  await activate(tx, id, head);
}

async function skip(tx: SqlClient, id: string): Promise<void> {
  await tx.query(
    `update evtgen.deliveries set state = 'skipped', due_at = null, lease_token = null, updated_at = now()
      where subscription_id = $1 and state = 'pending'`,
    [id],
  );
  await activate(tx, id, await lockHead(tx));
}

async function lockHead(tx: SqlClient): Promise<number> {
  return numberOf(onlyRow(await tx.query(`select position from evtgen.log_head for share`, [])), 'position');
}

/** Rows for the events that the subscription would have got. */
async function putOff(tx: SqlClient, id: string, from: number, to: number): Promise<void> {
  await tx.query(
    `insert into evtgen.deliveries
       (position, subscription_id, event_id, event_type, state, attempt_count, attempts, due_at)
     select e.position, s.id, e.event_id, e.event_type, 'pending', 0, '[]', now()
       from evtgen.subscriptions s
       join evtgen.log e on ${IS_FOR_SUBSCRIPTION}
      where s.id = $1 and e.position > $2 and e.position <= $3
     on conflict do nothing`,
    [id, from, to],
  );
}

async function activate(tx: SqlClient, id: string, position: number): Promise<void> {
  await tx.query(
    `update evtgen.subscriptions
        set state = 'active', state_reason = null, start_position = $2, stopped_position = null,
            failure_count = 0, updated_at = now()
      where id = $1`,
    [id, position],
  );
  await tx.query(COUNT_CHANGE, []);
}
