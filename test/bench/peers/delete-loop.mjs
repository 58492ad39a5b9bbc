import { Client } from 'pg';

// Rows as arrays of text: what a hand-written loop that wants nothing but speed would ask for.
const AS_TEXT = { getTypeParser: () => (value) => value };

/**
 * The limit that a relay is measured against: a table of ready-made envelopes and one loop that deletes and returns
 * 500 of them at a time. No order across transactions, no second reader, no position, nothing kept.
 */
export async function createDeleteLoop(url, { isLean }) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const columns = isLean ? 'id, event_id, data' : 'id, event_id, event_type, version, ts, source, data';
  const statement = {
    name: 'take',
    text: `delete from bench_outbox
            where id in (select id from bench_outbox order by id limit 500 for update skip locked)
           returning ${columns}`,
    ...(isLean ? { rowMode: 'array', types: AS_TEXT } : {}),
  };
  return {
    async seed(count, body) {
      await client.query(
        `create table bench_outbox (
           id bigint generated always as identity primary key, event_id uuid not null, event_type text not null,
           version int not null, ts timestamptz not null default now(), source text not null, data text not null)`,
      );
      await client.query(
        `insert into bench_outbox (event_id, event_type, version, source, data)
         select gen_random_uuid(), 'order.created', 1, '/orders-api', $1 from generate_series(1, $2::int)`,
        [body, count],
      );
    },
    /** Calls `take` with `{ eventId, body }` of each batch until the table is empty. */
    async run(take) {
      for (;;) {
        const { rows } = await client.query(statement);
        if (rows.length === 0) return;
        await take(
          isLean
            ? rows.map(([, eventId, body]) => ({ eventId, body }))
            : rows.map((row) => ({ eventId: row.event_id, body: row.data })),
        );
      }
    },
    close: () => client.end(),
  };
}
