import type { EventStore } from '../../kernel/ports.ts';
import { createCursorStore } from './cursors.ts';
import { createLeaseStore } from './leases.ts';
import { createLogStore } from './log.ts';
import type { Sql, SqlClient } from './sql.ts';

/** The log side of the store. `emit` takes any transaction that has `query(text, values)`. */
export function createEventStore(sql: Sql): EventStore<SqlClient> {
  return { log: createLogStore(sql), leases: createLeaseStore(sql), cursors: createCursorStore(sql) };
}
