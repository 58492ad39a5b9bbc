import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalRuntimeStore } from '../../src/stores/postgres/local-runtime.ts';
import { readQueue, readTopic } from '../brokers/consumers.ts';
import type { Received } from '../brokers/rig.ts';
import { openPostgres, type PostgresDatabase } from '../helpers/databases.ts';
import { redis, urlOf } from '../helpers/services.ts';
import { judge, type CommittedChange, type Verdict } from './judge.ts';
import { REFUSED_NOTE, startLoad } from './load.ts';
import { lengthOf, observedBy, readStream, startReceiver } from './observers.ts';
import { seededRandom } from './random.ts';
import { shopSchema, type BuiltShop } from './shop.ts';
import { FAILPOINTS, superviseShop, type Failpoint, type Kill, type Supervisor } from './supervisor.ts';

const DRAIN_PATIENCE_MS = 60_000;
const POLL_MS = 50;
/** Some are retried, some are given up, and some take so long that they get a row meanwhile. */
const TROUBLE = { refused: 0.02, stubborn: 0.03, slow: 0.03, slowMs: 1_300 };
const CUSTOMERS = 8;
/** A failpoint kills at one of the first times that it is reached. */
const LATEST_COUNT = 8;
const LATEST_COUNTS: Partial<Record<Failpoint, number>> = {
  // A process that is alone takes one for the sequencer, one for the broker and one for the webhooks.
  after_lease: 3,
  // Rare.
  after_spill: 2,
  mid_exhaust: 2,
  after_exhaust: 2,
};

export interface FaultRunOptions {
  readonly seed: number;
  /** All of them unless given. */
  readonly failpoints?: readonly Failpoint[];
  readonly killsPerFailpoint: number;
  readonly randomKills: number;
  /** Runs on undisturbed until the shop has answered so many requests. */
  readonly minRequests: number;
  /** A promise that the shop breaks on purpose; see app/failpoints.ts. */
  readonly wrong?: string;
  /** SQL that breaks one in the database. */
  readonly sabotage?: string;
}

export interface FaultReport extends Conclusion {
  readonly seed: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly answered: number;
}

/** Lets customers order while the shop is killed again and again; then compares what was told with what is so. */
export async function runWithFaults(shop: BuiltShop, options: FaultRunOptions): Promise<FaultReport> {
  const random = seededRandom(options.seed);
  const env = options.wrong === undefined ? {} : { EVTGEN_WRONG: options.wrong };
  const scene = await setScene(shop, { random, sabotage: options.sabotage });
  const supervisor = scene.supervise(env);
  const kills: Record<string, number> = {};
  try {
    await scene.subscribeWith(supervisor);
    await supervisor.stop();

    const load = startLoad({ address: () => supervisor.address(), concurrency: CUSTOMERS, random });
    for (const kill of schedule(options, random)) {
      await supervisor.runUntil(kill);
      kills[kill.failpoint] = (kills[kill.failpoint] ?? 0) + 1;
      await endLeases(scene.database);
    }
    await supervisor.start();
    while (load.answered() < options.minRequests) await sleep(POLL_MS);
    await load.stop();
    const verdicts = await scene.conclude(supervisor);
    return { seed: options.seed, kills, answered: load.answered(), ...verdicts };
  } finally {
    await scene.close();
  }
}

export interface Scene {
  readonly database: PostgresDatabase;
  /** One more process of the shop, not started yet; all are stopped by `close`. */
  supervise(env?: Readonly<Record<string, string>>): Supervisor;
  /** Starts the process, and subscribes the receiver by it. */
  subscribeWith(supervisor: Supervisor): Promise<void>;
  /** How many events the broker has. */
  published(): Promise<number>;
  /** Waits until everything is worked off, replays what was given up, stops the processes, and judges. */
  conclude(running: Supervisor): Promise<Conclusion>;
  close(): Promise<void>;
}

export interface Conclusion {
  readonly committed: number;
  /** Deliveries that were given up, and then replayed. */
  readonly deadLetters: number;
  /** Redis, which every run has. */
  readonly broker: Verdict;
  readonly rabbitmq?: Verdict;
  readonly kafka?: Verdict;
  readonly webhooks: Verdict;
}

/** Brokers of the test's own. */
export type BrokerUrls = Readonly<Partial<Record<'redis' | 'rabbitmq' | 'kafka', string>>>;

