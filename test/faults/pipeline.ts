import { Pool, type PoolClient } from 'pg';
import { createAddressGuard, type Resolver } from '../../src/kernel/address-guard.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createDeliver } from '../../src/kernel/deliver.ts';
import type { Clock, Publisher } from '../../src/kernel/ports.ts';
import { createPublisherReader } from '../../src/kernel/publish.ts';
import { createSecret } from '../../src/kernel/secret.ts';
import { plainSecretBox } from '../../src/kernel/secret-box.ts';
import { createSequencer } from '../../src/kernel/sequencer.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { DEFAULT_SETTINGS } from '../../src/kernel/subscriptions.ts';
import { createUuidv7 } from '../../src/kernel/uuid.ts';
import { createWebhookDelivery } from '../../src/kernel/webhook-delivery.ts';
import { createWorker, type Worker } from '../../src/kernel/worker.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { Sql } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { pgSql } from '../../src/stores/pg.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { newEvent } from '../helpers/events.ts';
import type { CommittedChange, ObservedEvent } from './judge.ts';

/** Short, so that takeovers are too. */
const LEASE_TTL_MS = 1_000;
const ORDERS = 20;

export const ORDERS_TABLE = `
  create table orders (id int primary key, tenant text, revision int not null default 0);
  insert into orders (id, tenant) select id, case id % 2 when 0 then 'even' else 'odd' end
    from generate_series(1, ${ORDERS}) id`;

export interface Process extends Worker {
  readonly pool: Pool;
}

export interface ProcessOptions {
  /** Of the database, perhaps through a proxy. */
  readonly url: string;
  readonly publishers?: readonly Publisher[];
  readonly clock?: Clock;
  readonly resolve?: Resolver;
  readonly attemptTimeoutMs?: number;
  readonly retryScheduleMs?: readonly number[];
  readonly leaseTtlMs?: number;
  /** Breaks a promise on purpose. */
  readonly sabotage?: (sql: Sql) => Sql;
}

/** What one process of an application runs: a pool of its own, the sequencer, the readers and the deliveries. */
export function startProcess(options: ProcessOptions): Process {
  const {
    url,
    publishers = [],
    clock = systemClock,
    attemptTimeoutMs = 1_000,
    sabotage = (sql) => sql,
  } = options;
  const pool = poolOf(url);
  const sql = sabotage(pgSql(pool));
  const store = { ...createEventStore(sql), ...createWebhookStore(sql) };
  const [outboxSignal, logSignal] = [createSignal(), createSignal()];
  const guard = createAddressGuard({ allow: ['127.0.0.1/32'], resolve: options.resolve });
  const transport = nodeHttpTransport({ guard });
  const sending = { transport, secretBox: plainSecretBox, clock, timeoutMs: attemptTimeoutMs };
  const shared = { store, logSignal, clock, leaseTtlMs: options.leaseTtlMs ?? LEASE_TTL_MS };
  const worker = createWorker({
    parts: [
      createSequencer({ ...shared, outboxSignal }),
      ...publishers.map((publisher) => createPublisherReader({ ...shared, publisher })),
      ...createWebhookDelivery({
        ...shared,
        deliver: createDeliver(sending),
        attemptTimeoutMs,
        spillAfterMs: 200,
        idlePollMs: 20,
        retryScheduleMs: options.retryScheduleMs ?? [50, 100, 200, 400, 800],
        // Nobody is switched off here: the trouble is ours.
        deactivateAfter: { failures: 1_000_000, unit: 'delivery' },
      }),
    ],
  });
  worker.start();
  return {
    ...worker,
    pool,
    async stop() {
      await worker.stop();
      await transport.close();
      // What a proxy swallows never ends by itself.
      void pool.end();
    },
  };
}

function poolOf(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 12 });
  pool.on('error', () => undefined);
  return pool;
}

/** A broker in memory, which keeps the order in which it confirmed. */
export function createMemoryBroker(): Publisher & { readonly observed: ObservedEvent[] } {
  const observed: ObservedEvent[] = [];
  return {
    name: 'memory',
    observed,
    async publish(events) {
      for (const event of events) observed.push(observedFrom(JSON.parse(event.body), event.position));
    },
    close: () => Promise.resolve(),
  };
}

