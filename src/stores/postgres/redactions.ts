import type { RedactionStore } from '../../kernel/redact.ts';
import { numberOf, onlyRow, textOf } from './sql.ts';
import type { Row, Sql } from './sql.ts';
import { ofTenant } from './tenants.ts';

/** Erases data from wherever the store keeps it. */
export function createRedactionStore(sql: Sql): RedactionStore {
  return {
    redactEvents: ({ tenant, subject, after, limit }, rewrite) =>
      sql.transaction(async (tx) => {
        const { rows } = await tx.query(EVENTS_OF_SUBJECT, [tenant ?? null, subject, after, limit]);
        const last = rows.at(-1);
        const next = rows.length < limit || last === undefined ? undefined : numberOf(last, 'insert_id');
        if (rows.length === 0) return { events: 0, cancelledDeliveries: 0, deadLetters: 0, next };
        const texts = rewritten(rows, 'insert_id', rewrite);
        const found = rows.map((row) => numberOf(row, 'insert_id'));
        const counts = onlyRow(await tx.query(REDACT, [JSON.stringify(texts), JSON.stringify(found)]));
        return {
          events: numberOf(counts, 'events'),
          cancelledDeliveries: numberOf(counts, 'cancelled'),
          deadLetters: numberOf(counts, 'letters'),
          next,
        };
      }),

    redactRefused: (tenant, subject, rewrite) =>
      sql.transaction(async (tx) => {
        const { rows } = await tx.query(
          `select id, body from evtgen.dead_letters
            where subject = $2 and ${ofTenant('$1')} and stage = 'emit' and redacted_at is null
            order by id
              for update`,
          [tenant ?? null, subject],
        );
        // What was wrong may quote the data, as messages of schemas do.
        await tx.query(
          `update evtgen.dead_letters l
              set body = r.body, actor = null, error = 'redacted', redacted_at = now()
             from json_to_recordset($1::text::json) as r(id text, body text)
            where l.id = r.id`,
          [JSON.stringify(rewritten(rows, 'id', rewrite))],
        );
        return rows.length;
      }),
  };
}

function rewritten(
  rows: readonly Row[],
  key: 'id' | 'insert_id',
  rewrite: (body: string) => string | undefined,
): Record<string, unknown>[] {
  return rows.flatMap((row) => {
    const body = rewrite(textOf(row, 'body'));
    return body === undefined ? [] : [{ [key]: key === 'id' ? textOf(row, key) : numberOf(row, key), body }];
  });
}

// Those with a position by the index of subjects; those that wait for one are few, and above what is settled.
const EVENTS_OF_SUBJECT = `
  with found as (
    select insert_id from evtgen.positions where subject = $2 and insert_id > $3
    union
    select insert_id from evtgen.events
     where subject = $2 and insert_id > greatest($3, (select settled_insert_id from evtgen.log_head))
  )
  select insert_id, body from evtgen.events
   where insert_id in (select insert_id from found) and ${ofTenant('$1')}
   order by insert_id
   limit $4
     for update`;

// An internal event goes to no webhook and no stream: so everything that follows the log, or resumes, or sends anew,
// passes over it. What a broker or a caster said of an event may quote its data. Who had read an event before it was
// redacted may say so afterwards: so a repeat looks at those that were redacted before, too.
const REDACT = `
  with texts as materialized (
    select * from json_to_recordset($1::text::json) as t(insert_id bigint, body text)
  ), events as (
    update evtgen.events e set body = t.body, audience = 'internal', actor = null
      from texts t
     where e.insert_id = t.insert_id
    returning 1
  ), places as materialized (
    select position from evtgen.positions
     where insert_id in (select value::bigint from json_array_elements_text($2::text::json))
  ), before as materialized (
    select d.position, d.subscription_id, d.state
      from evtgen.deliveries d
      join places p on p.position = d.position
       for update of d
  ), deliveries as (
    update evtgen.deliveries d
       set state = case when b.state = 'pending' then 'cancelled' else b.state end,
           due_at = null, lease_token = null, updated_at = now(),
           attempts = (select coalesce(jsonb_agg(attempt - 'body' - 'error' order by nth), '[]')
                         from jsonb_array_elements(d.attempts) with ordinality as a(attempt, nth))
      from before b
     where d.position = b.position and d.subscription_id = b.subscription_id
  ), letters as (
    update evtgen.dead_letters l
       set body = null, actor = null, is_republishing = false, redacted_at = now(),
           error = case when l.kind = 'pipeline_error' then 'redacted' else l.error end
      from places p
     where l.position = p.position and l.redacted_at is null
    returning 1
  )
  select (select count(*) from events) as events,
         (select count(*) from before where state = 'pending') as cancelled,
         (select count(*) from letters) as letters`;
