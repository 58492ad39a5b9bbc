import type { LoggedEvent } from '../../kernel/event.ts';
import type { Delivery } from '../../kernel/webhook-ports.ts';
import { DELIVERY_COLUMNS, deliveryOf } from './delivery-views.ts';
import { LOGGED_EVENT_COLUMNS, loggedEvent } from './log.ts';
import type { Sql } from './sql.ts';

/** Which events somebody looks for who types. */
export interface RecentQuery {
  /** A position; undefined for the newest of all. */
  readonly before: number | undefined;
  /** What their types begin with. */
  readonly type: string;
  /** What their subjects hold. */
  readonly subject: string;
  readonly limit: number;
}

/** What somebody sees who has the whole database. */
export interface RecentEventsStore {
  /** The newest first. */
  events(query: RecentQuery): Promise<LoggedEvent[]>;
  /** Of these events, to whomever they go. */
  deliveries(positions: readonly number[]): Promise<Delivery[]>;
}

export function createRecentEventsStore(sql: Sql): RecentEventsStore {
  return {
    async events({ before, type, subject, limit }): Promise<LoggedEvent[]> {
      const { rows } = await sql.query(
        `select ${LOGGED_EVENT_COLUMNS}
           from evtgen.positions p
          cross join lateral (select p.position, * from evtgen.events where insert_id = p.insert_id limit 1) e
          where p.position < coalesce($1::bigint, 9223372036854775807)
            and starts_with(e.event_type, $2)
            and ($3::text = '' or strpos(e.subject, $3::text) > 0)
          order by p.position desc
          limit $4`,
        [before ?? null, type, subject, limit],
      );
      return rows.map(loggedEvent);
    },

    async deliveries(positions): Promise<Delivery[]> {
      const { rows } = await sql.query(
        `select ${DELIVERY_COLUMNS} from evtgen.deliveries d
          where d.position in (select value::bigint from json_array_elements_text($1::text::json))`,
        [JSON.stringify(positions)],
      );
      return rows.map(deliveryOf);
    },
  };
}
