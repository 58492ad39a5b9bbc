import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { plainSecretBox } from '../../src/kernel/secret-box.ts';
import { DEFAULT_SETTINGS } from '../../src/kernel/subscriptions.ts';
import type { DeliveryResult } from '../../src/kernel/webhook-ports.ts';
import { pgSql } from '../../src/stores/pg.ts';
import { withDeadlocksRetried } from '../../src/stores/postgres/deadlocks.ts';
import type { Sql } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { openPostgres } from '../helpers/databases.ts';
import type { PostgresDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { isMissing, postgres } from '../helpers/services.ts';

const ID = 'sub_1';

describe.skipIf(isMissing(postgres))('a result is written while its subscription', () => {
  let database: PostgresDatabase;
  let store: ReturnType<typeof createWebhookStore>;

  beforeEach(async () => {
    database = await openPostgres();
    const url = new URL(database.url);
    // Sooner than a second, so that the test does not wait for it.
    url.searchParams.set('options', '-c deadlock_timeout=100ms');
    store = createWebhookStore(pgSql(database.connect(url.href)));
    await store.subscriptions.create({
      ...DEFAULT_SETTINGS,
      id: ID,
      tenant: undefined,
      url: 'https://receiver.example/',
      eventTypes: ['*'],
      sealedSecret: plainSecretBox.seal('secret', ID),
      sealedHeaders: undefined,
    });
    await store.deliveries.insert([1, 2].map((position) => resultOf(position, 'pending')));
    // Else a success would have nothing to reset.
    await database.sql.query('update evtgen.subscriptions set failure_count = 1', []);
  });
  afterEach(() => database.close());

  test.each([
    ['is deleted', 'deleted', () => store.subscriptions.remove(undefined, ID)],
    [
      'is enabled again without what it missed',
      'active',
      () => store.subscriptions.enable(undefined, ID, 'skip'),
    ],
  ])('%s: both are done, though each waits for the other', async (_, state, change) => {
    if (state === 'active') await store.subscriptions.stop(ID, 'disabled', 'by its owner');
    const waiting = (count: number): Promise<unknown> =>
      eventually(`${count} statements wait`, async () => {
        const { rows } = await database.sql.query('select from pg_locks where not granted', []);
        return rows.length >= count;
      });
    // The result has the first delivery and waits for the second, the change has the subscription and waits for the
    // first; when the second is free, the result wants the subscription.
    const holder = await database.pool.connect();
    await holder.query('begin');
    await holder.query('select from evtgen.deliveries where position = 2 for update');
    const written = store.deliveries.update([1, 2].map((position) => resultOf(position, 'delivered')));
    await waiting(1);
    const changed = change();
    await waiting(2).finally(() => holder.query('commit'));
    holder.release();
    await Promise.all([written, changed]);

    const { rows } = await database.sql.query(
      `select state, (select string_agg(state, ' ') from evtgen.deliveries) as deliveries
         from evtgen.subscriptions`,
      [],
    );
    expect(rows).toEqual([{ state, deliveries: 'delivered delivered' }]);
  });

  function resultOf(position: number, state: DeliveryResult['state']): DeliveryResult {
    const event = { position, subscriptionId: ID, eventId: `evt_${position}`, eventType: 'order.created' };
    const attempt = { at: '2026-01-01T00:00:00.000Z', durationMs: 1, status: 204 };
    return { ...event, state, attempt, delayMs: 0, leaseToken: 'token' };
  }
});

describe('a statement that the server ended to resolve a deadlock', () => {
  const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' });
  const other = Object.assign(new Error('division by zero'), { code: '22012' });

  /** A client whose calls fail with these errors, one after the other, and then work. */
  function failing(...errors: Error[]): { readonly sql: Sql; calls(): number } {
    let calls = 0;
    const call = <T>(result: T): Promise<T> => {
      const error = errors[calls];
      calls += 1;
      return error === undefined ? Promise.resolve(result) : Promise.reject(error);
    };
    const query = (): Promise<{ rows: [] }> => call({ rows: [] });
    const script = (): Promise<void> => Promise.resolve();
    return {
      sql: { query, transaction: (run) => call(undefined).then(() => run({ query, script })) },
      calls: () => calls,
    };
  }

  test('is run again, and so is the whole of a transaction', async () => {
    const statement = failing(deadlock, deadlock);
    expect(await withDeadlocksRetried(statement.sql).query('', [])).toEqual({ rows: [] });
    expect(statement.calls()).toBe(3);
    const transaction = failing(deadlock);
    expect(await withDeadlocksRetried(transaction.sql).transaction(() => Promise.resolve('done'))).toBe(
      'done',
    );
    expect(transaction.calls()).toBe(2);
  });

  test('but not for ever, and not after an error of another kind', async () => {
    const stuck = failing(...Array.from({ length: 99 }, () => deadlock));
    await expect(withDeadlocksRetried(stuck.sql).query('', [])).rejects.toBe(deadlock);
    expect(stuck.calls()).toBe(5);
    const broken = failing(other);
    await expect(withDeadlocksRetried(broken.sql).query('', [])).rejects.toBe(other);
    expect(broken.calls()).toBe(1);
  });

  test('and not what a caller does in a transaction, who counts it', async () => {
    const query = (): Promise<{ rows: { id: string }[] }> => Promise.resolve({ rows: [{ id: 'letter' }] });
    const script = (): Promise<void> => Promise.resolve();
    const { deadLetters } = createWebhookStore({ query, transaction: (run) => run({ query, script }) });
    let calls = 0;
    const act = (): Promise<never> => {
      calls += 1;
      return Promise.reject(deadlock);
    };
    await expect(deadLetters.conclude('letter', act)).rejects.toBe(deadlock);
    expect(calls).toBe(1);
  });
});
