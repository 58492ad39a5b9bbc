import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyMigrations, loadMigrations } from '../../src/stores/postgres/migrations.ts';
import { databaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { repositoryRoot } from '../helpers/exec.ts';

describe.each(databaseKinds)('migrations on $kind', ({ open }) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  test('run once, by number', async () => {
    const all = await loadMigrations(join(repositoryRoot, 'templates/sql'));
    expect(all[0]?.name).toBe('0001-event-log');
    expect(all.map((migration) => migration.name)).toEqual(all.map((migration) => migration.name).toSorted());
    // The helper has applied them already.
    expect(await applyMigrations(database.sql, all)).toEqual([]);
    const more = { name: '9999-more', script: 'create table one (id int); create table two (id int);' };
    expect(await applyMigrations(database.sql, [...all, more])).toEqual(['9999-more']);
    expect(await applyMigrations(database.sql, [...all, more])).toEqual([]);
  });

  test('one that fails leaves nothing behind, not even those before it', async () => {
    const good = { name: '9998-good', script: 'create table good (id int)' };
    const bad = { name: '9999-bad', script: 'create table half (id int); select * from no_such_table' };
    await expect(applyMigrations(database.sql, [good, bad])).rejects.toThrow(/no_such_table/);
    await expect(database.sql.query('select * from good', [])).rejects.toThrow(/good/);
    expect(await applyMigrations(database.sql, [good])).toEqual(['9998-good']);
  });
});
