import type { PGlite } from '@electric-sql/pglite';
import { fileURLToPath } from 'node:url';
import type { OnAlert } from '../kernel/alert.ts';
import { composeEvents } from '../kernel/events.ts';
import type { EventsSettings } from '../kernel/events.ts';
import type { EventStore, Logger } from '../kernel/ports.ts';
import { secretBoxOf } from '../kernel/secret-box.ts';
import { createUuidv7 } from '../kernel/uuid.ts';
import type { WebhookStore } from '../kernel/webhook-ports.ts';
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
  readonly alert: OnAlert;
  /** Called when the log or a delivery has changed. */
  readonly onChange: () => void;
  readonly logger: Logger;
}

/** The kernel as an application composes it, on this database. Nothing runs before `start`. */
export async function createRuntime(options: RuntimeOptions) {
  const { database, registry, alert, logger } = options;
  const sql = pgliteSql(database);
  await migrate(sql);
  const local = createLocalRuntimeStore(sql);
  // The data folder is locked, so whoever held these is gone.
  await local.expireLeases();

  const store = observed({ ...createEventStore(sql), ...createWebhookStore(sql) }, options.onChange);
  const settings: EventsSettings = {
    source: options.source,
    encryptionKey: Buffer.from(options.encryptionKey).toString('base64'),
    // Whoever reaches this server may do everything; NODE_ENV does not change that.
    authorize: () => ({ isOperator: true }),
    isProduction: false,
    onInvalid: 'throw',
    allowHosts: LOOPBACK,
    retryScheduleMs: options.scheduleMs,
    alert,
    logger,
  };
  const events = composeEvents<Record<string, unknown>, SqlClient>(settings, {
    store,
    registry: registry.definitions,
    knownTypes: registry.eventTypes === null ? 'any' : 'registry',
    createTransport: (guard) => nodeHttpTransport({ guard }),
  });

  return {
    ...events,
    store,
    local,
    secretBox: secretBoxOf(options.encryptionKey),
    createId: createUuidv7(),
    /** Emits inside a transaction of its own. */
    emit: ({ type, data, subject, eventId }: PublishInput) =>
      sql.transaction((tx) => events.emit(tx, type, { data, subject, eventId })),
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
