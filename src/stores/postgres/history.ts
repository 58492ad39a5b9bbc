import type { HistoryStore, LogEntry, LogQuery } from '../../kernel/history.ts';
import { inScope, scopeValues } from './tenants.ts';
import { LOGGED_EVENT_COLUMNS, loggedEvent } from './log.ts';
import { optionalTextOf } from './sql.ts';
import type { Row, Sql } from './sql.ts';
import { matchesPatternSql } from './subscription-rows.ts';

/** Looks into the log by subject, type and tenant. */
export function createHistoryStore(sql: Sql): HistoryStore {
  return {
    async query(query): Promise<LogEntry[]> {
      const { rows } = await sql.query(statementFor(query), [
        ...scopeValues(query.scope),
        query.after,
        query.before ?? null,
        query.isPublicOnly,
        query.eventTypes === undefined ? null : JSON.stringify(query.eventTypes),
        query.limit,
        ...(query.subject === undefined ? [] : [query.subject]),
      ]);
      return rows.map(entryOf);
    },

    async find(scope, eventId): Promise<LogEntry | undefined> {
      const { rows } = await sql.query(
        `select ${LOGGED_EVENT_COLUMNS}, e.actor from evtgen.log e where e.event_id = $3 and ${inScope('e')}`,
        [...scopeValues(scope), eventId],
      );
      return rows.map(entryOf)[0];
    },
  };
}

function entryOf(row: Row): LogEntry {
  return { ...loggedEvent(row), actor: optionalTextOf(row, 'actor') };
}

/** Positions first, then their events one by one, until there are enough: the planner has no choice. */
function statementFor({ subject, order }: LogQuery): string {
  const direction = order === 'newest_first' ? 'desc' : 'asc';
  return `
    select ${LOGGED_EVENT_COLUMNS}, e.actor
      from evtgen.positions p
     cross join lateral (select p.position, * from evtgen.events where insert_id = p.insert_id limit 1) e
     where p.position > $3 and p.position < coalesce($4::bigint, 9223372036854775807)
       ${subject === undefined ? '' : 'and p.subject = $8'}
       and ${inScope('e')}
       and ($5::boolean is false or e.audience = 'public')
       and ($6::text is null or exists (
             select from json_array_elements_text($6::text::json) as f(pattern)
              where ${matchesPatternSql('pattern', 'e.event_type')}))
     order by p.position ${direction}
     limit $7`;
}
