import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerService, isMissing, postgres, redis } from '../helpers/services.ts';
import { inTurn } from '../helpers/turns.ts';
import { LEASE_TTL_MS } from '../../src/kernel/lease.ts';
import { describeEndurance, endure, places, type Broker } from './endurance.ts';
import { runWithFreezes } from './freeze.ts';
import { runWithFaults, type Conclusion, type FaultReport } from './run.ts';
import { buildShop, type BuiltShop } from './shop.ts';
import { FAILPOINTS } from './supervisor.ts';
import { NOTHING_AMISS, rounds, seed } from './use-pipeline.ts';

/** Kills at each failpoint and at random moments; `npm run test:soak` asks for the full counts. */
const killsPerFailpoint = Number(process.env['EVTGEN_TEST_KILLS'] ?? 1);
const randomKills = Number(process.env['EVTGEN_TEST_RANDOM_KILLS'] ?? 8);

const minRequests = 200;

const MINUTE_MS = 60_000;

/** How long two processes and their brokers are killed again and again; ten minutes in the soak. */
const enduranceMs = Number(process.env['EVTGEN_TEST_ENDURANCE_MS'] ?? 12_000);
const isSoak = enduranceMs >= MINUTE_MS;
/** Kafka takes more of the machine than all else together. */
const brokers: readonly Broker[] = isSoak ? ['redis', 'rabbitmq', 'kafka'] : ['redis', 'rabbitmq'];

/** Those who stand by try every second; the rest is for a busy machine. */
const TAKEOVER_MARGIN_MS = 5_000;

/** Positions given at insert: readers then page in insert order, and pass over what commits later. */
const POSITION_AT_INSERT = `
  create function position_at_insert() returns trigger language plpgsql as
    $$ begin insert into evtgen.positions values (new.insert_id, new.insert_id, new.subject); return new; end $$;
  create trigger position_at_insert after insert on evtgen.events
    for each row execute function position_at_insert()`;

/** What the judge of these runs must find, each in what part of the verdict. */
const DEFECTS = [
  ['pages by insert id', { sabotage: POSITION_AT_INSERT, randomKills: 4 }, 'lost'],
  ['publishes before the commit', { wrong: 'publishes_before_commit', randomKills: 4 }, 'ghosts'],
  [
    'moves the cursor first',
    { wrong: 'advances_first', failpoints: ['after_publish'], killsPerFailpoint: 4 },
    'lost',
  ],
] as const;

describe.skipIf(isMissing(postgres) || isMissing(redis))('the generated shop under kill -9', () => {
  let shop: BuiltShop;

  beforeAll(async () => {
    shop = await buildShop();
  }, 3 * MINUTE_MS);

  afterAll(() => shop.remove());

  it(
    'loses nothing, tells nothing that is not so, and keeps the order of each subject',
    async () => {
      const report = await runWithFaults(shop, { seed, killsPerFailpoint, randomKills, minRequests });
      print(report);
      for (const failpoint of FAILPOINTS) expect(report.kills).toHaveProperty(failpoint, killsPerFailpoint);
      expect(report.committed).toBeGreaterThan(0);
      expect(report.deadLetters).toBeGreaterThan(0);
      expect(report.broker).toMatchObject(NOTHING_AMISS);
      expect(report.webhooks).toMatchObject(NOTHING_AMISS);
    },
    40 * MINUTE_MS,
  );

  it(
    'goes on when the leading process is frozen past its leases, and takes no harm when it wakes',
    async () => {
      const { freezes, ...conclusion } = await runWithFreezes(shop, { seed, rounds });
      const figures = freezes.map(({ takeoverMs, frozenMs, published }) => {
        return `${takeoverMs} of ${frozenMs} ms (${published} published meanwhile)`;
      });
      process.stderr.write(
        `seed ${seed}, frozen ${freezes.length} times, taken over after ${figures.join(', ')}\n`,
      );
      printVerdicts(conclusion);
      expect(conclusion.broker).toMatchObject(NOTHING_AMISS);
      expect(conclusion.webhooks).toMatchObject(NOTHING_AMISS);
      for (const { takeoverMs, published } of freezes) {
        expect(takeoverMs).toBeLessThan(LEASE_TTL_MS + TAKEOVER_MARGIN_MS);
        expect(published).toBeGreaterThan(0);
      }
    },
    20 * MINUTE_MS,
  );

  it.skipIf(brokers.map(brokerService).some(isMissing))(
    'loses nothing and keeps the order while two processes and their brokers are killed at random',
    async () => {
      const report = await endure(shop, { seed, durationMs: enduranceMs, brokers });
      process.stderr.write(describeEndurance(seed, report));
      expect(report.committed).toBeGreaterThan(0);
      expect(report.processKills).toBeGreaterThan(1);
      for (const broker of brokers) expect(report.brokerKills[broker]).toBeGreaterThan(0);
      for (const [place, verdict] of places(report)) {
        expect({ place, ...verdict }).toMatchObject(NOTHING_AMISS);
      }
    },
    enduranceMs + 10 * MINUTE_MS,
  );

  it.runIf(isSoak)(
    'is caught in that when it moves the cursor first',
    async () => {
      const few = { durationMs: 20_000, brokers: ['redis', 'rabbitmq'], wrong: 'advances_first' } as const;
      const report = await endure(shop, { seed, ...few });
      process.stderr.write(describeEndurance(seed, report));
      expect(report.broker.lost.length).toBeGreaterThan(0);
      expect(report.rabbitmq?.lost.length).toBeGreaterThan(0);
    },
    10 * MINUTE_MS,
  );

  it.each(inTurn('defects to be seen', DEFECTS, 1))(
    'is caught when it %s',
    async (_, variant, finding) => {
      const none = { killsPerFailpoint: 0, randomKills: 0 };
      const report = await runWithFaults(shop, { seed, minRequests, ...none, ...variant });
      print(report);
      expect(report.broker[finding].length).toBeGreaterThan(0);
    },
    5 * MINUTE_MS,
  );
});

function print({ seed, kills, answered, ...conclusion }: FaultReport): void {
  process.stderr.write(`seed ${seed}, kills ${JSON.stringify(kills)}, ${answered} requests answered\n`);
  printVerdicts(conclusion);
}

function printVerdicts({ committed, deadLetters, broker, webhooks }: Conclusion): void {
  const of = ({ lost, ghosts, reordered, duplicates }: Conclusion['broker']): string =>
    `lost ${lost.length}, ghosts ${ghosts.length}, reordered ${reordered.length}, duplicates ${duplicates}`;
  process.stderr.write(
    `  ${committed} changes committed, ${deadLetters} deliveries given up and replayed\n` +
      `  broker: ${of(broker)}\n  webhooks: ${of(webhooks)}\n`,
  );
}
