import { isSameContent } from '../../kernel/envelope.ts';
import { EventIdConflictError } from '../../kernel/errors.ts';
import type { Audience, LoggedEvent, NewEvent, PipelineError } from '../../kernel/event.ts';
import type { LogStore } from '../../kernel/ports.ts';
import { numberOf, onlyRow, optionalTextOf, textOf } from './sql.ts';
import type { Row, Sql, SqlClient } from './sql.ts';
import { createStamp } from './stamp.ts';

/** The event log. The caller's transaction is anything with `query(text, values)`. */
export function createLogStore(sql: Sql): LogStore<SqlClient> {
  return {
    append: appendEvent,
    appendPipelineError: insertPipelineError,

    stamp: createStamp(sql),

    async read(after, limit): Promise<LoggedEvent[]> {
      const { rows } = await sql.query(
        // Positions first, then their events one by one: no statistics can make the planner sort the log.
        `select ${LOGGED_EVENT_COLUMNS}
           from (select position, insert_id from evtgen.positions where position > $1 order by position limit $2) p
          cross join lateral (select p.position, * from evtgen.events where insert_id = p.insert_id limit 1) e
          order by p.position`,
        [after, limit],
      );
      return rows.map(loggedEvent);
    },

    async head(): Promise<number> {
      return numberOf(onlyRow(await sql.query(`select position from evtgen.log_head`, [])), 'position');
    },

    async oldest(): Promise<number> {
      const result = await sql.query(
        `select coalesce((select position from evtgen.positions order by position limit 1), 0) as position`,
        [],
      );
      return numberOf(onlyRow(result), 'position');
    },
  };
}

async function appendEvent(tx: SqlClient, event: NewEvent): Promise<void> {
  for (;;) {
    const { rows } = await tx.query(
      `insert into evtgen.events
         (event_id, event_type, version, audience, subject, tenant, actor, occurred_at, body)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (event_id) do nothing
       returning 1`,
      [
        event.eventId,
        event.eventType,
        event.version,
        event.audience,
        event.subject ?? null,
        event.tenant ?? null,
        event.actor ?? null,
        event.timestamp,
        event.body,
      ],
    );
    if (rows.length > 0) return;
    const existing = await tx.query(`select tenant, body from evtgen.events where event_id = $1`, [
      event.eventId,
    ]);
    const row = existing.rows[0];
    if (row !== undefined) {
      const isSame =
        optionalTextOf(row, 'tenant') === event.tenant && isSameContent(textOf(row, 'body'), event.body);
      if (isSame === false) throw new EventIdConflictError(event.eventId);
      return;
    }
    // Retention deleted the older event between the two statements, so the id is free again.
  }
}

/** A reader that died after setting an event aside comes here again: the second time changes nothing. */
export async function insertPipelineError(tx: SqlClient, error: PipelineError): Promise<void> {
  await tx.query(
    `insert into evtgen.dead_letters
       (id, kind, stage, reader, event_id, event_type, version, subject, tenant, actor, position, body, error)
     values ($1, 'pipeline_error', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (reader, event_id) where stage = 'publish' do nothing`,
    [
      error.id,
      error.stage,
      error.reader ?? null,
      error.eventId,
      error.eventType,
      error.version,
      error.subject ?? null,
      error.tenant ?? null,
      error.actor ?? null,
      error.position ?? null,
      // In the log already, where an erasure request reaches it.
      error.position === undefined ? error.body : null,
      // The one character that a text column cannot hold.
      error.error.replaceAll('\u0000', ''),
    ],
  );
}

/** What `loggedEvent` needs of the log, named `e`. */
export const LOGGED_EVENT_COLUMNS = `e.position, e.event_id, e.event_type, e.version, e.audience, e.subject, e.tenant,
  e.body, (extract(epoch from e.occurred_at) * 1000)::bigint as occurred_ms`;

export function loggedEvent(row: Row): LoggedEvent {
  return {
    position: numberOf(row, 'position'),
    eventId: textOf(row, 'event_id'),
    eventType: textOf(row, 'event_type'),
    version: numberOf(row, 'version'),
    timestamp: new Date(numberOf(row, 'occurred_ms')).toISOString(),
    audience: audienceOf(row),
    subject: optionalTextOf(row, 'subject'),
    tenant: optionalTextOf(row, 'tenant'),
    body: textOf(row, 'body'),
  };
}

function audienceOf(row: Row): Audience {
  return textOf(row, 'audience') === 'public' ? 'public' : 'internal';
}
