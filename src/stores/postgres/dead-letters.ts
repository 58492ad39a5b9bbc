import type { DeadLetter, DeadLetterKind, DeadLetterStore, Requeued } from '../../kernel/dead-letter.ts';
import type { SubscriptionState } from '../../kernel/webhook-ports.ts';
import { attemptsOf } from './deliveries.ts';
import { numberOf, optionalTextOf, textOf } from './sql.ts';
import type { Row, Sql, SqlClient } from './sql.ts';
import { ofTenant } from './subscription-rows.ts';

const COLUMNS = `l.id, l.kind, l.stage, l.reader, l.subscription_id, l.event_id, l.event_type, l.tenant, l.position,
  l.body, l.error, (extract(epoch from l.created_at) * 1000)::bigint as created_ms,
  (extract(epoch from l.replayed_at) * 1000)::bigint as replayed_ms`;

/** Dead letters of deliveries find their attempts in the row of the delivery. */
export function createDeadLetterStore(sql: Sql): DeadLetterStore<SqlClient> {
  return {
    async list(tenant, filter, page): Promise<DeadLetter[]> {
      const { rows } = await sql.query(
        `select ${COLUMNS} from evtgen.dead_letters l
          where ${ofTenant('$1', 'l.tenant')} and l.id > $2 and (l.replayed_at is not null) = $3
            and ($4::text is null or l.kind = $4)
            and ($5::text is null or l.event_type = $5)
            and ($6::text is null or l.subscription_id = $6)
          order by l.id
          limit $7`,
        [
          tenant ?? null,
          page.after ?? '',
          filter.isReplayed ?? false,
          filter.kind ?? null,
          filter.eventType ?? null,
          filter.subscriptionId ?? null,
          page.limit,
        ],
      );
      return rows.map(deadLetterOf);
    },

    async find(tenant, id): Promise<DeadLetter | undefined> {
      const { rows } = await sql.query(
        `select ${COLUMNS}, d.attempts::text as attempts
           from evtgen.dead_letters l
           left join evtgen.deliveries d on d.position = l.position and d.subscription_id = l.subscription_id
          where l.id = $2 and ${ofTenant('$1', 'l.tenant')}`,
        [tenant ?? null, id],
      );
      return rows[0] === undefined ? undefined : deadLetterOf(rows[0]);
    },

    async requeue(tenant, id): Promise<Requeued> {
      const { rows } = await sql.query(
        `with letter as (
           select l.id, l.position, s.id as subscription_id, s.state
             from evtgen.dead_letters l
             join evtgen.subscriptions s on s.id = l.subscription_id
            where l.id = $2 and ${ofTenant('$1', 'l.tenant')} and l.replayed_at is null
              for update of l
         ), requeued as (
           update evtgen.deliveries d
              set state = 'pending', attempt_count = 0, is_replay = true, due_at = now(), lease_token = null,
                  updated_at = now()
             from letter
            where letter.state = 'active'
              and d.position = letter.position and d.subscription_id = letter.subscription_id
         ), marked as (
           update evtgen.dead_letters set replayed_at = now()
            where id in (select id from letter where state = 'active')
         )
         select state from letter`,
        [tenant ?? null, id],
      );
      const state = rows[0] === undefined ? undefined : (textOf(rows[0], 'state') as SubscriptionState);
      if (state === undefined) return 'not_found';
      return state === 'active' ? 'requeued' : state;
    },

    conclude: (id, act) =>
      sql.transaction(async (tx) => {
        // Marked first: whoever waits here for the same row finds it concluded.
        const { rows } = await tx.query(
          `update evtgen.dead_letters set replayed_at = now() where id = $1 and replayed_at is null returning id`,
          [id],
        );
        if (rows.length === 0) return false;
        await act(tx);
        return true;
      }),

    async purge(tenant, id): Promise<boolean> {
      const { rows } = await sql.query(
        `delete from evtgen.dead_letters where id = $2 and ${ofTenant('$1')} returning id`,
        [tenant ?? null, id],
      );
      return rows.length > 0;
    },
  };
}

function deadLetterOf(row: Row): DeadLetter {
  return {
    id: textOf(row, 'id'),
    kind: textOf(row, 'kind') as DeadLetterKind,
    stage: optionalTextOf(row, 'stage') as DeadLetter['stage'],
    reader: optionalTextOf(row, 'reader'),
    subscriptionId: optionalTextOf(row, 'subscription_id'),
    eventId: textOf(row, 'event_id'),
    eventType: textOf(row, 'event_type'),
    tenant: optionalTextOf(row, 'tenant'),
    position: row['position'] == null ? undefined : numberOf(row, 'position'),
    body: textOf(row, 'body'),
    error: textOf(row, 'error'),
    createdAt: new Date(numberOf(row, 'created_ms')).toISOString(),
    replayedAt: row['replayed_ms'] == null ? undefined : new Date(numberOf(row, 'replayed_ms')).toISOString(),
    attempts: attemptsOf(row),
  };
}
