import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../src/kernel/address-guard.ts';
import type { Alert } from '../../src/kernel/alert.ts';
import { createSecret } from '../../src/kernel/secret.ts';
import { DEFAULT_SETTINGS } from '../../src/kernel/subscriptions.ts';
import { createSecretBox, plainSecretBox } from '../../src/kernel/secret-box.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createDeliver } from '../../src/kernel/deliver.ts';
import type { DelivererOptions } from '../../src/kernel/deliver.ts';
import { createWebhookDelivery } from '../../src/kernel/webhook-delivery.ts';
import type { WebhookDeliveryOptions } from '../../src/kernel/webhook-delivery.ts';
import { createWorker } from '../../src/kernel/worker.ts';
import type { Worker } from '../../src/kernel/worker.ts';
import type { Delivery } from '../../src/kernel/webhook-ports.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { coreDatabaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
import type { EventParts } from '../helpers/events.ts';
import { always, startReceiver } from '../helpers/receiver.ts';
import { resetDatabase } from '../helpers/reset-database.ts';
import type { Receiver } from '../helpers/receiver.ts';
import { eventually } from '../helpers/eventually.ts';

describe.each(coreDatabaseKinds())('webhook delivery on $kind', ({ kind, open }) => {
  let database: TestDatabase;
  let store: ReturnType<typeof createEventStore> & ReturnType<typeof createWebhookStore>;
  let receivers: Receiver[] = [];
  let workers: Worker[] = [];
  let alerts: Alert[] = [];
  const outboxSignal = createSignal();
  const logSignal = createSignal();
  const dueSignal = createSignal();
  const transport = nodeHttpTransport({ guard: createAddressGuard({ allow: ['127.0.0.1/32'] }) });

  beforeAll(async () => {
    database = await open();
    store = { ...createEventStore(database.sql), ...createWebhookStore(database.sql) };
  });

  afterAll(() => database.close());

  beforeEach(async () => {
    await resetDatabase(database.sql);
    receivers = [];
    workers = [];
    alerts = [];
  });

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all(receivers.map((receiver) => receiver.close()));
  });

  function work(options: Partial<WebhookDeliveryOptions & DelivererOptions> = {}): Worker {
    const sending = { transport, secretBox: plainSecretBox, timeoutMs: 2_000, ...options };
    const parts = createWebhookDelivery({
      store,
      deliver: createDeliver(sending),
      logSignal,
      dueSignal,
      retryScheduleMs: [5, 5],
      idlePollMs: 10,
      attemptTimeoutMs: 2_000,
      leaseTtlMs: 1_000,
      random: () => 0.5,
      alert: (alert) => void alerts.push(alert),
      ...options,
    });
    const worker = createWorker({ parts: [createSequencer({ store, outboxSignal, logSignal }), ...parts] });
    workers.push(worker);
    worker.start();
    return worker;
  }

  async function stop(worker: Worker): Promise<void> {
    await worker.stop();
    workers = workers.filter((each) => each !== worker);
  }

  async function receive(): Promise<Receiver> {
    const receiver = await startReceiver();
    receivers.push(receiver);
    return receiver;
  }

  let subscriptions = 0;
  async function subscribe(
    url: string,
    more: { eventTypes?: string[]; tenant?: string } = {},
  ): Promise<{ id: string; secret: string }> {
    const id = `sub_${(subscriptions += 1)}`;
    const secret = createSecret();
    const { eventTypes = ['*'], tenant } = more;
    const sealedSecret = plainSecretBox.seal(secret, id);
    const rest = { ...DEFAULT_SETTINGS, sealedHeaders: undefined };
    await store.subscriptions.create({ id, tenant, url, eventTypes, sealedSecret, ...rest });
    return { id, secret };
  }

  async function emit(parts: EventParts = {}): Promise<string> {
    const event = newEvent(parts);
    await database.sql.transaction((tx) => store.log.append(tx, event));
    outboxSignal.notify();
    return event.eventId;
  }

  const deliveriesOf = (id: string): Promise<Delivery[]> =>
    store.deliveries.list(id, { after: undefined, limit: 1_000 });

  const settled = (id: string, count: number, state = 'delivered'): Promise<Delivery[]> =>
    eventually(`${id} has ${count} ${state}`, async () => {
      const found = await deliveriesOf(id);
      return found.filter((delivery) => delivery.state === state).length === count && found;
    });

  it('refuses delays that are no numbers, with which a retry would never be due', () => {
    for (const delay of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      expect(() => work({ retryScheduleMs: [5, delay] })).toThrow(RangeError);
    }
  });

  it('logs an attempt that fails for a reason of our own, which no receiver can mend', async () => {
    const errors: unknown[] = [];
    const silent = (): void => undefined;
    const logger = { info: silent, warn: silent, error: (...all: unknown[]) => void errors.push(all) };
    const { id } = await subscribe('https://receiver.example/');
    const otherKey = createSecretBox([{ id: '1', key: new Uint8Array(32) }]);
    await database.sql.query(`update evtgen.subscriptions set secret = $1`, [otherKey.seal('secret', id)]);
    work({ logger, secretBox: createSecretBox([{ id: '1', key: new Uint8Array(32).fill(1) }]) });
    await emit();
    await settled(id, 1, 'exhausted');
    expect(errors[0]).toEqual([
      `an attempt for the subscription ${id} failed here, before anything was sent`,
      { error: expect.stringContaining('does not open with its key') },
    ]);
  });

  it('signs the exact bytes it sends, which the standardwebhooks package accepts', async () => {
    const receiver = await receive();
    const { id, secret } = await subscribe(receiver.url);
    work();
    const eventId = await emit({ data: { name: 'Zoë ✓ 🚀', total: 4200 } });
    await settled(id, 1);

    const [request] = receiver.requests;
    const headers = request?.headers as Record<string, string>;
    const payload = new Webhook(secret).verify(request?.body ?? '', headers);
    expect(payload).toMatchObject({ eventId, position: 1, data: { name: 'Zoë ✓ 🚀', total: 4200 } });
    expect(request).toMatchObject({ method: 'POST', path: '/hooks' });
    expect(headers).toMatchObject({ 'webhook-id': eventId, 'content-type': 'application/json' });
  });

  it('gives a subscription only what comes after it, matches its filter, is public, and is of its tenant', async () => {
    const receiver = await receive();
    work();
    await emit({ subject: 'early', tenant: 'acme' });
    await eventually('the early event has a position', async () => (await store.log.head()) === 1);
    const { id } = await subscribe(receiver.url, {
      eventTypes: ['order.*', 'user.updated'],
      tenant: 'acme',
    });
    await emit({ tenant: 'acme', eventType: 'order.created', subject: '1' });
    await emit({ tenant: 'acme', eventType: 'orders.created', subject: '2' });
    await emit({ tenant: 'acme', eventType: 'user.created', subject: '3' });
    await emit({ tenant: 'other', eventType: 'order.created', subject: '4' });
    await emit({ tenant: undefined, eventType: 'order.created', subject: '5' });
    await emit({ tenant: 'acme', eventType: 'order.paid', audience: 'internal', subject: '6' });
    await emit({ tenant: 'acme', eventType: 'user.updated', subject: '7' });
    await settled(id, 2);
    const subjects = receiver.requests.map(
      ({ body }) => (JSON.parse(String(body)) as { subject: string }).subject,
    );
    expect(subjects.sort()).toEqual(['1', '7']);
  });

  it('retries with the same id and a new signature, then succeeds', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    receiver.answer = (request, response) =>
      always(receiver.requests.length < 3 ? 500 : 200, 'try later')(request, response);
    work();
    const eventId = await emit();
    const [delivery] = await settled(id, 1);
    expect(delivery?.attempts.map((attempt) => attempt.status)).toEqual([500, 500, 200]);
    expect(delivery?.attempts[0]?.body).toBe('try later');
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([
      eventId,
      eventId,
      eventId,
    ]);
    expect((await store.subscriptions.find(undefined, id))?.failureCount).toBe(0);
  });

  it('retries when it is due, and not when it next looks', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    receiver.answer = (request, response) =>
      always(receiver.requests.length < 2 ? 500 : 200)(request, response);
    work({ idlePollMs: 600_000, retryScheduleMs: [40] });
    await emit();
    await settled(id, 1);
    expect(receiver.requests).toHaveLength(2);
  });

  it('turns a delivery that used up its attempts into a dead letter with an alert', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    receiver.answer = always(500, 'no\u0000pe');
    work();
    const eventId = await emit();
    const [delivery] = await settled(id, 1, 'exhausted');
    expect(delivery?.attempts).toHaveLength(3);
    await eventually('the alert came', () => alerts.length > 0);
    expect(alerts).toEqual([
      expect.objectContaining({
        kind: 'dead_letter.delivery_exhausted',
        eventId,
        eventType: 'order.created',
        subscriptionId: id,
        lastStatus: 500,
        lastBody: 'no\uFFFDpe',
      }),
    ]);
    const { rows } = await database.sql.query(
      `select kind, event_id, subscription_id from evtgen.dead_letters`,
      [],
    );
    expect(rows).toEqual([{ kind: 'delivery_exhausted', event_id: eventId, subscription_id: id }]);
  });

  it('deactivates after five failed deliveries in a row, warning at half', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    receiver.answer = always(500);
    work({ retryScheduleMs: [] });
    for (let count = 1; count <= 5; count += 1) {
      await emit();
      await settled(id, count, 'exhausted');
    }
    await eventually('it is deactivated', () =>
      alerts.some((alert) => alert.kind === 'subscription.deactivated'),
    );
    expect(await store.subscriptions.find(undefined, id)).toMatchObject({
      state: 'deactivated',
      failureCount: 5,
    });
    const kinds = alerts.map((alert) => alert.kind).filter((kind) => kind.startsWith('subscription.'));
    expect(kinds).toEqual(['subscription.failing', 'subscription.deactivated']);
    await emit();
    await eventually('the event was passed over', async () => (await cursor()) === 6);
    expect(receiver.requests).toHaveLength(5);
  });

  it('counts failed deliveries in a row only', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    work({ retryScheduleMs: [] });
    for (const [index, status] of [500, 500, 500, 500, 200, 500, 500].entries()) {
      receiver.answer = always(status);
      await emit();
      await eventually('it is settled', async () => (await deliveriesOf(id)).length === index + 1);
    }
    expect(await store.subscriptions.find(undefined, id)).toMatchObject({ state: 'active', failureCount: 2 });
  });

  it('stops at once on 410 and parks what is pending; resume delivers what came meanwhile', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url, { eventTypes: ['order.*'] });
    receiver.answer = always(410);
    work();
    await emit({ subject: '1' });
    await eventually('it is deactivated', () =>
      alerts.some((alert) => alert.kind === 'subscription.deactivated'),
    );
    await emit({ subject: '2' });
    await emit({ subject: '3', eventType: 'user.created' });
    await eventually('the cursor passed', async () => (await cursor()) === 3);
    expect(receiver.requests).toHaveLength(1);
    expect(await deliveriesOf(id)).toMatchObject([{ state: 'pending', position: 1 }]);

    receiver.answer = always(200);
    await store.subscriptions.enable(undefined, id, 'resume');
    await emit({ subject: '4' });
    const delivered = await settled(id, 3);
    expect(delivered.map((delivery) => delivery.position)).toEqual([4, 2, 1]);
    expect(receiver.requests).toHaveLength(4);
  });

  it('skip leaves the parked and the missed behind', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    receiver.answer = always(410);
    work();
    await emit();
    await eventually('it is deactivated', () =>
      alerts.some((alert) => alert.kind === 'subscription.deactivated'),
    );
    await emit();
    await eventually('the cursor passed', async () => (await cursor()) === 2);
    receiver.answer = always(200);
    await store.subscriptions.enable(undefined, id, 'skip');
    await emit();
    await settled(id, 1);
    expect(await deliveriesOf(id)).toMatchObject([
      { state: 'delivered', position: 3 },
      { state: 'skipped', position: 1 },
    ]);
  });

  it('never delays the others or the cursor for an endpoint that hangs', async () => {
    const [hung, healthy] = [await receive(), await receive()];
    hung.answer = () => undefined;
    const slow = await subscribe(hung.url);
    const fast = await subscribe(healthy.url);
    work({ spillAfterMs: 40, perEndpoint: 2 });
    for (let count = 0; count < 30; count += 1) await emit();
    await settled(fast.id, 30);
    await eventually('the cursor is at the head', async () => (await cursor()) === 30);
    expect(hung.requests.length).toBeLessThan(30);
    expect((await deliveriesOf(slow.id)).map((delivery) => delivery.state)).toEqual(
      Array(30).fill('pending'),
    );
    hung.answer = always(200);
    await hung.close();
    receivers = receivers.filter((receiver) => receiver !== hung);
  });

  it('finishes a spilled attempt in its row', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    let finish: () => void = () => undefined;
    receiver.answer = (_request, response) => (finish = () => void response.writeHead(200).end('late'));
    work({ spillAfterMs: 20 });
    await emit();
    await settled(id, 1, 'pending');
    await eventually('the request arrived', () => receiver.requests.length === 1);
    finish();
    const [delivery] = await settled(id, 1);
    expect(delivery?.attempts).toMatchObject([{ status: 200, body: 'late' }]);
    expect(receiver.requests).toHaveLength(1);
  });

  it('holds the cursor below a delivery that has no row yet', async () => {
    const [slow, fast] = [await receive(), await receive()];
    let finish: () => void = () => undefined;
    slow.answer = (_request, response) => (finish = () => void response.writeHead(200).end());
    await subscribe(slow.url, { eventTypes: ['order.created'] });
    const { id } = await subscribe(fast.url);
    work({ spillAfterMs: 60_000 });
    await emit({ eventType: 'user.created' });
    await emit({ eventType: 'order.created' });
    await emit({ eventType: 'user.created' });
    await settled(id, 3);
    await eventually('the slow one was called', () => slow.requests.length === 1);
    await eventually('the cursor moved', async () => (await cursor()) > 0);
    expect(await cursor()).toBe(1);
    finish();
    await eventually('the cursor is at the head', async () => (await cursor()) === 3);
  });

  it('passes over the pairs that have a row when it starts again above the cursor', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    const worker = work();
    for (let count = 0; count < 5; count += 1) await emit();
    await settled(id, 5);
    await stop(worker);
    // As a crash leaves it: results written, cursor not yet moved; two results had not been written.
    await database.sql.query(`update evtgen.cursors set position = 0`, []);
    await database.sql.query(`delete from evtgen.deliveries where position in (2, 5)`, []);
    work();
    await settled(id, 5);
    const positions = receiver.requests.map(
      ({ body }) => (JSON.parse(String(body)) as { position: number }).position,
    );
    expect(positions.sort()).toEqual([1, 2, 2, 3, 4, 5, 5]);
  });

  it('misses no event for a subscription that is created while the events are being read', async () => {
    const [old, young] = [await receive(), await receive()];
    const first = await subscribe(old.url);
    let late: { id: string } | undefined;
    let isArmed = false;
    const { log } = store;
    const reading: typeof log = {
      ...log,
      async read(after, limit) {
        if (isArmed) {
          isArmed = false;
          // Committed after the read was asked for and before it looks: the event is in this very batch.
          late = await subscribe(young.url);
          await emit();
          await eventually('it has a position', async () => (await log.head()) === 2);
        }
        return log.read(after, limit);
      },
    };
    work({ store: { ...store, log: reading } });
    await emit();
    await settled(first.id, 1);
    isArmed = true;
    await settled(first.id, 2);
    await settled(late?.id ?? '', 1);
    expect(young.requests).toHaveLength(1);
  });

  it('sends nothing twice while the database refuses results', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    let refusals = 3;
    const insert: typeof store.deliveries.insert = (results) => {
      refusals -= 1;
      return refusals >= 0 ? Promise.reject(new Error('disk full')) : store.deliveries.insert(results);
    };
    work({ store: { ...store, deliveries: { ...store.deliveries, insert } } });
    await emit();
    await settled(id, 1);
    expect(receiver.requests).toHaveLength(1);
  });

  // PGlite is one session: rivals need a real server.
  it.skipIf(kind === 'pglite')('shares retries among workers without making one twice', async () => {
    const receiver = await receive();
    receiver.answer = always(410);
    const { id } = await subscribe(receiver.url);
    work();
    work();
    work();
    await emit();
    await eventually(
      'it stopped',
      async () => (await store.subscriptions.find(undefined, id))?.state !== 'active',
    );
    for (let count = 0; count < 60; count += 1) await emit();
    await eventually('the cursor passed', async () => (await cursor()) === 61);
    receiver.requests.length = 0;
    receiver.answer = always(200);
    await store.subscriptions.enable(undefined, id, 'resume');
    await settled(id, 61);
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([61, 61]);
  });

  it('obeys Retry-After when it is later than the schedule', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    receiver.answer = always(429, '', { 'retry-after': '120' });
    work();
    await emit();
    const [delivery] = await settled(id, 1, 'pending');
    const waitMs = Date.parse(delivery?.nextAttemptAt ?? '') - Date.parse(delivery?.attempts[0]?.at ?? '');
    expect(waitMs).toBeGreaterThan(118_000);
    expect(waitMs).toBeLessThan(125_000);
  });

  it('records a blocked address instead of connecting', async () => {
    const { id } = await subscribe('https://169.254.169.254/latest');
    work({ retryScheduleMs: [] });
    await emit();
    const [delivery] = await settled(id, 1, 'exhausted');
    expect(delivery?.attempts).toMatchObject([{ failure: 'blocked_address' }]);
  });

  it('cancels what is pending when the subscription is deleted', async () => {
    const receiver = await receive();
    const { id } = await subscribe(receiver.url);
    receiver.answer = always(500);
    work({ retryScheduleMs: [60_000] });
    await emit();
    await settled(id, 1, 'pending');
    expect(await store.subscriptions.remove(undefined, id)).toBe(true);
    expect(await deliveriesOf(id)).toMatchObject([{ state: 'cancelled' }]);
    const { rows } = await database.sql.query(`select secret from evtgen.subscriptions`, []);
    expect(rows).toEqual([{ secret: null }]);
  });

  async function cursor(): Promise<number> {
    return (await store.cursors.list()).find((state) => state.reader === 'webhooks')?.position ?? 0;
  }
});
