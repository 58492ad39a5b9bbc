import type { HistoryStore } from '../../kernel/history.ts';
import type { EventStore } from '../../kernel/ports.ts';
import type { RedactionStore } from '../../kernel/redact.ts';
import type { RetentionStore } from '../../kernel/retention.ts';
import { createCursorStore } from './cursors.ts';
import { withDeadlocksRetried } from './deadlocks.ts';
import { createHistoryStore } from './history.ts';
import { createLeaseStore } from './leases.ts';
import { createLogStore } from './log.ts';
import { createNotifier } from './notifier.ts';
import { createRedactionStore } from './redactions.ts';
import { createRetentionStore } from './retention.ts';
import { explainMissingSchema, withMissingSchemaExplained } from './schema-error.ts';
import type { EmitTarget } from './single-statement.ts';
import type { Sql } from './sql.ts';

/** The log side of the store, and what is done with a log that has grown old. */
export interface PostgresEventStore extends EventStore<EmitTarget> {
  readonly history: HistoryStore;
  readonly redaction: RedactionStore;
  readonly retention: RetentionStore;
}

/**
 * `emit` takes any transaction that has `query(text, values)`, or a single statement.
 *
 * The calls of the store reject with SchemaMissingError where a migration has not run.
 */
export function createEventStore(sql: Sql): PostgresEventStore {
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
    history: createHistoryStore(explained),
    redaction: createRedactionStore(withDeadlocksRetried(explained)),
    retention: createRetentionStore(withDeadlocksRetried(explained)),
  };
}
