import { LeaseLostError } from '../../kernel/errors.ts';
import { readerOf } from '../../kernel/lease.ts';
import type { CursorState, CursorStore, Lease } from '../../kernel/ports.ts';
import { leaseIsCurrent } from './leases.ts';
import { insertPipelineError } from './log.ts';
import { booleanOf, numberOf, onlyRow, textOf } from './sql.ts';
import type { Sql, SqlClient } from './sql.ts';

/**
 * Cursors of the readers. The fence is a plain read of the epoch, without a lock on the lease: a takeover that
 * commits at the same moment has read the cursor before this move, so its reader repeats events that were
 * confirmed already. That is a duplicate, never a loss, because a cursor moves over confirmed events only and
 * never back.
 */
export function createCursorStore(sql: Sql): CursorStore {
  return {
    async open(reader, start): Promise<number> {
      await sql.query(
        `insert into evtgen.cursors (reader, position)
         select $1, case when $2 then h.position else 0 end from evtgen.log_head h
         on conflict (reader) do nothing`,
        [reader, start === 'head'],
      );
      const result = await sql.query(`select position from evtgen.cursors where reader = $1`, [reader]);
      return numberOf(onlyRow(result), 'position');
    },

    async advance(lease, position): Promise<void> {
      const { rows } = await sql.query(
        // Not waited for on the disk: an advance that a crash of the server undoes repeats events, and loses none.
        `with unflushed as (select set_config('synchronous_commit', 'off', true))
         update evtgen.cursors set position = greatest(position, $5), updated_at = now()
           from unflushed
          where reader = $1
            and ${leaseIsCurrent(2)}
         returning position`,
        [readerOf(lease.role), lease.role, lease.holder, lease.epoch, position],
      );
      if (rows.length === 0) throw new LeaseLostError(lease.role);
    },

    async setAside(lease, error): Promise<void> {
      await sql.transaction(async (tx) => {
        if ((await isCurrent(tx, lease)) === false) throw new LeaseLostError(lease.role);
        await insertPipelineError(tx, error);
      });
    },

    async list(): Promise<CursorState[]> {
      const { rows } = await sql.query(
        `select c.reader, c.position, greatest(h.position - c.position, 0) as lag
           from evtgen.cursors c cross join evtgen.log_head h
          order by c.reader`,
        [],
      );
      return rows.map((row) => ({
        reader: textOf(row, 'reader'),
        position: numberOf(row, 'position'),
        lag: numberOf(row, 'lag'),
      }));
    },
  };
}

async function isCurrent(tx: SqlClient, lease: Lease): Promise<boolean> {
  const result = await tx.query(`select ${leaseIsCurrent()} as is_current`, [
    lease.role,
    lease.holder,
    lease.epoch,
  ]);
  return booleanOf(onlyRow(result), 'is_current');
}
