import { createAddressGuard } from '../../src/kernel/address-guard.ts';
import type { Alert } from '../../src/kernel/alert.ts';
import { createDeliver } from '../../src/kernel/deliver.ts';
import { plainSecretBox } from '../../src/kernel/secret-box.ts';
import { createSecret } from '../../src/kernel/secret.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { DEFAULT_SETTINGS } from '../../src/kernel/subscriptions.ts';
import type { SubscriptionSettings } from '../../src/kernel/subscription-ports.ts';
import { createWebhookDelivery } from '../../src/kernel/webhook-delivery.ts';
import type { WebhookDeliveryOptions } from '../../src/kernel/webhook-delivery.ts';
import type { Delivery } from '../../src/kernel/webhook-ports.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import type { Worker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { Sql } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { newEvent } from './events.ts';
import type { EventParts } from './events.ts';
import { eventually } from './eventually.ts';
import { startReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

/** The webhook side of the kernel on a database, with receivers on loopback. */
export interface WebhookBench {
  readonly store: ReturnType<typeof createEventStore> & ReturnType<typeof createWebhookStore>;
  /** In the order in which they were raised. */
  readonly alerts: Alert[];
  work(options?: Partial<WebhookDeliveryOptions>): Worker;
  receive(): Promise<Receiver>;
  /** Gives the id; everything that happens matches it. */
  subscribe(url: string, settings?: Partial<SubscriptionSettings>): Promise<string>;
  /** Gives the id of the event. */
  emit(parts?: EventParts): Promise<string>;
  deliveriesOf(subscriptionId: string): Promise<Delivery[]>;
  /** Resolves when so many deliveries of a subscription are in that state. */
  settled(subscriptionId: string, count: number, state?: Delivery['state']): Promise<void>;
  /** Stops the workers and closes the receivers. */
  close(): Promise<void>;
}

export function createWebhookBench(sql: Sql): WebhookBench {
  const store = { ...createEventStore(sql), ...createWebhookStore(sql) };
  const transport = nodeHttpTransport({ guard: createAddressGuard({ allow: ['127.0.0.1/32'] }) });
  const outboxSignal = createSignal();
  const workers: Worker[] = [];
  const receivers: Receiver[] = [];
  const alerts: Alert[] = [];
  let subscriptions = 0;

  const deliveriesOf = (id: string): Promise<Delivery[]> =>
    store.deliveries.list(id, { after: undefined, limit: 1_000 });

  return {
    store,
    alerts,
    deliveriesOf,

    work(options = {}) {
      const logSignal = createSignal();
      const attemptTimeoutMs = options.attemptTimeoutMs ?? 2_000;
      const deliver = createDeliver({ transport, secretBox: plainSecretBox, timeoutMs: attemptTimeoutMs });
      const parts = createWebhookDelivery({
        store,
        deliver,
        logSignal,
        retryScheduleMs: [5, 5],
        idlePollMs: 10,
        attemptTimeoutMs,
        alert: (alert) => void alerts.push(alert),
        ...options,
      });
      const worker = createWorker({ parts: [createSequencer({ store, outboxSignal, logSignal }), ...parts] });
      workers.push(worker);
      worker.start();
      return worker;
    },

    async receive() {
      const receiver = await startReceiver();
      receivers.push(receiver);
      return receiver;
    },

    async subscribe(url, settings = {}) {
      const id = `sub_${(subscriptions += 1)}`;
      await store.subscriptions.create({
        ...DEFAULT_SETTINGS,
        eventTypes: ['*'],
        ...settings,
        id,
        url,
        tenant: undefined,
        sealedSecret: plainSecretBox.seal(createSecret(), id),
        sealedHeaders: undefined,
      });
      return id;
    },

    async emit(parts = {}) {
      const event = newEvent(parts);
      await sql.transaction((tx) => store.log.append(tx, event));
      outboxSignal.notify();
      return event.eventId;
    },

    async settled(id, count, state = 'delivered') {
      await eventually(`${id} has ${count} ${state}`, async () => {
        const found = await deliveriesOf(id);
        return found.filter((delivery) => delivery.state === state).length === count;
      });
    },

    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await Promise.all(receivers.map((receiver) => receiver.close()));
      await transport.close();
    },
  };
}
