import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LeaseLostError } from '../../src/kernel/errors.ts';
import { createCursorStore } from '../../src/stores/postgres/cursors.ts';
import { createLeaseStore } from '../../src/stores/postgres/leases.ts';
import { coreDatabaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';

describe.each(coreDatabaseKinds())('leases on $kind', ({ open }) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  test('one holder at a time, and a higher epoch for each', async () => {
    const leases = createLeaseStore(database.sql);
    const first = await leases.acquire('sequencer', 'a', 60_000);
    expect(first).toEqual({ role: 'sequencer', holder: 'a', epoch: 1 });
    expect(await leases.acquire('sequencer', 'b', 60_000)).toBeUndefined();
    expect(await leases.acquire('other role', 'b', 60_000)).toMatchObject({ epoch: 1 });

    if (first === undefined) throw new Error('unreachable');
    expect(await leases.renew(first, 60_000)).toBe(true);
    await leases.release(first);
    expect(await leases.acquire('sequencer', 'b', 60_000)).toMatchObject({ holder: 'b', epoch: 2 });
    expect(await leases.renew(first, 60_000)).toBe(false);
    await leases.release(first);
    expect(await leases.acquire('sequencer', 'c', 60_000)).toBeUndefined();
  });

  test('an expired lease goes to whoever asks, and its old holder can do nothing with it', async () => {
    const leases = createLeaseStore(database.sql);
    const cursors = createCursorStore(database.sql);
    await cursors.open('redis', 'beginning');
    const old = await leases.acquire('reader:redis', 'a', 0);
    const current = await leases.acquire('reader:redis', 'b', 60_000);
    if (old === undefined || current === undefined) throw new Error('expected two leases');
    expect(current.epoch).toBe(2);

    await expect(cursors.advance(old, 7)).rejects.toThrow(LeaseLostError);
    await cursors.advance(current, 5);
    await cursors.advance(current, 3);
    expect(await cursors.list()).toEqual([{ reader: 'redis', position: 5, lag: 0 }]);
  });
});
