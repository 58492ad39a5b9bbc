import type { EventStore } from '../../kernel/ports.ts';
import type { PostgresEventStore } from './event-store.ts';
import type { EmitTarget } from './single-statement.ts';

/** A store whose `emit` takes transactions of an ORM beside those that every store takes. */
export type EventStoreFor<Tx> = Omit<PostgresEventStore, 'log'> & EventStore<Tx | EmitTarget>;

/** @param targetOf makes what the store can write through of the caller's transaction */
export function emitThrough<Tx>(
  store: PostgresEventStore,
  targetOf: (tx: Tx | EmitTarget) => EmitTarget,
): EventStoreFor<Tx> {
  const { log } = store;
  return {
    ...store,
    log: {
      ...log,
      append: async (tx, event) => log.append(targetOf(tx), event),
      appendPipelineError: async (tx, error) => log.appendPipelineError(targetOf(tx), error),
    },
  };
}
