import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPostgres, type PostgresDatabase } from '../helpers/databases.ts';
import { redis, urlOf } from '../helpers/services.ts';
import { judge, type CommittedChange, type Verdict } from './judge.ts';
import { REFUSED_NOTE, startLoad } from './load.ts';
import { readStream, startReceiver } from './observers.ts';
import { seededRandom } from './random.ts';
import { shopSchema, type BuiltShop } from './shop.ts';
import { FAILPOINTS, superviseShop, type Failpoint, type Kill } from './supervisor.ts';

const DRAIN_PATIENCE_MS = 60_000;
const POLL_MS = 50;
/** Share of webhook requests that the receiver refuses; they are retried. */
const REFUSED_SHARE = 0.02;
const CUSTOMERS = 8;
/** A failpoint kills at one of the first times that it is reached. */
const LATEST_COUNT = 8;
/** A process that is alone takes one for the sequencer, one for the broker and one for the webhooks. */
const LEASES = 3;

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

export interface FaultReport {
  readonly seed: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly committed: number;
  readonly answered: number;
  readonly broker: Verdict;
  readonly webhooks: Verdict;
}

/** Lets customers order while the shop is killed again and again; then compares what was told with what is so. */
export async function runWithFaults(shop: BuiltShop, options: FaultRunOptions): Promise<FaultReport> {
  const random = seededRandom(options.seed);
  const database = await openPostgres();
  await database.pool.query(`${await shopSchema(shop)}; ${REFUSE_AT_COMMIT}; ${options.sabotage ?? ''}`);
  const receiver = await startReceiver(random, REFUSED_SHARE);
  const stream = `events-${randomUUID()}`;
  const supervisor = superviseShop(shop, {
    DATABASE_URL: database.url,
    DATABASE_POOL_MAX: '12',
    REDIS_URL: urlOf(redis),
    EVENTS_STREAM: stream,
    ...(options.wrong === undefined ? {} : { EVTGEN_WRONG: options.wrong }),
  });
  const kills: Record<string, number> = {};
  try {
    await supervisor.start();
    await subscribe(supervisor.address(), receiver.url);
    await supervisor.stop();

    const load = startLoad({ address: () => supervisor.address(), concurrency: CUSTOMERS, random });
    for (const kill of schedule(options, random)) {
      await supervisor.runUntil(kill);
      kills[kill.failpoint] = (kills[kill.failpoint] ?? 0) + 1;
      await endLeases(database);
    }
    await supervisor.start();
    while (load.answered() < options.minRequests) await sleep(POLL_MS);
    await load.stop();
    const isDrained = await drained(database);
    await supervisor.stop();
    if (!isDrained) throw new Error('the log was not worked off in time');

    const committed = await committedChanges(database);
    return {
      seed: options.seed,
      kills,
      committed: committed.length,
      answered: load.answered(),
      broker: judge(committed, await readStream(urlOf(redis), stream)),
      // Webhooks promise no order.
      webhooks: { ...judge(committed, receiver.observed), reordered: [] },
    };
  } finally {
    await supervisor.stop();
    await receiver.close();
    await database.close();
  }
}

function schedule(options: FaultRunOptions, random: () => number): Kill[] {
  const kills: Kill[] = [];
  for (const failpoint of options.failpoints ?? FAILPOINTS) {
    for (let n = 0; n < options.killsPerFailpoint; n += 1) {
      const latest = failpoint === 'after_lease' ? LEASES : LATEST_COUNT;
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

/** The holder is known to be dead; waiting out its lease a hundred times would test nothing new. */
async function endLeases(database: PostgresDatabase): Promise<void> {
  await database.pool.query(`update evtgen.leases set expires_at = '-infinity'`);
}

async function drained(database: PostgresDatabase): Promise<boolean> {
  const deadline = Date.now() + DRAIN_PATIENCE_MS;
  while (Date.now() < deadline) {
    const { rows } = await database.pool.query<{ is_drained: boolean }>(`
      select not exists (select insert_id from evtgen.events except select insert_id from evtgen.positions)
         and not exists (select from evtgen.cursors
                          where position < (select coalesce(max(position), 0) from evtgen.positions))
         and (select count(*) from evtgen.cursors) = 2
         and not exists (select from evtgen.deliveries where state = 'pending') as is_drained`);
    if (rows[0]?.is_drained === true) return true;
    await sleep(POLL_MS);
  }
  return false;
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
