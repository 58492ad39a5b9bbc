import { afterEach, beforeEach } from 'vitest';
import { openPostgres, type PostgresDatabase } from '../helpers/databases.ts';
import { startReceiver, type Receiver } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { judge, type ObservedEvent, type Verdict } from './judge.ts';
import {
  committedRevisions,
  createMemoryBroker,
  isWorkedOff,
  observedFrom,
  ORDERS_TABLE,
  startProcess,
  subscribeTo,
  type Process,
  type ProcessOptions,
} from './pipeline.ts';
import { seededRandom } from './random.ts';

export const seed = Number(process.env['EVTGEN_TEST_SEED'] ?? Date.now() % 1_000_000);
/** How often each fault is repeated within its run. */
export const rounds = Number(process.env['EVTGEN_TEST_ROUNDS'] ?? 2);

export const TENANTS = ['even', 'odd'] as const;

export const NOTHING_AMISS = { lost: [], ghosts: [], reordered: [] };
export const ALL_WELL = { broker: NOTHING_AMISS, webhooks: [NOTHING_AMISS, NOTHING_AMISS] };
export const PATIENCE_MS = 60_000;
/** Of a test that repeats its fault. */
export const TEST_TIMEOUT_MS = 600_000;

export interface Verdicts {
  readonly broker: Verdict;
  readonly webhooks: readonly Verdict[];
}

/** A database with orders of two tenants, a broker, and a receiver to which both are subscribed; new for each test. */
export interface Pipeline {
  readonly database: PostgresDatabase;
  readonly receiver: Receiver;
  readonly broker: ReturnType<typeof createMemoryBroker>;
  readonly random: () => number;
  /** Starts one more process; all are stopped with the test. */
  run(options?: Partial<ProcessOptions>): Process;
  /** The newest position. */
  head(): Promise<number>;
  /** What the receiver got for a tenant. */
  webhooksOf(tenant: string): ObservedEvent[];
  /** Holds what arrived against the business table once everything is worked off, and says so in one line. */
  report(
    fault: string,
    figures?: string,
    ofBroker?: () => Promise<readonly ObservedEvent[]>,
  ): Promise<Verdicts>;
}

/** To be called inside of a `describe`; what it gives is to be used inside of tests and hooks only. */
export function usePipeline(open: () => Promise<PostgresDatabase> = () => openPostgres()): Pipeline {
  let database: PostgresDatabase;
  let receiver: Receiver;
  let broker: ReturnType<typeof createMemoryBroker>;
  let processes: Process[] = [];
  let random: () => number;

  beforeEach(async () => {
    random = seededRandom(seed);
    database = await open();
    await database.pool.query(ORDERS_TABLE);
    receiver = await startReceiver();
    broker = createMemoryBroker();
    for (const tenant of TENANTS)
      await subscribeTo(database.pool, { id: `of ${tenant}`, url: `${receiver.url}/${tenant}`, tenant });
  });

  afterEach(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    processes = [];
    await receiver.close();
    await database.close();
  });

  const webhooksOf = (tenant: string): ObservedEvent[] =>
    receiver.requests
      .filter(({ path }) => path === `/hooks/${tenant}`)
      .map(({ body }) => observedFrom(JSON.parse(body.toString('utf8'))));

  return {
    get database() {
      return database;
    },
    get receiver() {
      return receiver;
    },
    get broker() {
      return broker;
    },
    get random() {
      return random;
    },
    webhooksOf,

    run(options = {}): Process {
      const started = startProcess({ url: database.url, publishers: [broker], ...options });
      processes.push(started);
      return started;
    },

    async head(): Promise<number> {
      const { rows } = await database.pool.query('select position from evtgen.log_head');
      return Number(rows[0].position);
    },

    async report(fault, figures = '', ofBroker = async () => broker.observed): Promise<Verdicts> {
      await waitUntil(() => isWorkedOff(database.pool), PATIENCE_MS);
      const committed = await committedRevisions(database.pool);
      const verdicts = { broker: judge(committed, await ofBroker()), webhooks: [] as Verdict[] };
      for (const tenant of TENANTS) {
        const verdict = judge(await committedRevisions(database.pool, tenant), webhooksOf(tenant));
        // Webhooks promise no order.
        verdicts.webhooks.push({ ...verdict, reordered: [] });
      }
      const line = [verdicts.broker, ...verdicts.webhooks].map(figuresOf).join(' ');
      process.stderr.write(
        `${fault}: seed ${seed}, ${committed.length} changes committed${figures}; ` +
          `lost/ghosts/reordered/duplicates of the broker and two tenants: ${line}\n`,
      );
      return verdicts;
    },
  };
}

/** Lost, ghosts, reordered and duplicates. */
export function figuresOf({ lost, ghosts, reordered, duplicates }: Verdict): string {
  return `${lost.length}/${ghosts.length}/${reordered.length}/${duplicates}`;
}

/** Waits until the value has grown by so much. */
export async function grows(value: () => number | Promise<number>, by = 20): Promise<void> {
  const before = await value();
  await waitUntil(async () => (await value()) >= before + by, PATIENCE_MS);
}
