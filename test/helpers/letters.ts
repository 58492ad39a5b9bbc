import { createAddressGuard } from '../../src/kernel/address-guard.ts';
import type { Alert } from '../../src/kernel/alert.ts';
import { createDeadLettersApi } from '../../src/kernel/dead-letters-api.ts';
import { createDeliver } from '../../src/kernel/deliver.ts';
import { createEmitter } from '../../src/kernel/emit.ts';
import type { PublishedEvent } from '../../src/kernel/event.ts';
import type { Authorize, Handler } from '../../src/kernel/http-api.ts';
import type { Publisher } from '../../src/kernel/ports.ts';
import type { EventRegistry } from '../../src/kernel/registry.ts';
import { createPublisherParts } from '../../src/kernel/republish.ts';
import { createSecretBox } from '../../src/kernel/secret-box.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { DEFAULT_SETTINGS } from '../../src/kernel/subscriptions.ts';
import { createWebhookDelivery } from '../../src/kernel/webhook-delivery.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import type { TestDatabase } from './databases.ts';
import { newEvent } from './events.ts';
import type { EventParts } from './events.ts';
import { eventually } from './eventually.ts';
import { always, startReceiver } from './receiver.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** Takes data whose total is positive. */
const schema = {
  safeParse: (input: unknown) =>
    ((input as { total?: number }).total ?? 0) > 0
      ? { success: true as const, data: input }
      : { success: false as const, error: { issues: [{ path: ['total'], message: 'must be positive' }] } },
};
const AUDIENCES = {
  'order.created': 'public',
  'order.paid': 'public',
  'user.logged_in': 'internal',
} as const;
export const registry: EventRegistry = Object.fromEntries(
  Object.entries(AUDIENCES).map(([eventType, audience]) => [
    eventType,
    { eventType, version: 1, audience, schema },
  ]),
);

/** Callers name their tenant in `x-tenant`; `x-operator` makes them operators. */
export const authorize: Authorize = (request) => {
  const tenant = request.headers.get('x-tenant') ?? undefined;
  const isOperator = request.headers.has('x-operator');
  return tenant === undefined && isOperator === false ? undefined : { tenant, isOperator };
};

export const OPERATOR = { 'x-operator': 'yes' };
export const customer = (tenant: string): Record<string, string> => ({ 'x-tenant': tenant });

/** The webhook side of the kernel on a database, with a receiver and a broker that does as it is told. */
export async function openShop(database: Pick<TestDatabase, 'sql'>) {
  const store = { ...createEventStore(database.sql), ...createWebhookStore(database.sql) };
  const receiver = await startReceiver();
  const secretBox = createSecretBox([{ id: 'k1', key: new Uint8Array(32).fill(9) }]);
  const [outboxSignal, logSignal, dueSignal] = [createSignal(), createSignal(), createSignal()];
  const published: PublishedEvent[] = [];
  const alerts: Alert[] = [];
  const alert = (raised: Alert): void => void alerts.push(raised);
  const broker = {
    publish: (events: readonly PublishedEvent[]): Promise<void> | void => void published.push(...events),
  };
  const publisher: Publisher = {
    name: 'redis-streams',
    publish: async (events) => broker.publish(events),
    close: () => Promise.resolve(),
  };
  const transport = nodeHttpTransport({ guard: createAddressGuard({ allow: ['127.0.0.1/32'] }) });
  const deliver = createDeliver({ transport, secretBox });
  const shared = { store, logSignal, dueSignal, alert };
  const onEmitted = (): void => outboxSignal.notify();
  const lettersApi = createDeadLettersApi<SqlClient>({ ...shared, registry, authorize, onEmitted });

  const shop = {
    store,
    receiver,
    published,
    alerts,
    /** Replace its `publish` to be a broker in trouble. */
    broker,
    signals: { outboxSignal, logSignal, dueSignal },

    emitter: createEmitter<Record<string, unknown>, SqlClient>({
      registry,
      store,
      source: '/orders-api',
      onInvalid: 'dead-letter',
      alert,
      onEmitted,
    }),

    /** Runs the worker while `run` does. */
    async working<T>(run: () => Promise<T>): Promise<T> {
      const worker = createWorker({
        parts: [
          createSequencer({ store, outboxSignal, logSignal }),
          ...createWebhookDelivery({ ...shared, deliver, retryScheduleMs: [5], idlePollMs: 10 }),
          ...createPublisherParts({ ...shared, publisher }),
        ],
      });
      worker.start();
      try {
        return await run();
      } finally {
        await worker.stop();
      }
    },

    async emit(parts: EventParts = {}): Promise<string> {
      const event = newEvent({ tenant: 'acme', ...parts });
      await database.sql.transaction((tx) => store.log.append(tx, event));
      onEmitted();
      return event.eventId;
    },

    async subscribe(
      id: string,
      tenant: string | undefined = 'acme',
      eventTypes = ['order.*'],
    ): Promise<void> {
      await store.subscriptions.create({
        ...DEFAULT_SETTINGS,
        id,
        tenant,
        url: receiver.url,
        eventTypes,
        sealedSecret: secretBox.seal('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', id),
        sealedHeaders: undefined,
      });
    },

    /** An event of a subscription of its own whose delivery failed for good; the receiver is well again. */
    async exhaust(parts: EventParts & { readonly subscriptionId?: string } = {}) {
      const { subscriptionId = `sub-${exhausted}`, ...event } = parts;
      exhausted += 1;
      const tenant = 'tenant' in event ? event.tenant : 'acme';
      await shop.subscribe(subscriptionId, tenant);
      receiver.answer = always(500, 'broken');
      const eventId = await shop.emit(event);
      const letterId = await eventually('there is a dead letter', async () => {
        const found = await store.deadLetters.list('all', { subscriptionId }, { after: undefined, limit: 9 });
        return found.find((letter) => letter.eventId === eventId)?.id;
      });
      receiver.answer = always(204);
      return { letterId, subscriptionId, eventId };
    },

    call: (method: string, path: string, body?: unknown, headers: Record<string, string> = OPERATOR) =>
      request(lettersApi, method, path, body, headers),

    async close(): Promise<void> {
      await transport.close();
      await receiver.close();
    },
  };
  let exhausted = 0;
  return shop;
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

export async function request(
  handler: Handler,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const init =
    body === undefined
      ? { method, headers }
      : { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await handler(new Request(`http://localhost${path}`, init));
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
}
