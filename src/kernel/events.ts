import { createAddressGuard } from './address-guard.ts';
import type { AddressGuard } from './address-guard.ts';
import type { OnAlert } from './alert.ts';
import { createAlerts } from './alerts.ts';
import type { CloudEventsOptions } from './cloudevents.ts';
import type { DeadLetterStore } from './dead-letter-ports.ts';
import { createDeadLettersApi } from './dead-letters-api.ts';
import { createDeliver } from './deliver.ts';
import { createEmitter } from './emit.ts';
import type { Emitter, OnInvalid } from './emit.ts';
import { createEventLog } from './event-log.ts';
import type { EventLog } from './event-log.ts';
import { createEventRoutes } from './event-routes.ts';
import type { EventRoutes } from './event-routes.ts';
import { createHealth } from './health.ts';
import type { HealthReport } from './health.ts';
import type { HistoryStore } from './history.ts';
import type { Authorize, Handler } from './http-api.ts';
import { measurePublisher, measureStore, watchHealth } from './measure.ts';
import type { Metrics } from './metrics.ts';
import type { EventStore, Logger, Publisher, Transport } from './ports.ts';
import type { EventRegistry } from './registry.ts';
import { createPublisherParts } from './republish.ts';
import type { RedactionStore } from './redact.ts';
import { createRetention } from './retention.ts';
import type { RetainDays, RetentionStore } from './retention.ts';
import { parseEncryptionKey, secretBoxOf } from './secret-box.ts';
import { createSequencer } from './sequencer.ts';
import { stderrLogger } from './stderr-logger.ts';
import { createEventStream } from './stream.ts';
import type { EventStream } from './stream.ts';
import { remindOfTenants } from './tenant-scope.ts';
import { createWebhookDelivery } from './webhook-delivery.ts';
import type { Deactivation, WebhookStore } from './webhook-ports.ts';
import { createWakeUp } from './wake-up.ts';
import { createWebhooksApi } from './webhooks-api.ts';
import { createWorker } from './worker.ts';
import type { Worker } from './worker.ts';

/** What an application decides. */
export interface EventsSettings {
  /** URI-reference of this service, put into every event: `/orders-api`. */
  readonly source: string;
  /** 32 bytes in base64 or hex; seals webhook secrets, signs stream tickets. Required in production. */
  readonly encryptionKey?: string | undefined;
  /** Gives the tenant of whoever manages webhooks or reads the stream; undefined refuses. Required in production. */
  readonly authorize?: Authorize | undefined;
  /** Where the routes are mounted, unless at the root: `/api`. */
  readonly basePath?: string | undefined;
  /** Called with everything that a person should look at, equal alerts joined; without it they are logged. */
  readonly alert?: OnAlert | undefined;
  /** Where failures and alerts go; a line each on stderr unless given. */
  readonly logger?: Logger | undefined;
  /** Where counts, times and gauges go. */
  readonly metrics?: Metrics | undefined;
  /** Brokers that get every event; closed by `stop`. */
  readonly publishers?: readonly Publisher[] | undefined;
  /** Events that their schema refuses: `dead-letter` in production, `throw` elsewhere. */
  readonly onInvalid?: OnInvalid | undefined;
  /** Larger events count as refused by their schema; 256 KiB unless given. */
  readonly maxEventBytes?: number | undefined;
  /** `emit` needs a tenant: true once subscriptions are scoped by tenant, false when events without one are meant. */
  readonly isTenantRequired?: boolean | undefined;
  /** CIDRs and host names that webhooks may reach although they are not public. None in production. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Delays before the retries of a delivery; 1 m, 5 m, 30 m, 2 h and 24 h unless given. */
  readonly retryScheduleMs?: readonly number[] | undefined;
  /** So many times faster than their schedule come retries, whoever made it; for development. */
  readonly retryTimeScale?: number | undefined;
  /** Failures in a row before a webhook is switched off; five deliveries that used up every attempt unless given. */
  readonly deactivateAfter?: Deactivation | undefined;
  /** Names of events as CloudEvents, for subscriptions whose payload they are. */
  readonly cloudEvents?: CloudEventsOptions | undefined;
  /** After how many days events, deliveries and dead letters are deleted; never unless given. */
  readonly retainDays?: RetainDays | undefined;
  /** NODE_ENV=production unless given. */
  readonly isProduction?: boolean | undefined;
}