/** A database, a broker and a receiver for processes of the shop. */
export async function setScene(
  shop: BuiltShop,
  options: {
    readonly random: () => number;
    readonly sabotage?: string | undefined;
    readonly brokers?: BrokerUrls | undefined;
  },
): Promise<Scene> {
  const { random, sabotage = '', brokers = {} } = options;
  const redisUrl = brokers.redis ?? urlOf(redis);
  const database = await openPostgres();
  await database.pool.query(`${await shopSchema(shop)}; ${REFUSE_AT_COMMIT}; ${sabotage}`);
  const receiver = await startReceiver(random, TROUBLE);
  const place = `events-${randomUUID()}`;
  const supervisors: Supervisor[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(supervisors.map((each) => each.stop()));
  };

  return {
    database,

    supervise(env = {}) {
      const supervisor = superviseShop(shop, {
        DATABASE_URL: database.url,
        DATABASE_POOL_MAX: '12',
        REDIS_URL: redisUrl,
        ...(brokers.rabbitmq && { RABBITMQ_URL: brokers.rabbitmq }),
        ...(brokers.kafka && { KAFKA_BROKERS: brokers.kafka }),
        EVENTS_PLACE: place,
        ...env,
      });
      supervisors.push(supervisor);
      return supervisor;
    },

    async subscribeWith(supervisor) {
      await supervisor.start();
      await subscribe(supervisor.address(), receiver.url);
    },

    published: () => lengthOf(redisUrl, place),

    async conclude(running) {
      const readers = [redisUrl, brokers.rabbitmq, brokers.kafka, receiver.url].filter(Boolean).length;
      await drained(database, readers);
      receiver.relent();
      const deadLetters = await replayAll(running.address());
      await drained(database, readers);
      await stopAll();
      const committed = await committedChanges(database);
      const judgeReceived = async (received: Promise<Received[]>): Promise<Verdict> =>
        judge(committed, (await received).map(observedBy));
      return {
        committed: committed.length,
        deadLetters,
        broker: judge(committed, await readStream(redisUrl, place)),
        ...(brokers.rabbitmq && {
          rabbitmq: await judgeReceived(readQueue(brokers.rabbitmq, `${place}.unroutable`)),
        }),
        ...(brokers.kafka && { kafka: await judgeReceived(readTopic(brokers.kafka, place)) }),
        // Webhooks promise no order.
        webhooks: { ...judge(committed, receiver.observed), reordered: [] },
      };
    },

    async close() {
      await stopAll();
      await receiver.close();
      await database.close();
    },
  };
}

function schedule(options: FaultRunOptions, random: () => number): Kill[] {
  const kills: Kill[] = [];
  for (const failpoint of options.failpoints ?? FAILPOINTS) {
    for (let n = 0; n < options.killsPerFailpoint; n += 1) {
      const latest = LATEST_COUNTS[failpoint] ?? LATEST_COUNT;
      kills.push({ failpoint, count: 1 + Math.floor(random() * latest) });
    }
  }
  for (let n = 0; n < options.randomKills; n += 1) {
    kills.push({ failpoint: 'random', afterMs: 50 + random() * 700 });
  }
  return kills
    .map((kill) => ({ kill, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ kill }) => kill);
}

async function subscribe(address: string | undefined, url: string): Promise<void> {
  const response = await fetch(new URL('/webhooks', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url, eventTypes: ['*'] }),
  });
  if (!response.ok) throw new Error(`subscribing failed: ${await response.text()}`);
}

/** Puts everything that was given up to work again, and says how much that was. */
async function replayAll(address: string | undefined): Promise<number> {
  let replayed = 0;
  let cursor: string | null | undefined;
  do {
    const response = await fetch(new URL('/dead-letters/replay', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(cursor === undefined ? {} : { cursor }),
    });
    const page = (await response.json()) as ReplayPage;
    if (response.ok === false || page.refused.length > 0) {
      throw new Error(`replaying failed: ${JSON.stringify(page)}`);
    }
    replayed += page.replayed;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return replayed;
}

interface ReplayPage {
  readonly replayed: number;
  readonly refused: readonly unknown[];
  readonly nextCursor: string | null;
}

/** The holder is known to be dead; waiting out its leases a hundred times would test nothing new. */
function endLeases({ sql }: PostgresDatabase): Promise<void> {
  return createLocalRuntimeStore(sql).expireLeases();
}

async function drained(database: PostgresDatabase, readers: number): Promise<void> {
  const deadline = Date.now() + DRAIN_PATIENCE_MS;
  while (Date.now() < deadline) {
    const { rows } = await database.pool.query<{ is_drained: boolean }>(
      `
      select not exists (select insert_id from evtgen.events except select insert_id from evtgen.positions)
         and not exists (select from evtgen.cursors
                          where position < (select coalesce(max(position), 0) from evtgen.positions))
         and (select count(*) from evtgen.cursors) = $1
         and not exists (select from evtgen.deliveries where state = 'pending') as is_drained`,
      [readers],
    );
    if (rows[0]?.is_drained === true) return;
    await sleep(POLL_MS);
  }
  throw new Error('the log was not worked off in time');
}

async function committedChanges(database: PostgresDatabase): Promise<CommittedChange[]> {
  const { rows } = await database.pool.query<{ subject: string; event_type: string }>(`
    select id::text as subject, 'order.created' as event_type from orders
    union all select id::text, 'order.updated' from orders where note is not null
    union all select id::text, 'order.cancelled' from orders where cancelled_at is not null`);
  return rows.map((row) => ({ subject: row.subject, eventType: row.event_type }));
}

const REFUSE_AT_COMMIT = `
  update products set stock = 1000000;
  create function refuse_at_commit() returns trigger language plpgsql as
    $$ begin raise exception 'refused at commit'; end $$;
  create constraint trigger refuse_at_commit after update on orders
    deferrable initially deferred for each row when (new.note = '${REFUSED_NOTE}')
    execute function refuse_at_commit()`;
