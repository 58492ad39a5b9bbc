import type { Publisher } from './events/kernel/ports.js';
import type { Sql, SqlClient } from './events/stores/postgres/sql.js';
import type pg from 'pg';

/**
 * Kills this process at named moments, and can be told to do the wrong thing on purpose. It works from outside,
 * through the ports that setup.ts hands over: the emitted code itself is what runs in production.
 *
 * EVTGEN_FAILPOINT=name:count kills at the count-th time that the moment comes.
 * EVTGEN_WRONG=variant makes the application break a promise, to show that the judge notices.
 */
const [failpoint, count = '1'] = (process.env['EVTGEN_FAILPOINT'] ?? '').split(':');
const wrong = process.env['EVTGEN_WRONG'];
let remaining = Number(count);

/** Spreads commits, so that they come in another order than the inserts. */
const SLOWEST_COMMIT_MS = 40;

function reach(name: string): void {
  if (name !== failpoint) return;
  remaining -= 1;
  if (remaining === 0) process.kill(process.pid, 'SIGKILL');
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `after_commit`: the business transaction is committed, and nobody was told. */
export function withFailingCommits(pool: pg.Pool, publishNow: (body: string) => Promise<void>): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<unknown>;
    const wrapped = async (text: string, values?: unknown[]): Promise<unknown> => {
      if (text === 'COMMIT') await sleep(Math.random() * SLOWEST_COMMIT_MS);
      const result = await query(text, values);
      if (text === 'COMMIT') reach('after_commit');
      if (wrong === 'publishes_before_commit' && /^\s*insert into evtgen\.events/.test(text)) {
        await publishNow(String(values?.[8]));
      }
      return result;
    };
    Object.assign(client, {
      query: (text: unknown, values?: unknown, ...rest: unknown[]) =>
        // The pool itself queries with a callback; that is none of the shop's transactions.
        typeof text === 'string' && typeof values !== 'function' && rest.length === 0
          ? wrapped(text, values as unknown[] | undefined)
          : (query as (...all: unknown[]) => unknown)(text, values, ...rest),
    });
  });
}

/**
 * `after_lease`: a role is taken, and nothing was done in it. `after_stamp`: positions are given, and no reader knows.
 * `before_result`: a first attempt was answered with 2xx, and that is not written down; `before_retry_result`: the
 * same of an attempt that has a row. `after_spill`: an attempt under way got a row. `after_claim`: deliveries are
 * leased, and not attempted. `mid_exhaust`: a delivery is given up, and its dead letter is not written; `after_exhaust`:
 * it is, and nobody was told.
 */
export function withFailingStore(sql: Sql): Sql {
  const failing =
    (client: SqlClient, note: (name: string) => void): SqlClient['query'] =>
    async (text, values) => {
      const isFirst = /insert into evtgen\.deliveries/.test(text);
      const isLater = /update evtgen\.deliveries d\s+set state = r\.state/.test(text);
      const written = isFirst || isLater ? resultsIn(values[0]) : [];
      if (written.some(({ state }) => state === 'delivered')) {
        reach(isFirst ? 'before_result' : 'before_retry_result');
      }
      const isExhaust = /'delivery_exhausted'/.test(text) && /insert into evtgen\.dead_letters/.test(text);
      if (isExhaust) reach('mid_exhaust');
      const result = await client.query(text, values);
      const [row] = result.rows;
      if (/insert into evtgen\.positions/.test(text) && row?.['is_stamped'] === true) reach('after_stamp');
      if (/insert into evtgen\.leases/.test(text) && row !== undefined) reach('after_lease');
      if (isFirst && written.some(({ leaseToken }) => leaseToken !== null)) reach('after_spill');
      if (isExhaust) note('after_exhaust');
      if (/set lease_token = \$4/.test(text) && row !== undefined) note('after_claim');
      return result;
    };
  return {
    ...sql,
    query: failing(sql, reach),
    async transaction(run) {
      const onCommit: string[] = [];
      const note = (name: string): void => void onCommit.push(name);
      const result = await sql.transaction((tx) => run({ ...tx, query: failing(tx, note) }));
      for (const name of onCommit) reach(name);
      return result;
    },
  };
}

/** The rows that a statement of the delivery store writes, in the order of its columns. */
function resultsIn(value: unknown): { state: unknown; leaseToken: unknown }[] {
  // What is given up is written by itself, and is no list.
  const rows = String(value).startsWith('[') ? (JSON.parse(String(value)) as unknown[][]) : [];
  return rows.map(([, , , , state, , , leaseToken]) => ({ state, leaseToken }));
}

/** `mid_batch`: half of a batch is with the broker. `after_publish`: all of it is, and the cursor has not moved. */
export function withFailingBroker(publisher: Publisher): Publisher {
  return {
    ...publisher,
    async publish(events) {
      if (wrong === 'advances_first') {
        // Long enough for the cursor to move, and for a death in between.
        void sleep(50).then(() => reach('after_publish'));
        void sleep(500).then(() => publisher.publish(events));
        return;
      }
      const half = Math.ceil(events.length / 2);
      await publisher.publish(events.slice(0, half));
      reach('mid_batch');
      await publisher.publish(events.slice(half));
      reach('after_publish');
    },
  };
}
