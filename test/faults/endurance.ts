import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker, type BrokerServer } from '../helpers/broker-server.ts';
import type { Verdict } from './judge.ts';
import { startLoad } from './load.ts';
import { seededRandom } from './random.ts';
import { setScene, type BrokerUrls, type Conclusion } from './run.ts';
import type { BuiltShop } from './shop.ts';
import type { Supervisor } from './supervisor.ts';

const CUSTOMERS = 8;
/** Some eighty events a second: enough for every kill to hit something, and room for all the servers. */
const PAUSE_MS = 200;
/** Longer lives than the five seconds of a lease among them, so that roles are both taken over and left alone. */
const LIFE_MS = [1_000, 9_000] as const;
const BROKER_DOWN_MS = [0, 3_000] as const;
const LONGEST_BROKER_LIFE_MS = 40_000;

export type Broker = keyof BrokerUrls;

export interface EnduranceOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly brokers: readonly Broker[];
  /** A promise that the shop breaks on purpose; then the brokers are spared. */
  readonly wrong?: string;
}

export interface EnduranceReport extends Conclusion {
  readonly processKills: number;
  readonly brokerKills: Readonly<Partial<Record<Broker, number>>>;
  readonly answered: number;
}

/** Two processes of the shop share one database, and they and their brokers are killed at random, for a while. */
export async function endure(shop: BuiltShop, options: EnduranceOptions): Promise<EnduranceReport> {
  const { durationMs, wrong } = options;
  const random = seededRandom(options.seed);
  const between = ([least, most]: readonly [number, number]): number => least + random() * (most - least);
  const servers = await startAll(options.brokers);
  const brokers = Object.fromEntries([...servers].map(([name, { url }]) => [name, url]));
  const scene = await setScene(shop, { random, brokers });
  const over = new AbortController();

  async function killAgainAndAgain(process: Supervisor): Promise<number> {
    let kills = 0;
    for (; over.signal.aborted === false; kills += 1) {
      await process.runUntil({ failpoint: 'random', afterMs: between(LIFE_MS) });
    }
    await process.start();
    return kills;
  }

  async function restartAgainAndAgain(server: BrokerServer): Promise<number> {
    const longestLifeMs = Math.min(durationMs / 2, LONGEST_BROKER_LIFE_MS);
    let kills = 0;
    for (; ; kills += 1) {
      await unlessOver(between([longestLifeMs / 5, longestLifeMs]));
      if (over.signal.aborted) return kills;
      await server.kill();
      await unlessOver(between(BROKER_DOWN_MS));
      await server.start();
    }
  }

  /** A pause that ends with the run. */
  const unlessOver = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: over.signal }).catch(() => undefined);

  try {
    const env = wrong === undefined ? {} : { EVTGEN_WRONG: wrong };
    const first = scene.supervise(env);
    const processes = [first, scene.supervise(env)];
    await scene.subscribeWith(first);
    await first.stop();

    const addressOf = (): string | undefined =>
      processes[random() < 0.5 ? 0 : 1]?.address() ?? processes.find((each) => each.address())?.address();
    const load = startLoad({ address: addressOf, concurrency: CUSTOMERS, random, pauseMs: PAUSE_MS });
    const restarted = wrong === undefined ? [...servers] : [];
    const running = Promise.all([
      Promise.all(processes.map(killAgainAndAgain)),
      Promise.all(restarted.map(async ([name, each]) => [name, await restartAgainAndAgain(each)] as const)),
    ]);
    await Promise.race([running, sleep(durationMs)]);
    over.abort();
    const [processKills, brokerKills] = await running;
    await load.stop();
    return {
      processKills: processKills.reduce((sum, each) => sum + each, 0),
      brokerKills: Object.fromEntries(brokerKills),
      answered: load.answered(),
      ...(await scene.conclude(first)),
    };
  } finally {
    over.abort();
    await scene.close();
    await Promise.all([...servers.values()].map((each) => each.close()));
  }
}

async function startAll(names: readonly Broker[]): Promise<Map<Broker, BrokerServer>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await startBroker(name)] as const)));
}

/** Where events arrived, and what is to be said of that. */
export function places({
  broker,
  rabbitmq,
  kafka,
  webhooks,
}: EnduranceReport): (readonly [string, Verdict])[] {
  const all = [
    ['redis', broker],
    ['rabbitmq', rabbitmq],
    ['kafka', kafka],
    ['webhooks', webhooks],
  ] as const;
  return all.flatMap(([place, verdict]) => (verdict === undefined ? [] : [[place, verdict] as const]));
}

/** The whole of a run, for people. */
export function describeEndurance(seed: number, report: EnduranceReport): string {
  const { committed, answered, deadLetters, processKills, brokerKills } = report;
  const killed = [
    `${processKills} processes`,
    ...Object.entries(brokerKills).map(([name, count]) => `${name} ${count} times`),
  ];
  const rows = places(report).map(([place, { lost, ghosts, reordered, duplicates }]) => {
    const arrived = committed - lost.length + ghosts.length + duplicates;
    const counts = [arrived, duplicates, lost.length, reordered.length, ghosts.length];
    return `  ${place.padEnd(8)} ${counts.map((count) => String(count).padStart(10)).join('')}\n`;
  });
  return (
    `seed ${seed}: killed ${killed.join(', ')}; ${answered} requests answered, ${committed} changes committed, ` +
    `${deadLetters} deliveries given up and replayed\n` +
    `  ${' '.repeat(8)}    arrived  repeated      lost reordered    ghosts\n${rows.join('')}`
  );
}
