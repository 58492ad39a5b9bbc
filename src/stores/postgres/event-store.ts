import type { EventStore } from '../../kernel/ports.ts';
import { createCursorStore } from './cursors.ts';
import { createLeaseStore } from './leases.ts';
import { createLogStore } from './log.ts';
import { createNotifier } from './notifier.ts';
import { explainMissingSchema, withMissingSchemaExplained } from './schema-error.ts';
import type { EmitTarget } from './single-statement.ts';
import type { Sql } from './sql.ts';

/**
 * The log side of the store. `emit` takes any transaction that has `query(text, values)`, or a single statement.
 *
 * Its calls reject with SchemaMissingError where a migration has not run.
 */
export function createEventStore(sql: Sql): EventStore<EmitTarget> {
  const explained = withMissingSchemaExplained(sql);
  const log = createLogStore(explained);
  return {
    log: {
      ...log,
      append: (tx, event) => log.append(tx, event).catch(explainMissingSchema),
      appendPipelineError: (tx, error) => log.appendPipelineError(tx, error).catch(explainMissingSchema),
    },
    leases: createLeaseStore(explained),
    cursors: createCursorStore(explained),
    notifier: createNotifier(explained),
  };
}
