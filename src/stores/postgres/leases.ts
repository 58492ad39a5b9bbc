import type { Lease, LeaseState, LeaseStore } from '../../kernel/ports.ts';
import { numberOf, textOf } from './sql.ts';
import type { Sql } from './sql.ts';

/** True while the holder's epoch is current; role, holder and epoch are three placeholders in a row. */
export function leaseIsCurrent(first = 1): string {
  return `exists (select from evtgen.leases where role = $${first} and holder = $${first + 1} and epoch = $${first + 2})`;
}

/**
 * Leases as rows. All times are the database's, so processes whose clocks disagree still agree on who leads.
 * A row stays for ever: the epoch must grow across release and expiry.
 */
export function createLeaseStore(sql: Sql): LeaseStore {
  return {
    async acquire(role, holder, ttlMs): Promise<Lease | undefined> {
      const { rows } = await sql.query(
        `insert into evtgen.leases as l (role, holder, epoch, expires_at)
         values ($1, $2, 1, clock_timestamp() + $3::float8 * interval '1 millisecond')
         on conflict (role) do update
            set holder = excluded.holder, epoch = l.epoch + 1, expires_at = excluded.expires_at
          where l.expires_at <= clock_timestamp()
         returning epoch`,
        [role, holder, ttlMs],
      );
      const row = rows[0];
      return row === undefined ? undefined : { role, holder, epoch: numberOf(row, 'epoch') };
    },

    async renew(lease, ttlMs): Promise<boolean> {
      // An expired lease that nobody took may go on: the epoch proves that nobody acted in between.
      const { rows } = await sql.query(
        `update evtgen.leases set expires_at = clock_timestamp() + $4::float8 * interval '1 millisecond'
          where role = $1 and holder = $2 and epoch = $3
         returning epoch`,
        [lease.role, lease.holder, lease.epoch, ttlMs],
      );
      return rows.length === 1;
    },

    async list(): Promise<LeaseState[]> {
      const { rows } = await sql.query(
        `select role, greatest(extract(epoch from clock_timestamp() - expires_at) * 1000, 0)::bigint as free_ms
           from evtgen.leases
          order by role`,
        [],
      );
      return rows.map((row) => ({ role: textOf(row, 'role'), freeForMs: numberOf(row, 'free_ms') }));
    },

    async release(lease): Promise<void> {
      await sql.query(
        `update evtgen.leases set expires_at = clock_timestamp() where role = $1 and holder = $2 and epoch = $3`,
        [lease.role, lease.holder, lease.epoch],
      );
    },
  };
}
