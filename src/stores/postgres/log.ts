import { isSameContent, timestampOf } from '../../kernel/envelope.ts';
import { EventIdConflictError } from '../../kernel/errors.ts';
import type { Audience, LoggedEvent, NewEvent, PipelineError } from '../../kernel/event.ts';
import type { LogStore } from '../../kernel/ports.ts';
import { numberOf, onlyRow, optionalTextOf, textOf } from './sql.ts';
import type { Row, Sql, SqlClient } from './sql.ts';
import { insertRow, rowInsert } from './single-statement.ts';
import type { EmitTarget } from './single-statement.ts';
import { createStamp } from './stamp.ts';

/** The event log. The caller's transaction is anything with `query(text, values)`, or a single statement. */
export function createLogStore(sql: Sql): LogStore<EmitTarget> {
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
        // Below the floor it has holes: an event that somebody needs is kept longer than its neighbours.
        `select coalesce((select greatest(p.position, f.position + 1) from evtgen.positions p
                           order by p.position limit 1), 0) as position
           from evtgen.log_floor f`,
        [],
      );
      return numberOf(onlyRow(result), 'position');
    },
  };
}

const EVENT = rowInsert('evtgen.events', [
  ['event_id', 'text'],
  ['event_type', 'text'],
  ['version', 'integer'],
  ['audience', 'text'],
  ['subject', 'text'],
  ['tenant', 'text'],
  ['actor', 'text'],
  ['occurred_at', 'timestamptz'],
  ['body', 'text'],
]);

function appendEvent(tx: EmitTarget, event: NewEvent): Promise<boolean> {
  const values = [
    event.eventId,
    event.eventType,
    event.version,
    event.audience,
    event.subject ?? null,
    event.tenant ?? null,
    event.actor ?? null,
    event.timestamp,
    event.body,
  ];
  // An id that was made for this event is nobody else's, and a plain insert costs the caller a tenth less.
  return event.isIdGiven && 'query' in tx ? insertOnce(tx, event, values) : insertRow(tx, EVENT, values);
}

async function insertOnce(tx: SqlClient, event: NewEvent, values: unknown[]): Promise<boolean> {
  for (;;) {
    const { rows } = await tx.query(`${EVENT.text} on conflict (event_id) do nothing returning 1`, values);
    if (rows.length > 0) return true;
    const existing = await tx.query(`select tenant, body from evtgen.events where event_id = $1`, [
      event.eventId,
    ]);
    const row = existing.rows[0];
    if (row !== undefined) {
      const isSame =
        optionalTextOf(row, 'tenant') === event.tenant && isSameContent(textOf(row, 'body'), event.body);
      if (isSame === false) throw new EventIdConflictError(event.eventId);
      return true;
    }
    // Retention deleted the older event between the two statements, so the id is free again.
  }
}

const PIPELINE_ERROR = rowInsert(
  'evtgen.dead_letters',
  [
    ['id', 'text'],
    ['kind', 'text'],
    ['stage', 'text'],
    ['reader', 'text'],
    ['event_id', 'text'],
    ['event_type', 'text'],
    ['version', 'integer'],
    ['subject', 'text'],
    ['tenant', 'text'],
    ['actor', 'text'],
    ['position', 'bigint'],
    ['body', 'text'],
    ['error', 'text'],
  ],
  `on conflict (reader, event_id) where stage = 'publish' do nothing`,
);

/** A reader that died after setting an event aside comes here again: the second time changes nothing. */
export function insertPipelineError(tx: EmitTarget, error: PipelineError): Promise<boolean> {
  return insertRow(tx, PIPELINE_ERROR, [
    error.id,
    'pipeline_error',
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
  ]);
}

/** What `loggedEvent` needs of the log, named `e`. */
export const LOGGED_EVENT_COLUMNS = `e.position, e.event_id, e.event_type, e.version, e.audience, e.subject, e.tenant,
  e.body`;

export function loggedEvent(row: Row): LoggedEvent {
  const body = textOf(row, 'body');
  return {
    position: numberOf(row, 'position'),
    eventId: textOf(row, 'event_id'),
    eventType: textOf(row, 'event_type'),
    version: numberOf(row, 'version'),
    timestamp: timestampOf(body),
    audience: audienceOf(row),
    subject: optionalTextOf(row, 'subject'),
    tenant: optionalTextOf(row, 'tenant'),
    body,
  };
}

function audienceOf(row: Row): Audience {
  return textOf(row, 'audience') === 'public' ? 'public' : 'internal';
}
