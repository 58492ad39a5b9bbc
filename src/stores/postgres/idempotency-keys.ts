import type { IdempotencyStore, KeyState } from '../../kernel/idempotency.ts';
import { booleanOf, textOf } from './sql.ts';
import type { Sql } from './sql.ts';

const NO_TENANT = '';

export function createIdempotencyStore(sql: Sql): IdempotencyStore {
  return {
    async claim({ tenant = NO_TENANT, key, requestHash, resultId, leaseMs, keptMs }): Promise<KeyState> {
      await sql.query(PURGE, []);
      for (;;) {
        const claimed = await sql.query(CLAIM, [tenant, key, requestHash, resultId, leaseMs, keptMs]);
        const own = claimed.rows[0];
        if (own !== undefined) return { state: 'claimed', resultId: textOf(own, 'result_id') };
        const { rows } = await sql.query(
          `select request_hash, result_id, is_completed from evtgen.idempotency_keys
            where tenant = $1 and key = $2`,
          [tenant, key],
        );
        const known = rows[0];
        // Released between the two statements, so it is free again.
        if (known === undefined) continue;
        if (textOf(known, 'request_hash') !== requestHash) return { state: 'other_request' };
        if (booleanOf(known, 'is_completed') === false) return { state: 'in_progress' };
        return { state: 'completed', resultId: textOf(known, 'result_id') };
      }
    },

    async complete(tenant = NO_TENANT, key): Promise<void> {
      await sql.query(
        `update evtgen.idempotency_keys set is_completed = true where tenant = $1 and key = $2`,
        [tenant, key],
      );
    },

    async release(tenant = NO_TENANT, key): Promise<void> {
      await sql.query(
        `delete from evtgen.idempotency_keys where tenant = $1 and key = $2 and not is_completed`,
        [tenant, key],
      );
    },
  };
}

// A few with each claim keep the table as small as a day's requests, without a part of the worker for it.
const PURGE = `
  delete from evtgen.idempotency_keys
   where (tenant, key) in (select tenant, key from evtgen.idempotency_keys
                            where expires_at <= now()
                            order by expires_at
                            limit 100
                              for update skip locked)`;

const CLAIM = `
  insert into evtgen.idempotency_keys as k (tenant, key, request_hash, result_id, leased_until, expires_at)
  values ($1, $2, $3, $4, now() + $5::double precision * interval '1 millisecond',
          now() + $6::double precision * interval '1 millisecond')
  on conflict (tenant, key) do update
     set leased_until = excluded.leased_until,
         expires_at = excluded.expires_at,
         request_hash = excluded.request_hash,
         is_completed = false,
         result_id = case when k.expires_at <= now() then excluded.result_id else k.result_id end
   where k.expires_at <= now()
      or not k.is_completed and k.leased_until <= now() and k.request_hash = excluded.request_hash
  returning result_id`;
