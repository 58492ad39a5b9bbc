import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { applyMigrations, loadMigrations, MigrationError } from '../../src/stores/postgres/migrations.ts';
import type { Migration } from '../../src/stores/postgres/migrations.ts';
import { SchemaMissingError } from '../../src/stores/postgres/schema-error.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { databaseKinds, openPostgres } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { isMissing, postgres } from '../helpers/services.ts';

const released = await loadMigrations(join(repositoryRoot, 'templates/sql'));

describe.each(databaseKinds)('migrations on $kind', ({ open }) => {
  let database: TestDatabase;
  /** The helper has applied those that are released. */
  const migrate = (...more: Migration[]): Promise<string[]> =>
    applyMigrations(database.sql, [...released, ...more]);
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  test('run once, by number', async () => {
    const names = released.map(({ name }) => name);
    expect(names[0]).toBe('0001-event-log');
    expect(names).toEqual(names.toSorted());
    expect(await migrate()).toEqual([]);
    const more = { name: '9999-more', script: 'create table one (id int); create table two (id int);' };
    expect(await migrate(more)).toEqual(['9999-more']);
    expect(await migrate(more)).toEqual([]);
  });

  test('one that fails leaves nothing behind, not even those before it', async () => {
    const good = { name: '9998-good', script: 'create table good (id int)' };
    const bad = { name: '9999-bad', script: 'create table half (id int); select * from no_such_table' };
    await expect(migrate(good, bad)).rejects.toThrow(/no_such_table/);
    await expect(database.sql.query('select * from good', [])).rejects.toThrow(/good/);
    expect(await migrate(good)).toEqual(['9998-good']);
  });

  test('one that was changed after it had been applied is refused, by name', async () => {
    const [items, refunds] = [create('9001-items'), create('9002-refunds')];
    await migrate(items, refunds);
    const changed = { ...items, script: items.script.replace('int', 'bigint') };
    const refused = migrate(changed, refunds, create('9003-parcels'));
    await expect(refused).rejects.toThrow(MigrationError);
    await expect(refused).rejects.toMatchObject({
      message: 'migration 9001-items.sql is not what it was when it was applied',
      hint: 'restore 9001-items.sql, and put the change into a new file with the next number',
    });
    await expect(database.sql.query('select * from parcels', [])).rejects.toThrow(/parcels/);
  });

  test('line endings, spaces at the end of a line and comments of a line of their own may change', async () => {
    const script = `-- Items of an order.\ncreate table items (\n  id int\n);\n`;
    await migrate({ name: '9001-items', script });
    const same = `\uFEFF-- What was ordered.\r\n\r\ncreate table items (  \r\n  id int\r\n);`;
    expect(await migrate({ name: '9001-items', script: same })).toEqual([]);
    const other = `create table items (\n  id int -- of the shop\n);\n`;
    await expect(migrate({ name: '9001-items', script: other })).rejects.toThrow(/9001-items/);
  });

  test('one that is applied and has no file, and one that comes too late for its number, are refused', async () => {
    const [items, refunds, parcels] = ['9001-items', '9003-refunds', '9004-parcels'].map(create) as [
      Migration,
      Migration,
      Migration,
    ];
    await migrate(items, refunds);
    await expect(migrate(refunds, parcels)).rejects.toThrow(
      'migration 9001-items.sql is applied, and its file is missing',
    );
    const late = create('9002-late');
    await expect(migrate(items, late, refunds)).rejects.toThrow(
      'migration 9002-late.sql is new and comes before 9003-refunds.sql, which is applied already',
    );
  });

  test('a process of the previous release starts on the database of the next one', async () => {
    const [items, refunds] = [create('9001-items'), create('9002-refunds')];
    await migrate(items, refunds);
    expect(await migrate(items)).toEqual([]);
  });

  test('tables that another tool has made are left to that tool', async () => {
    await database.sql.query('delete from evtgen.migrations', []);
    await expect(migrate(create('9001-items'))).rejects.toMatchObject({
      name: 'MigrationError',
      hint: 'another tool has applied them; apply new ones with that tool as well',
    });
  });
});

