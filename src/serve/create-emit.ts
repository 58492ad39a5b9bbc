import type { Events } from '../kernel/events.ts';
import type { Sql, SqlClient } from '../stores/postgres/sql.ts';
import type { Emit, PublishInput } from './publish-event.ts';

/** Emits in transactions of its own. */
export function createEmit(sql: Sql, events: Pick<Events<Record<string, unknown>, SqlClient>, 'emit'>): Emit {
  const emitInto = (target: SqlClient, { type, data, subject, eventId }: PublishInput) =>
    events.emit(target, type, { data, subject, eventId });
  return {
    // A single statement commits by itself, in a third of the time.
    one: (input) => emitInto(sql, input),
    all: (run) => sql.transaction((tx) => run((input) => emitInto(tx, input))),
  };
}
