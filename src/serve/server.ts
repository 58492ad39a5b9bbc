import type { PGlite } from '@electric-sql/pglite';
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { nodeListener } from '../kernel/node-listener.ts';
import type { DataFolder } from './data-folder.ts';
import { cacheEndpoints } from './endpoint-cache.ts';
import type { KernelModules } from './kernel-modules.ts';
import { listen, type HttpServer } from './listen.ts';
import { createLiveUpdates } from './live.ts';
import { createOriginRule } from './origin-guard.ts';
import { readEnvelope, readOverview } from './overview.ts';
import { createPage } from './page.ts';
import { createPGlite } from './pglite.ts';
import { attemptReports } from './attempt-reports.ts';
import { createExchanges } from './exchanges.ts';
import { hostOf, type Forward } from './forward-flag.ts';
import type { WantedReceiver } from './receivers/receiver-flag.ts';
import { createReceiverListener } from './receivers/receiver-listener.ts';
import { createReceivers } from './receivers/receivers.ts';
import {
  DEFAULT_RECEIVER,
  moveReceiver,
  receiverAt,
  receiverSecrets,
  subscribeBuiltInReceiver,
} from './receivers/subscribe.ts';
import type { LocalRegistry } from './registry.ts';
import type { Reporter } from './reporter.ts';
import { createRoutes } from './routes.ts';
import { createRuntime } from './runtime.ts';
import { subscribeForRun } from './run-subscriptions.ts';
import type { Schedule } from './time-scale.ts';
import { createTraffic } from './traffic.ts';

const TOKEN_BYTES = 16;

export interface ServerOptions {
  readonly port: number;
  /** Called once the port is ours: a start that is refused makes no folder. */
  readonly openFolder: () => Promise<DataFolder>;
  readonly kernel: KernelModules;
  readonly registry: LocalRegistry;
  /** URI-reference put into envelopes. */
  readonly source: string;
  /** Of the built-in receiver; made up when undefined. */
  readonly secret: string | undefined;
  readonly schedule: Schedule;
  readonly forwards: readonly Forward[];
  readonly receivers: readonly WantedReceiver[];
  readonly reporter: Reporter;
}

export interface RunningServer {
  readonly origin: string;
  /** Signing secret of the built-in receiver. */
  readonly secret: string;
  /** By which pages of other servers of this machine may write. */
  readonly token: string;
  stop(): Promise<void>;
}

/**
 * Starts everything; it is ready when this resolves.
 * @throws EvtgenError `port_in_use`, and what `openFolder` and `createPGlite` throw.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  // The port comes first: that it is taken should be said at once, and not after the database has started.
  let listener: RequestListener = (_request, response) => {
    response.writeHead(503, { 'retry-after': '1' }).end();
  };
  const http = await listen(options.port, (request, response) => listener(request, response));
  try {
    const folder = await options.openFolder();
    try {
      const database = await createPGlite(folder.databaseFolder);
      try {
        const { onRequest, ...running } = await compose(options, http, folder, database);
        listener = onRequest;
        return running;
      } catch (error) {
        await database.close();
        throw error;
      }
    } catch (error) {
      await folder.release();
      throw error;
    }
  } catch (error) {
    await http.close();
    throw error;
  }
}

async function compose(
  options: ServerOptions,
  http: HttpServer,
  folder: DataFolder,
  database: PGlite,
): Promise<RunningServer & { readonly onRequest: RequestListener }> {
  const { registry, schedule, reporter } = options;
  const { origin } = http;
  const page = await createPage();
  const live = createLiveUpdates();
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const originRule = createOriginRule(token);
  const exchanges = createExchanges(live.changed);
  const traffic = createTraffic();
  const runtime = await createRuntime({
    ...options,
    exchanges,
    database,
    encryptionKey: folder.encryptionKey,
    allowHosts: options.forwards.map(({ url }) => hostOf(new URL(url))),
    alert: reporter.alert,
    observer: {
      onChange: live.changed,
      onAttempt: async (attempted) => {
        traffic.count(attempted.state === 'delivered');
        await reportAttempt(attempted);
      },
      onEndpoint: () => local.forget(),
    },
    logger: reporter.logger,
  });
  const local = cacheEndpoints(runtime.local);
  const reportAttempt = attemptReports({
    local,
    isOurs: (url) => receiverAt(url, origin) !== undefined,
    report: reporter.forwarded,
  });
  const { store } = runtime;
  const secret = await subscribeBuiltInReceiver({
    ...runtime,
    local,
    subscriptions: store.subscriptions,
    origin,
    previousOrigin: folder.previousOrigin,
    secret: options.secret,
  });
  await folder.recordOrigin(origin);

  const receivers = createReceivers({
    secretsOf: (name) => receiverSecrets({ ...runtime, local }, origin, name),
    moveTo: (name, protocol) => moveReceiver(local, origin, name, protocol),
    onReceived: reporter.received,
    onChange: live.changed,
  });
  // It shows from the start, before anything was sent to it.
  receivers.get(DEFAULT_RECEIVER);
  const added = await subscribeForRun({ ...runtime, local, subscriptions: store.subscriptions, secret }, [
    ...options.forwards.map((forward) => ({ ...forward, flag: '--forward' as const })),
    ...options.receivers
      .filter(({ name }) => name !== DEFAULT_RECEIVER)
      .map(({ name }) => ({
        url: `${origin}/_receive/${name}`,
        eventTypes: ['*'],
        flag: '--receiver' as const,
      })),
  ]);
  for (const { name, behaviour } of options.receivers) await receivers.setBehaviour(name, behaviour);
  const forwards = added.list.filter(({ flag }) => flag === '--forward');
  const routes = createRoutes({
    isReadOnly: false,
    originRule,
    kernel: options.kernel,
    registry,
    emit: runtime.emit,
    receivers,
    live,
    page,
    webhooks: runtime.webhooks,
    log: runtime.log,
    deadLetters: runtime.deadLetters,
    stream: runtime.stream,
    exchanges,
    overview: (query) =>
      readOverview({ ...runtime, registry, receivers, exchanges, traffic, schedule, forwards }, query),
    envelope: (position) => readEnvelope(store, position),
    health: runtime.health,
    secret: async () => secret,
    onError: (error) => reporter.logger.error('a request failed', { error: String(error) }),
  });
  const { listener, hangUp } = createReceiverListener(
    receivers,
    nodeListener(async (request) => routes.fetch(request)),
    originRule,
    reporter.logger,
  );
  runtime.start();

  return {
    origin,
    secret,
    token,
    onRequest: listener,
    async stop(): Promise<void> {
      try {
        live.close();
        // Attempts in hand may be on their way to our own receiver, so it answers until they are over; those that it
        // was told to keep waiting are not waited for.
        hangUp();
        await runtime.stop();
        await added.remove();
        await http.close();
        await database.close();
      } finally {
        await folder.release();
      }
    },
  };
}
