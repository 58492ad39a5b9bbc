import { randomBytes } from 'node:crypto';
import type { UserDatabase } from '../attach/user-database.ts';
import { settingsOf } from '../kernel/environment.ts';
import { nodeListener } from '../kernel/node-listener.ts';
import { RETRY_SCHEDULE_SECONDS } from '../kernel/retry.ts';
import { parseEncryptionKey } from '../kernel/secret-box.ts';
import { createAllTenantsStore, type AllTenantsStore } from '../stores/postgres/all-tenants.ts';
import { createRecentEventsStore } from '../stores/postgres/recent-events.ts';
import { SchemaMissingError } from '../stores/postgres/schema-error.ts';
import type { SqlClient } from '../stores/postgres/sql.ts';
import { EvtgenError } from '../ui/errors.ts';
import { createEmit } from './create-emit.ts';
import type { KernelModules } from './kernel-modules.ts';
import { listen, type HttpServer } from './listen.ts';
import { createLiveUpdates } from './live.ts';
import { createOriginRule } from './origin-guard.ts';
import { readEnvelope, readOverview } from './overview.ts';
import { createPage } from './page.ts';
import type { LocalRegistry } from './registry.ts';
import type { Reporter } from './reporter.ts';
import { createRoutes } from './routes.ts';
import { scheduleOf } from './time-scale.ts';

export interface AttachedServerOptions {
  readonly port: number;
  readonly database: UserDatabase;
  /** Runs the background work and takes writes; else nothing is written. */
  readonly isWorker: boolean;
  /** The variables by which the application is configured. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kernel: KernelModules;
  readonly registry: LocalRegistry;
  readonly source: string;
  readonly reporter: Reporter;
}

export interface AttachedServer {
  readonly origin: string;
  stop(): Promise<void>;
}

/** How often open pages look: nobody tells of what other processes write. */
const LOOK_MS = 1000;

/**
 * The page and the API on the database of an application, which other processes use too.
 * @throws EvtgenError `port_in_use`, `no_event_log`, `secrets_sealed`.
 */
export async function startAttachedServer(options: AttachedServerOptions): Promise<AttachedServer> {
  const http = await listen(options.port, (request, response) => listener(request, response));
  let listener = nodeListener(async () => new Response(null, { status: 503 }));
  try {
    const running = await compose(options, http);
    listener = nodeListener(running.fetch);
    return { origin: http.origin, stop: running.stop };
  } catch (error) {
    await http.close();
    throw error;
  }
}

async function compose(options: AttachedServerOptions, http: HttpServer) {
  const { database, isWorker, kernel, registry, reporter } = options;
  const { sql, place } = database;
  const settings = settingsOf(options.environment);
  const allTenants = createAllTenantsStore(sql);
  const store = { ...kernel.createEventStore(sql), ...kernel.createWebhookStore(sql) };
  await checkSchema(store, place);
  if (isWorker) await checkSecrets(allTenants, { kernel, place, encryptionKey: settings.encryptionKey });
  const events = kernel.composeEvents<Record<string, unknown>, SqlClient>(
    {
      ...settings,
      source: options.source,
      // Whoever has the database has everything, and acts for the tenant whose subscription it is about.
      authorize: async (request) => ({
        tenant: await allTenants.tenantOf(subscriptionIn(request.url)),
        isOperator: true,
      }),
      isTenantRequired: false,
      isProduction: false,
      alert: reporter.alert,
      logger: reporter.logger,
    },
    { store, registry: registry.definitions, createTransport: kernel.createTransport },
  );
  const live = createLiveUpdates();
  const looking = setInterval(live.changed, LOOK_MS).unref();
  const delays = settings.retryScheduleMs ?? RETRY_SCHEDULE_SECONDS.map((seconds) => seconds * 1000);
  const sources = {
    store,
    allTenants,
    recentEvents: createRecentEventsStore(sql),
    registry,
    schedule: scheduleOf(delays, 1),
    health: events.health,
    forwards: [],
    receivers: undefined,
    exchanges: undefined,
    traffic: undefined,
  };
  const routes = createRoutes({
    ...events,
    kernel,
    registry,
    emit: createEmit(sql, events),
    receivers: undefined,
    secret: undefined,
    exchanges: undefined,
    isReadOnly: !isWorker,
    // Of a server that others run on real data, no other page writes.
    originRule: createOriginRule(randomBytes(16).toString('base64url')),
    live,
    page: await createPage(),
    envelope: (position) => readEnvelope(store, position),
    overview: async (query) => ({
      ...(await readOverview(sources, query)),
      database: { place, isReadOnly: !isWorker },
    }),
    onError: (error) => reporter.logger.error('a request failed', { error: String(error) }),
  });
  if (isWorker) events.start();

  return {
    fetch: async (request: Request): Promise<Response> => routes.fetch(request),
    async stop(): Promise<void> {
      clearInterval(looking);
      live.close();
      await events.stop();
      await http.close();
    },
  };
}

async function checkSchema(
  { log }: { readonly log: { head(): Promise<number> } },
  place: string,
): Promise<void> {
  try {
    await log.head();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== SchemaMissingError.name) throw error;
    throw new EvtgenError('no_event_log', `${place} has no event log: run the migrations of evtgen there`);
  }
}

/** With another key than the application's every attempt would fail, and be counted. */
async function checkSecrets(
  allTenants: AllTenantsStore,
  options: Pick<AttachedServerOptions, 'kernel'> & {
    readonly place: string;
    readonly encryptionKey: string | undefined;
  },
): Promise<void> {
  const { kernel, place, encryptionKey } = options;
  const box = kernel.secretBoxOf(encryptionKey ? parseEncryptionKey(encryptionKey) : undefined);
  const [endpoint] = await allTenants.subscriptions(1);
  if (endpoint === undefined) return;
  try {
    box.open(endpoint.sealedSecret, endpoint.id);
  } catch (error) {
    throw new EvtgenError('secrets_sealed', `the secrets of the webhooks in ${place} cannot be opened`, {
      cause: error,
      hint: 'set EVTGEN_SECRET_KEY to what the application has',
    });
  }
}

/** The id in `/webhooks/:id/...`. */
function subscriptionIn(url: string): string {
  return decodeURIComponent(/^\/webhooks\/([^/]+)/.exec(new URL(url).pathname)?.[1] ?? '');
}