interface OrderEnvelope {
  readonly eventId: string;
  readonly subject: string;
  readonly position?: number;
  readonly data: { readonly revision: number };
}

/** Every change of an order is told apart by its revision. */
export function observedFrom(envelope: OrderEnvelope, position = envelope.position ?? 0): ObservedEvent {
  const { eventId, subject, data } = envelope;
  return { eventId, subject, eventType: `revision ${data.revision}`, position };
}

export async function committedRevisions(pool: Pool, tenant?: string): Promise<CommittedChange[]> {
  const { rows } = await pool.query<{ id: number; revision: number }>(
    `select id, r as revision from orders, generate_series(1, revision) r where $1::text is null or tenant = $1`,
    [tenant ?? null],
  );
  return rows.map(({ id, revision }) => ({ subject: String(id), eventType: `revision ${revision}` }));
}

export interface Changes {
  /** Commits that were confirmed. */
  confirmed(): number;
  /** Transactions of which nobody knows what became. */
  failed(): number;
  stop(): Promise<void>;
}

/** Clients that change orders in transactions, each with its event; some are rolled back, some take longer. */
export interface ChangesOptions {
  readonly concurrency?: number;
  readonly pauseMs?: number;
  /** Writes the event of a change; straight into the log unless given. */
  readonly emit?: (client: PoolClient, order: Order) => Promise<unknown>;
}

export interface Order {
  readonly id: number;
  readonly tenant: string;
  readonly revision: number;
}

export function startChanges(url: string, random: () => number, options: ChangesOptions = {}): Changes {
  const { concurrency = 6, pauseMs = 5, emit = emitToLog } = options;
  const pool = poolOf(url);
  const { log } = createEventStore(pgSql(pool));
  const createId = createUuidv7();
  const stopped = new AbortController();
  let confirmed = 0;
  let failed = 0;

  async function emitToLog(client: PoolClient, { id, tenant, revision }: Order): Promise<void> {
    const parts = { eventId: createId(), eventType: 'order.updated', subject: String(id), tenant };
    await log.append(client, newEvent({ ...parts, data: { revision } }));
  }

  async function change(): Promise<void> {
    const client = await pool.connect();
    client.on('error', ignore);
    let isBroken = true;
    try {
      await client.query('begin');
      const { rows } = await client.query<Order>(
        'update orders set revision = revision + 1 where id = $1 returning *',
        [1 + Math.floor(random() * ORDERS)],
      );
      const [order] = rows;
      if (order === undefined) throw new Error('the order is gone');
      await emit(client, order);
      if (random() < 0.2) await client.query('select pg_sleep(0.01)');
      const isKept = random() < 0.85;
      await client.query(isKept ? 'COMMIT' : 'rollback');
      if (isKept) confirmed += 1;
      isBroken = false;
    } finally {
      client.off('error', ignore);
      client.release(isBroken);
    }
  }

  async function work(): Promise<void> {
    while (stopped.signal.aborted === false) {
      await change().catch(() => (failed += 1));
      // Room for everybody else on the machine.
      await systemClock.sleep(pauseMs);
    }
  }

  const clients = Array.from({ length: concurrency }, work);
  return {
    confirmed: () => confirmed,
    failed: () => failed,
    async stop() {
      stopped.abort();
      await Promise.all(clients);
      await pool.end();
    },
  };
}

function ignore(): void {}

export async function subscribeTo(
  pool: Pool,
  subscription: { readonly id: string; readonly url: string; readonly tenant: string | undefined },
): Promise<string> {
  const secret = createSecret();
  await createWebhookStore(pgSql(pool)).subscriptions.create({
    ...DEFAULT_SETTINGS,
    ...subscription,
    eventTypes: ['*'],
    sealedSecret: plainSecretBox.seal(secret, subscription.id),
    sealedHeaders: undefined,
  });
  return secret;
}

/** Whether every committed event has come to an end: with the broker, and for every subscription. */
export async function isWorkedOff(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ is_done: boolean }>(`
    select (select count(*) from evtgen.events) = (select position from evtgen.log_head)
       and not exists (select from evtgen.cursors where position < (select position from evtgen.log_head))
       and not exists (select from evtgen.deliveries where state = 'pending') as is_done`);
  return rows[0]?.is_done === true;
}
