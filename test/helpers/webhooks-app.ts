import { createAddressGuard } from '../../src/kernel/address-guard.ts';
import type { ResolvedAddress } from '../../src/kernel/address-guard.ts';
import { createDeliver } from '../../src/kernel/deliver.ts';
import type { Authorize, Handler } from '../../src/kernel/http-api.ts';
import type { EventRegistry } from '../../src/kernel/registry.ts';
import { createSecretBox } from '../../src/kernel/secret-box.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createWebhookDelivery } from '../../src/kernel/webhook-delivery.ts';
import { createWebhooksApi } from '../../src/kernel/webhooks-api.ts';
import type { WebhooksApiOptions } from '../../src/kernel/webhooks-api.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import type { TestDatabase } from './databases.ts';
import { newEvent } from './events.ts';
import type { EventParts } from './events.ts';
import { createCheckedCaller } from './openapi-check.ts';
import type { Answer, CallOptions, Json } from './openapi-check.ts';
import { startReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

/** The types of an order shop; only the log-in is internal. */
export const shopRegistry: EventRegistry = Object.fromEntries(
  (['order.created', 'order.paid', 'user.updated', 'user.logged_in'] as const).map((eventType) => [
    eventType,
    {
      eventType,
      version: eventType === 'order.paid' ? 3 : 1,
      audience: eventType === 'user.logged_in' ? 'internal' : 'public',
      schema: { safeParse: (data: unknown) => ({ success: true, data }) },
    },
  ]),
);

export const authorizeByHeader: Authorize = (request) => {
  const tenant = request.headers.get('x-tenant');
  return tenant === null ? undefined : { tenant, isOperator: request.headers.has('x-customer') === false };
};

/** Who answers DNS questions in a test; `inside.example` is a host of the internal network. */
const testResolver = (host: string): Promise<readonly ResolvedAddress[]> =>
  host === 'inside.example'
    ? Promise.resolve([{ address: '10.0.0.1', family: 4 }])
    : Promise.reject(new Error('ENOTFOUND'));

/** The webhooks API with a receiver beside it; every answer is held against the API's own OpenAPI document. */
export async function openWebhooksApp(
  database: Pick<TestDatabase, 'sql'>,
  options: Partial<WebhooksApiOptions> = {},
) {
  const { sql } = database;
  const store = { ...createEventStore(sql), ...createWebhookStore(sql) };
  const receiver: Receiver = await startReceiver();
  const secretBox = createSecretBox([{ id: 'k1', key: new Uint8Array(32).fill(9) }]);
  const guard = createAddressGuard({ allow: ['127.0.0.1/32'], resolve: testResolver });
  const transport = nodeHttpTransport({ guard });
  const deliver = createDeliver({ transport, secretBox });
  const [outboxSignal, logSignal, dueSignal] = [createSignal(), createSignal(), createSignal()];
  const handler: Handler = createWebhooksApi({
    store,
    registry: shopRegistry,
    endpointRules: { guard },
    deliver,
    source: '/orders-api',
    authorize: authorizeByHeader,
    secretBox,
    dueSignal,
    ...options,
  });
  const { call, seen } = createCheckedCaller(handler, '/webhooks');

  /** Subscribes the receiver to all orders. */
  const create = (more: Json = {}, given: CallOptions = {}): Promise<Answer> =>
    call('POST', '/webhooks', { ...given, body: { url: receiver.url, eventTypes: ['order.*'], ...more } });

  return {
    store,
    receiver,
    secretBox,
    guard,
    transport,
    handler,
    dueSignal,
    call,
    create,

    /** The path of a new subscription. */
    async subscribe(more: Json = {}, given: CallOptions = {}): Promise<string> {
      const { status, body } = await create(more, given);
      if (status !== 201) throw new Error(JSON.stringify(body));
      return `/webhooks/${String(body['id'])}`;
    },

    async emit(parts: EventParts = {}): Promise<string> {
      const event = newEvent({ tenant: 'acme', ...parts });
      await sql.transaction((tx) => store.log.append(tx, event));
      outboxSignal.notify();
      return event.eventId;
    },

    async withWorker<T>(run: () => Promise<T>, retryScheduleMs: readonly number[] = [5]): Promise<T> {
      const delivery = { store, deliver, logSignal, dueSignal, retryScheduleMs, idlePollMs: 10 };
      const worker = createWorker({
        parts: [createSequencer({ store, outboxSignal, logSignal }), ...createWebhookDelivery(delivery)],
      });
      worker.start();
      try {
        return await run();
      } finally {
        await worker.stop();
      }
    },

    /** What was answered so far: statuses by operation. */
    seen,

    async close(): Promise<void> {
      await receiver.close();
      await transport.close();
    },
  };
}

export type { Answer, CallOptions, Json } from './openapi-check.ts';

export type WebhooksApp = Awaited<ReturnType<typeof openWebhooksApp>>;
