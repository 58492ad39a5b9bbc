import type { PGlite } from '@electric-sql/pglite';
import { fileURLToPath } from 'node:url';
import { createAddressGuard } from '../kernel/address-guard.ts';
import { systemClock } from '../kernel/clock.ts';
import { createDeadLettersApi } from '../kernel/dead-letters-api.ts';
import { createDeliver } from '../kernel/deliver.ts';
import { createEmitter, type Emitter } from '../kernel/emit.ts';
import { createEventsApi } from '../kernel/events-api.ts';
import { createWebhookFanOut } from '../kernel/fan-out.ts';
import type { AlertHook, EventStore, Logger } from '../kernel/ports.ts';
import { createRetryWorker } from '../kernel/retry-worker.ts';
import { createSecretBox } from '../kernel/secret-box.ts';
import { createSequencer } from '../kernel/sequencer.ts';
import { createSettle, DEACTIVATE_AFTER } from '../kernel/settle.ts';
import { createSignal } from '../kernel/signal.ts';
import { createUuidv7 } from '../kernel/uuid.ts';
import type { WebhookStore } from '../kernel/webhook-ports.ts';
import { createWebhooksApi } from '../kernel/webhooks-api.ts';
import { createEventStream } from '../kernel/stream.ts';
import { createWorker } from '../kernel/worker.ts';
import { pgliteSql } from '../stores/pglite.ts';
import { createEventStore } from '../stores/postgres/event-store.ts';
import { createLocalRuntimeStore } from '../stores/postgres/local-runtime.ts';
import { applyMigrations, loadMigrations, MigrationError } from '../stores/postgres/migrations.ts';
import type { Sql, SqlClient } from '../stores/postgres/sql.ts';
import { createWebhookStore } from '../stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../transports/node-http.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { PublishInput } from './publish-event.ts';
import type { LocalRegistry } from './registry.ts';

const MIGRATIONS = fileURLToPath(new URL('../../templates/sql/', import.meta.url));
/** Where webhooks may go besides the public internet. */
const LOOPBACK = ['localhost', '127.0.0.0/8', '::1/128'];

export interface RuntimeOptions {
  readonly database: PGlite;
  readonly registry: LocalRegistry;
  readonly source: string;
  readonly encryptionKey: Uint8Array;
  /** Delays before the retries, in milliseconds. */
  readonly scheduleMs: readonly number[];
  readonly alert: AlertHook;
  /** Called when the log or a delivery has changed. */
  readonly onChange: () => void;
  readonly logger: Logger;
}

/** The kernel as an application composes it, on this database. Nothing runs before its worker is started. */
export async function createRuntime(options: RuntimeOptions) {
  const { database, registry, alert, logger } = options;
  const sql = pgliteSql(database);
  await migrate(sql);
  const local = createLocalRuntimeStore(sql);
  // The data folder is locked, so whoever held these is gone.
  await local.expireLeases();

  const store = observed({ ...createEventStore(sql), ...createWebhookStore(sql) }, options.onChange);
  const clock = systemClock;
  const createId = createUuidv7(() => clock.now());
  const secretBox = createSecretBox([{ id: 'serve', key: options.encryptionKey }]);
  const guard = createAddressGuard({ allow: LOOPBACK });
  const transport = nodeHttpTransport({ guard });
  const signals = { outbox: createSignal(), log: createSignal(), due: createSignal() };
  const onEmitted = (): void => signals.outbox.notify();

  const deliver = createDeliver({ transport, secretBox, registry: registry.definitions, logger });
  const policy = { scheduleMs: options.scheduleMs, random: Math.random };
  const settle = createSettle({ store, policy, deactivateAfter: DEACTIVATE_AFTER, alert, clock, createId });
  const webhookParts = { store, deliver, settle, dueSignal: signals.due, logger };
  const worker = createWorker({
    parts: [
      createSequencer({ store, outboxSignal: signals.outbox, logSignal: signals.log, logger }),
      createWebhookFanOut({ ...webhookParts, logSignal: signals.log }),
      createRetryWorker({ ...webhookParts, idlePollMs: pollIntervalOf(options.scheduleMs) }),
    ],
    logger,
  });
  const emitter: Emitter<Record<string, unknown>, SqlClient> = createEmitter({
    registry: registry.definitions,
    store,
    source: options.source,
    onInvalid: 'throw',
    onEmitted,
  });
  // Whoever reaches this server may do everything; NODE_ENV does not change that.
  const open = { authorize: () => ({ isOperator: true }), isProduction: false, logger };

  const stream = createEventStream({
    ...open,
    store,
    logSignal: signals.log,
    ticketKey: options.encryptionKey,
  });

  return {
    store,
    local,
    secretBox,
    createId,
    worker,
    /** Emits inside a transaction of its own. */
    emit: ({ type, data, subject, eventId }: PublishInput) =>
      sql.transaction((tx) => emitter.emit(tx, type, { data, subject, eventId })),
    webhooks: createWebhooksApi({
      ...open,
      store,
      registry: registry.eventTypes === null ? undefined : registry.definitions,
      endpointRules: { guard },
      deliver,
      source: options.source,
      secretBox,
      dueSignal: signals.due,
      createId,
    }),
    log: createEventsApi({ ...open, store }),
    deadLetters: createDeadLettersApi({
      ...open,
      store,
      registry: registry.definitions,
      dueSignal: signals.due,
      onEmitted,
    }),
    stream,
    /** Finishes what is in hand. The database stays open. */
    async stop(): Promise<void> {
      stream.close();
      await worker.stop();
      await transport.close();
    },
  };
}

async function migrate(sql: Sql): Promise<void> {
  try {
    await applyMigrations(sql, await loadMigrations(MIGRATIONS));
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    throw new EvtgenError('data_folder_incompatible', `the data folder cannot be used: ${error.message}`, {
      hint: 'another version of evtgen has made it; remove it, or choose another with --data-dir',
    });
  }
}

/** Compressed delays would drown in the interval that suits minutes. */
function pollIntervalOf(scheduleMs: readonly number[]): number {
  return Math.min(250, Math.max(20, Math.min(...scheduleMs) / 4));
}

/** The store, telling of every write that changes what a person sees. */
function observed<Store extends EventStore<SqlClient> & WebhookStore>(
  store: Store,
  onChange: () => void,
): Store {
  const { log, deliveries } = store;
  const telling = async <Result>(write: Promise<Result>): Promise<Result> => {
    const result = await write;
    onChange();
    return result;
  };
  return {
    ...store,
    log: {
      ...log,
      async stamp(lease, limit) {
        const stamped = await log.stamp(lease, limit);
        if (stamped.count > 0) onChange();
        return stamped;
      },
    },
    deliveries: {
      ...deliveries,
      insert: (results) => telling(deliveries.insert(results)),
      update: (results) => telling(deliveries.update(results)),
      exhaust: (delivery) => telling(deliveries.exhaust(delivery)),
    },
  };
}
