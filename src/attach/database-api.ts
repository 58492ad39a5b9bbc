import { composeEvents } from '../kernel/events.ts';
import type { Logger } from '../kernel/ports.ts';
import type { EventRegistry } from '../kernel/registry.ts';
import { createEventStore } from '../stores/postgres/event-store.ts';
import type { Sql, SqlClient } from '../stores/postgres/sql.ts';
import { createWebhookStore } from '../stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../transports/node-http.ts';
import { EvtgenError } from '../ui/errors.ts';
import { createApi, type Api } from './api.ts';

/** Stands in for the URL that nobody sees. */
const BASE = 'http://database';

export interface DatabaseApiOptions {
  readonly sql: Sql;
  readonly place: string;
  /** Of the catalog: what was refused by a schema is checked again when it is replayed. */
  readonly registry: EventRegistry;
  /** Whose webhooks it is about; of those that belong to nobody unless given. */
  readonly tenant?: string | undefined;
  readonly close?: (() => Promise<void>) | undefined;
}

/** The same API answered by the kernel here, on the database of an application. Nothing runs in the background. */
export function databaseApi({ sql, place, registry, tenant, close }: DatabaseApiOptions): Api {
  let failure: string | undefined;
  const logger: Logger = {
    info: () => undefined,
    warn: () => undefined,
    error(_message, fields) {
      failure = String(fields?.['error']);
    },
  };
  const events = composeEvents<Record<string, unknown>, SqlClient>(
    {
      source: '/evtgen',
      // Whoever has the database has everything.
      authorize: () => ({ tenant, isOperator: true }),
      isTenantRequired: false,
      isProduction: false,
      logger,
    },
    {
      store: { ...createEventStore(sql), ...createWebhookStore(sql) },
      registry,
      createTransport: (guard) => nodeHttpTransport({ guard }),
    },
  );
  return createApi({
    place,
    base: BASE,
    async send(request): Promise<Response> {
      const response = await events.routes.handle(request);
      // The kernel tells callers nothing of its failures; here the caller is who has to know.
      if (response.status !== 500) return response;
      throw new EvtgenError('database_failed', `${place} cannot be used: ${failure ?? 'it failed'}`);
    },
    async close(): Promise<void> {
      await events.stop();
      await close?.();
    },
  });
}
