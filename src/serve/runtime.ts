import type { PGlite } from '@electric-sql/pglite';
import { fileURLToPath } from 'node:url';
import type { OnAlert } from '../kernel/alert.ts';
import type { EventsSettings } from '../kernel/events.ts';
import type { Logger } from '../kernel/ports.ts';
import { createUuidv7 } from '../kernel/uuid.ts';
import { pgliteSql } from '../stores/pglite.ts';
import { createAllTenantsStore } from '../stores/postgres/all-tenants.ts';
import { createLocalRuntimeStore } from '../stores/postgres/local-runtime.ts';
import { applyMigrations, loadMigrations, MigrationError } from '../stores/postgres/migrations.ts';
import { createRecentEventsStore } from '../stores/postgres/recent-events.ts';
import type { Sql, SqlClient } from '../stores/postgres/sql.ts';
import { EvtgenError } from '../ui/errors.ts';
import { createEmit } from './create-emit.ts';
import type { Exchanges } from './exchanges.ts';
import type { KernelModules } from './kernel-modules.ts';
import { observedStore, type StoreObserver } from './observed-store.ts';
import type { LocalRegistry } from './registry.ts';
import { inScaledTime, type Schedule } from './time-scale.ts';

const MIGRATIONS = fileURLToPath(new URL('../../templates/sql/', import.meta.url));
/** Where webhooks may go besides the public internet. */
const LOOPBACK = ['localhost', '127.0.0.0/8', '::1/128'];

export interface RuntimeOptions {
  readonly database: PGlite;
  readonly kernel: KernelModules;
  readonly registry: LocalRegistry;
  readonly source: string;
  readonly encryptionKey: Uint8Array;
  readonly schedule: Schedule;
  /** Where webhooks may go besides loopback and the public internet. */
  readonly allowHosts: readonly string[];
  readonly alert: OnAlert;
  readonly observer: StoreObserver;
  readonly exchanges: Exchanges;
  readonly logger: Logger;
}

/** The kernel as an application composes it, on this database. Nothing runs before `start`. */
export async function createRuntime(options: RuntimeOptions) {
  const { database, kernel, registry, schedule, observer, alert, logger } = options;
  const sql = pgliteSql(database);
  await migrate(sql);
  const local = createLocalRuntimeStore(sql);
  // The data folder is locked, so whoever held these is gone.
  await local.expireLeases();

  const store = inScaledTime(
    observedStore({ ...kernel.createEventStore(sql), ...kernel.createWebhookStore(sql) }, observer),
    schedule.timeScale,
  );
  const settings: EventsSettings = {
    source: options.source,
    encryptionKey: Buffer.from(options.encryptionKey).toString('base64'),
    // Whoever reaches this server may do everything; NODE_ENV does not change that.
    authorize: () => ({ isOperator: true }),
    isProduction: false,
    onInvalid: 'throw',
    allowHosts: [...LOOPBACK, ...options.allowHosts],
    retryScheduleMs: schedule.realMs,
    retryTimeScale: schedule.timeScale,
    alert,
    logger,
  };
  const events = kernel.composeEvents<Record<string, unknown>, SqlClient>(settings, {
    store,
    registry: registry.definitions,
    knownTypes: registry.eventTypes === null ? 'any' : 'registry',
    createTransport: (guard) => options.exchanges.watch(kernel.createTransport(guard)),
  });

  return {
    ...events,
    store,
    local,
    secretBox: kernel.secretBoxOf(options.encryptionKey),
    createId: createUuidv7(),
    emit: createEmit(sql, events),
    allTenants: createAllTenantsStore(sql),
    recentEvents: createRecentEventsStore(sql),
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