describe.each(databaseKinds)('a populated database on $kind', ({ open }) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open();
    await database.sql.query('alter schema evtgen rename to elsewhere', []);
  });
  afterEach(() => database.close());

  test('of the release before goes on with what it has: deliveries, and secrets, those that were rotated away too', async () => {
    const before = released.filter(({ name }) => name < '0005');
    await applyMigrations(database.sql, before);
    await database.sql.query(
      `insert into evtgen.subscriptions
         (id, url, event_types, secret, previous_secret, previous_secret_expires_at, start_position)
       values ('rotated', 'https://receiver.example/', '{*}', 'sealed-second', 'sealed-first', now() + interval '1 hour', 7),
              ('long ago', 'https://receiver.example/', '{*}', 'sealed-second', 'sealed-first', now() - interval '1 hour', 7),
              ('never', 'https://receiver.example/', '{*}', 'sealed-first', null, null, 7)`,
      [],
    );
    const body = '{"eventId":"evt_1","data":{"total":1}}';
    await database.sql.query(
      `with event as (
         insert into evtgen.events (event_id, event_type, version, audience, occurred_at, body)
         values ('evt_1', 'order.created', 1, 'public', now(), $1)
         returning insert_id
       ), place as (
         insert into evtgen.positions (position, insert_id) select 8, insert_id from event
       )
       insert into evtgen.deliveries
         (position, subscription_id, event_id, event_type, state, attempt_count, attempts, due_at)
       values (8, 'rotated', 'evt_1', 'order.created', 'pending', 1, '[{"status":500}]', now())`,
      [body],
    );
    expect(await applyMigrations(database.sql, released)).toEqual(
      released.slice(before.length).map(({ name }) => name),
    );

    const { subscriptions, deliveries } = createWebhookStore(database.sql);
    const options = { limit: 9, limitPerSubscription: 9, leaseMs: 60_000, except: [] };
    expect(await deliveries.claim(options)).toMatchObject([
      { position: 8, attemptCount: 1, body, endpoint: { id: 'rotated', sealedSecret: 'sealed-second' } },
    ]);
    const secretsOf = async (id: string): Promise<unknown> => {
      const found = await subscriptions.find(undefined, id);
      return [found?.sealedSecret, ...(found?.previousSecrets ?? []).map(({ sealedSecret }) => sealedSecret)];
    };
    expect(await secretsOf('rotated')).toEqual(['sealed-second', 'sealed-first']);
    expect(await secretsOf('long ago')).toEqual(['sealed-second']);
    expect(await secretsOf('never')).toEqual(['sealed-first']);
    for (const id of ['rotated', 'long ago', 'never']) {
      await subscriptions.rotateSecret(undefined, id, 'sealed-third', 86_400);
    }
    expect(await secretsOf('rotated')).toEqual(['sealed-third', 'sealed-second', 'sealed-first']);
    expect(await secretsOf('long ago')).toEqual(['sealed-third', 'sealed-second']);
    expect(await secretsOf('never')).toEqual(['sealed-third', 'sealed-first']);
    await subscriptions.remove(undefined, 'rotated');
    const { rows } = await database.sql.query(
      `select to_json(s)::text as row from evtgen.subscriptions s where id = 'rotated'`,
      [],
    );
    for (const secret of ['sealed-first', 'sealed-second', 'sealed-third'])
      expect(String(rows[0]?.['row'])).not.toContain(secret);
  });
});

describe.each(databaseKinds)('a database that was not migrated, on $kind', ({ open }) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open();
    await database.sql.query('alter schema evtgen rename to elsewhere', []);
  });
  afterEach(() => database.close());

  test('emit, the background work and the APIs say what is missing and what to do', async () => {
    const { log, leases, cursors } = createEventStore(database.sql);
    const { deliveries, deadLetters } = createWebhookStore(database.sql);
    const calls = [
      database.sql.transaction((tx) => log.append(tx, newEvent({}))),
      log.head(),
      leases.acquire('sequencer', 'test', 1_000),
      cursors.list(),
      deliveries.newest(),
      deadLetters.purge('all', 'letter'),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(SchemaMissingError) });
    }
    await expect(log.head()).rejects.toThrow(/run the migrations that evtgen wrote.*psql/);
  });

  test('a failure of another kind is reported as it is', async () => {
    const broken = { ...database.sql, query: () => Promise.reject(new Error('the connection is gone')) };
    await expect(createEventStore(broken).log.head()).rejects.toThrow('the connection is gone');
  });
});

describe.skipIf(isMissing(postgres))('processes that start together', () => {
  test('take turns: each migration runs once', async () => {
    const database = await openPostgres();
    const pending = ['9001-items', '9002-refunds', '9003-parcels'].map(create);
    const results = await Promise.all(
      Array.from({ length: 8 }, () => applyMigrations(database.sql, [...released, ...pending])),
    );
    expect(results.filter((names) => names.length > 0)).toEqual([pending.map(({ name }) => name)]);
    await database.close();
  });
});

function create(name: string): Migration {
  return { name, script: `create table ${name.slice('0000-'.length)} (id int);` };
}
