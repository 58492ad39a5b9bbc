import { booleanOf, numberOf, onlyRow } from './sql.ts';
import type { SqlClient } from './sql.ts';

const KEEP_DAYS = 30;
const PURGE_BATCH_SIZE = 5_000;

/** What an event says of itself, by its CloudEvents names; the broker's message has them all. */
export interface IncomingEvent {
  readonly id: string;
  readonly source: string;
  readonly subject?: string | undefined;
  /** Attributes are text on most brokers. */
  readonly position?: string | number | undefined;
}

/**
 * - `new`: to be handled.
 * - `repeated`: handled before.
 * - `late`: never seen, but a later event of its subject was. Where the broker keeps the order of a subject this is
 *   a repeat whose id is purged; elsewhere (standard queues of AWS, jobs, competing consumers) it came too late, and
 *   whoever keeps a copy of the newest state drops it.
 */
export type Arrival = 'new' | 'repeated' | 'late';

/** Remembers what one consumer has handled. */
export interface Inbox {
  /**
   * To be asked first, inside the transaction that handles the event: both are committed, or neither.
   *
   *     if ((await inbox.receive(tx, event)) !== 'new') return;
   *
   * Another process that has the same event in hand, or one of the same subject, is waited for.
   */
  receive(tx: SqlClient, event: IncomingEvent): Promise<Arrival>;
  /**
   * Forgets what is older than `keepDays`; to be called once a day or so, outside of a transaction.
   * @returns how many rows went.
   */
  purge(client: SqlClient): Promise<number>;
}

export interface InboxOptions {
  /** Every consumer sees every event once; two of the same name share the work. */
  readonly consumer: string;
  /** Longer than anything that may come again stays away. */
  readonly keepDays?: number | undefined;
}

/** The consumer's side of at-least-once, on PostgreSQL. */
export function createInbox({ consumer, keepDays = KEEP_DAYS }: InboxOptions): Inbox {
  return {
    async receive(tx, { id, source, subject, position }): Promise<Arrival> {
      const isOrdered = subject !== undefined && position !== undefined;
      const place = isOrdered ? [subject, Number(position)] : [null, null];
      const row = onlyRow(await tx.query(RECEIVE, [consumer, source, id, ...place]));
      if (booleanOf(row, 'is_first') === false) return 'repeated';
      return isOrdered && booleanOf(row, 'is_newest') === false ? 'late' : 'new';
    },

    async purge(client): Promise<number> {
      let purged = 0;
      for (const statement of PURGES) {
        let count = PURGE_BATCH_SIZE;
        while (count === PURGE_BATCH_SIZE) {
          const result = await client.query(statement, [keepDays, PURGE_BATCH_SIZE]);
          count = numberOf(onlyRow(result), 'count');
          purged += count;
        }
      }
      return purged;
    },
  };
}

/** A replayed event carries no position, and one without a subject has no order: only their ids count. */
const RECEIVE = `
  with first as (
    insert into evtgen.inbox (consumer, source, event_id) values ($1::text, $2::text, $3::text)
    on conflict do nothing
    returning event_id
  ), newest as (
    insert into evtgen.inbox_positions as known (consumer, source, subject, position)
    select $1::text, $2::text, $4::text, $5::bigint from first where $4::text is not null
    on conflict (consumer, source, subject) do update
      set position = excluded.position, updated_at = now()
      where known.position < excluded.position
    returning position
  )
  select exists (select from first) as is_first, exists (select from newest) as is_newest`;

/** In small batches, so that nobody waits for long. */
const purgeOf = (table: string, key: string, lastUsed: string): string => `
  with purged as (
    delete from evtgen.${table} where (consumer, source, ${key}) in (
      select consumer, source, ${key} from evtgen.${table}
      where ${lastUsed} < now() - $1::double precision * interval '1 day'
      order by ${lastUsed} limit $2::integer for update skip locked)
    returning 1
  )
  select count(*)::integer as count from purged`;

const PURGES = [
  purgeOf('inbox', 'event_id', 'received_at'),
  purgeOf('inbox_positions', 'subject', 'updated_at'),
];