/** What the kernel is put together from. */
export interface EventsParts<Tx> {
  readonly store: EventStore<Tx> &
    WebhookStore & {
      readonly deadLetters: DeadLetterStore<Tx>;
      readonly history: HistoryStore;
      readonly redaction: RedactionStore;
      readonly retention: RetentionStore;
    };
  readonly registry: EventRegistry;
  createTransport(guard: AddressGuard): Transport;
  /** What the filters of subscriptions may name: the registry unless it says that they may name anything. */
  readonly knownTypes?: 'registry' | 'any' | undefined;
}

/** `emit` for the caller's transactions, the event log, the background work, and the HTTP handlers that routes mount. */
export interface Events<Inputs, Tx> extends Emitter<Inputs, Tx>, EventLog<Inputs>, Omit<Worker, 'health'> {
  /** Judges the whole pipeline, also what other processes run. */
  health(): Promise<HealthReport>;
  readonly webhooks: Handler;
  readonly deadLetters: Handler;
  readonly stream: EventStream;
  /** All that is answered over HTTP in one piece. */
  readonly routes: EventRoutes;
}

/**
 * Puts the kernel together for one process. `Inputs` maps each event type to the data that its schema takes. Nothing
 * runs in the background before `start`.
 *
 * @throws Error in production without `authorize` or without an encryption key
 */
export function composeEvents<Inputs, Tx>(
  settings: EventsSettings,
  parts: EventsParts<Tx>,
): Events<Inputs, Tx> {
  const { logger = stderrLogger, metrics } = settings;
  const basePath = (settings.basePath ?? '').replace(/\/$/, '');
  const { registry } = parts;
  const store = measureStore(parts.store, metrics);
  const wakeUp = createWakeUp({ notifier: store.notifier, logger });
  const publishers = (settings.publishers ?? []).map((publisher) => measurePublisher(publisher, metrics));
  const alerts = createAlerts({ onAlert: settings.alert, logger, basePath });
  const guard = createAddressGuard({
    allow: settings.allowHosts,
    onAllowed: (host) => logger.info(`webhooks reach ${host}, which is not public, because it is allowed`),
  });
  const transport = parts.createTransport(guard);
  const key = settings.encryptionKey ? parseEncryptionKey(settings.encryptionKey) : undefined;
  const secretBox = secretBoxOf(key);
  const signals = { ...wakeUp, onEmitted: wakeUp.outboxSignal.notify };
  const deliver = createDeliver({
    transport,
    secretBox,
    registry,
    cloudEvents: settings.cloudEvents,
    logger,
  });
  const { authorize, isTenantRequired } = settings;
  const isUndecided = authorize !== undefined && isTenantRequired === undefined;
  const shared = {
    ...settings,
    authorize: isUndecided ? remindOfTenants(authorize, logger) : authorize,
    ...signals,
    logger,
    store,
    registry,
    secretBox,
    deliver,
    alert: alerts.raise,
  };

  const stream = createEventStream({ ...shared, ticketKey: key });
  const worker = createWorker({
    logger,
    parts: [
      createSequencer({ ...signals, store, logger }),
      ...publishers.flatMap((publisher) => createPublisherParts({ ...shared, publisher })),
      ...createWebhookDelivery(shared),
      ...createRetention(shared),
    ],
  });
  watchHealth(worker, stream, metrics);

  const eventLog = createEventLog<Inputs>({ ...shared, basePath: `${basePath}/events` });
  const webhooks = createWebhooksApi({
    ...shared,
    registry: parts.knownTypes === 'any' ? undefined : registry,
    endpointRules: { guard },
    basePath: `${basePath}/webhooks`,
  });
  const deadLetters = createDeadLettersApi({ ...shared, basePath: `${basePath}/dead-letters` });

  return {
    ...createEmitter<Inputs, Tx>(shared),
    ...eventLog,
    ...worker,
    health: createHealth({ worker, store }),
    webhooks,
    deadLetters,
    stream,
    routes: createEventRoutes({ webhooks, log: eventLog.log, deadLetters, stream, basePath, logger }),
    async stop(): Promise<void> {
      stream.close();
      await worker.stop();
      await Promise.all([wakeUp, transport, alerts, ...publishers].map((each) => each.close()));
    },
  };
}
