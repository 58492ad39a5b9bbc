import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Stamp } from '../../src/stores/postgres/stamp.ts';
import { openPostgres, type PostgresDatabase } from '../helpers/databases.ts';
import { resetDatabase } from '../helpers/reset-database.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { runProgram, type Mistake, type Pager } from './sequencing-model.ts';

const runs = Number(process.env['EVTGEN_TEST_MODEL_RUNS'] ?? 40);
const seed = Number(process.env['EVTGEN_TEST_SEED'] ?? Date.now() % 1_000_000);

const programs = fc.array(fc.nat(), { minLength: 80, maxLength: 160 });

const mistakes: [string, Mistake][] = [
  ['pages by insert id', { pager: byInsertId }],
  ['has no fence against a deposed leader', { stamp: unfenced }],
  [
    'forgets the ids that it passed over',
    { rewrite: replacing('any ($7::text::bigint[])', 'any (($7::text::bigint[])[1:0])') },
  ],
  ['takes every writer for ended', { rewrite: replacing(`mode = 'RowExclusiveLock'`, 'false') }],
];

/** Enough programs for any mistake to show. */
const MISTAKEN_RUNS = 200;
const FINDING = /never seen|not dense|without the lease|have positions|was changed in the order/;

// Transactions that cross need a session each.
describe.skipIf(isMissing(postgres))('random transactions and sequencers', () => {
  let database: PostgresDatabase;

  beforeAll(async () => {
    database = await openPostgres();
    await database.pool.query(
      `create table orders (id int primary key); insert into orders select generate_series(1, 3)`,
    );
  });
  afterAll(() => database.close());
  beforeEach(() => resetDatabase(database.sql));

  async function check(
    mistake: Mistake,
    parameters: fc.Parameters<[number[]]>,
  ): Promise<fc.RunDetails<[number[]]> & { figures: number[] }> {
    const figures = [0, 0];
    const property = fc
      .asyncProperty(programs, async (program) => {
        const { committed, rolledBack } = await runProgram(database, program, mistake);
        figures[0] = (figures[0] ?? 0) + committed;
        figures[1] = (figures[1] ?? 0) + rolledBack;
      })
      .beforeEach(() => resetDatabase(database.sql));
    return { ...(await fc.check(property, { seed, endOnFailure: true, ...parameters })), figures };
  }

  it('give every committed event one position, dense, in the order of the commits of its subject', async () => {
    const { failed, numRuns, errorInstance, figures } = await check({}, { numRuns: runs });
    const [committed, rolledBack] = figures;
    process.stderr.write(
      `sequencing model: seed ${seed}, ${numRuns} programs, ${committed} events committed, ${rolledBack} rolled back\n`,
    );
    expect(failed ? String(errorInstance) : 'nothing').toBe('nothing');
    expect(committed).toBeGreaterThan(runs);
    expect(rolledBack).toBeGreaterThan(runs / 10);
  }, 300_000);

  it.each(mistakes)(
    'are found out when one %s',
    async (_, mistake) => {
      expect(await findingIn(mistake)).toMatch(FINDING);
    },
    300_000,
  );

  async function findingIn(mistake: Mistake): Promise<string> {
    const { failed, errorInstance } = await check(mistake, { numRuns: MISTAKEN_RUNS });
    return failed ? String(errorInstance) : 'nothing';
  }
});

function byInsertId({ pool }: PostgresDatabase): Pager {
  return async (cursor) => {
    const { rows } = await pool.query<{ event_id: string; insert_id: string }>(
      `select event_id, insert_id from evtgen.events where insert_id > $1 order by insert_id`,
      [cursor],
    );
    const seen = rows.map(({ event_id }, index) => ({ eventId: event_id, position: cursor + index + 1 }));
    return { seen, cursor: Number(rows.at(-1)?.insert_id ?? cursor) };
  };
}

function replacing(part: string, by: string): (text: string) => string {
  return (text) => text.replace(part, by);
}

/** Goes by whoever has the lease instead of asking for its own. */
function unfenced(right: Stamp, { pool }: PostgresDatabase): Stamp {
  return async (lease, limit) => {
    const { rows } = await pool.query<{ role: string; holder: string; epoch: string }>(
      `select role, holder, epoch from evtgen.leases where role = $1`,
      [lease.role],
    );
    const [current] = rows;
    return right(current === undefined ? lease : { ...current, epoch: Number(current.epoch) }, limit);
  };
}
