import type {
  DeadLetter,
  DeadLetterStore,
  DeadLetterSummary,
  Republication,
  Requeued,
} from '../../kernel/dead-letter-ports.ts';
import { deadLetterOf, filterValues, MATCHES, SUMMARY_COLUMNS, summaryOf } from './dead-letter-rows.ts';
import { inScope, scopeValues } from './tenants.ts';
import { LOGGED_EVENT_COLUMNS, loggedEvent } from './log.ts';
import { numberOf, onlyRow, textOf } from './sql.ts';
import type { Sql, SqlClient } from './sql.ts';

/**
 * Dead letters find their attempts in the row of the delivery, and their event in the log.
 * @param once runs nothing again after a deadlock: what others do in a transaction of ours, they may count
 */
export function createDeadLetterStore(sql: Sql, once: Sql): DeadLetterStore<SqlClient> {
  return {
    async list(scope, filter, page): Promise<DeadLetterSummary[]> {
      const { rows } = await sql.query(
        `select ${SUMMARY_COLUMNS} from evtgen.dead_letters l
          where ${MATCHES} and l.id > $9
          order by l.id
          limit $10`,
        [...filterValues(scope, filter), page.after ?? '', page.limit],
      );
      return rows.map(summaryOf);
    },

    async count(scope, filter, after): Promise<number> {
      const counted = await sql.query(
        `select count(*) as count from evtgen.dead_letters l where ${MATCHES} and l.id > $9`,
        [...filterValues(scope, filter), after ?? ''],
      );
      return numberOf(onlyRow(counted), 'count');
    },

    async find(scope, id): Promise<DeadLetter | undefined> {
      const { rows } = await sql.query(
        `select ${SUMMARY_COLUMNS}, coalesce(l.body, e.body) as body, coalesce(l.actor, e.actor) as actor,
                d.attempts::text as attempts
           from evtgen.dead_letters l
           left join evtgen.log e on e.position = l.position
           left join evtgen.deliveries d on d.position = l.position and d.subscription_id = l.subscription_id
          where l.id = $3 and ${inScope('l')}`,
        [...scopeValues(scope), id],
      );
      return rows[0] === undefined ? undefined : deadLetterOf(rows[0]);
    },

    async requeue(scope, ids): Promise<ReadonlyMap<string, Requeued>> {
      const { rows } = await sql.query(REQUEUE, [...scopeValues(scope), JSON.stringify(ids)]);
      return new Map(rows.map((row) => [textOf(row, 'id'), textOf(row, 'outcome') as Requeued]));
    },

    conclude: (id, act) =>
      once.transaction(async (tx) => {
        // Marked first: whoever waits here for the same row finds it concluded.
        const { rows } = await tx.query(
          `update evtgen.dead_letters set replayed_at = now() where id = $1 and replayed_at is null returning id`,
          [id],
        );
        if (rows.length === 0) return false;
        await act(tx);
        return true;
      }),

    async republications(reader, limit): Promise<Republication[]> {
      const { rows } = await sql.query(
        `select l.id, ${LOGGED_EVENT_COLUMNS}
           from (select id, position from evtgen.dead_letters where reader = $1 and is_republishing
                  order by id limit $2) l
           join evtgen.log e on e.position = l.position
          order by l.id`,
        [reader, limit],
      );
      return rows.map((row) => ({ id: textOf(row, 'id'), event: loggedEvent(row) }));
    },

    async republished(ids): Promise<void> {
      await sql.query(
        `update evtgen.dead_letters set is_republishing = false
          where id in (select json_array_elements_text($1::text::json))`,
        [JSON.stringify(ids)],
      );
    },

    async reopen(id, error): Promise<void> {
      await sql.query(
        `update evtgen.dead_letters
            set is_republishing = false, replayed_at = null, created_at = now(), error = $2
          where id = $1 and is_republishing`,
        [id, error.replaceAll('\u0000', '')],
      );
    },

    async purge(scope, id): Promise<boolean> {
      const { rows } = await sql.query(
        `delete from evtgen.dead_letters l where l.id = $3 and ${inScope('l')} returning l.id`,
        [...scopeValues(scope), id],
      );
      return rows.length > 0;
    },

    async purgeMatching(scope, filter, limit): Promise<number> {
      const { rows } = await sql.query(
        `delete from evtgen.dead_letters
          where id in (select l.id from evtgen.dead_letters l
                        where ${MATCHES} and not l.is_republishing
                        order by l.id
                        limit $9)
         returning 1`,
        [...filterValues(scope, filter), limit],
      );
      return rows.length;
    },
  };
}

// Locked by id, so that two replays cannot block each other. A delivery that arrived all the same, or is under way
// again, because somebody sent it anew, closes its dead letter and is left alone.
const REQUEUE = `
  with letters as materialized (
    select l.id, l.kind, l.position, l.subscription_id, l.redacted_at
      from evtgen.dead_letters l
     where l.id in (select json_array_elements_text($3::text::json)) and ${inScope('l')}
       and l.replayed_at is null and l.position is not null
     order by l.id
       for update
  ), judged as materialized (
    select l.id, l.kind, l.position, l.subscription_id,
           case when l.redacted_at is not null or e.position is null then 'redacted'
                when l.kind = 'pipeline_error' then 'requeued'
                when e.audience <> 'public' then 'redacted'
                when d.state in ('pending', 'delivered') then 'already_replayed'
                when s.state <> 'active' then s.state
                else 'requeued' end as outcome
      from letters l
      left join evtgen.log e on e.position = l.position
      left join evtgen.subscriptions s on s.id = l.subscription_id
      left join evtgen.deliveries d on d.position = l.position and d.subscription_id = l.subscription_id
  ), due as (
    update evtgen.deliveries d
       set state = 'pending', attempt_count = 0, is_replay = true, due_at = now(), lease_token = null,
           updated_at = now()
      from judged j
     where j.outcome = 'requeued' and j.kind = 'delivery_exhausted'
       and d.position = j.position and d.subscription_id = j.subscription_id
  ), marked as (
    update evtgen.dead_letters l
       set replayed_at = now(), is_republishing = j.outcome = 'requeued' and j.kind = 'pipeline_error'
      from judged j
     where l.id = j.id and j.outcome in ('requeued', 'already_replayed')
  )
  select id, outcome from judged`;
