import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventIdConflictError, LeaseLostError } from '../../src/kernel/errors.ts';
import { readerRole } from '../../src/kernel/lease.ts';
import type { NewEvent, PipelineError } from '../../src/kernel/event.ts';
import type { EventStore, Lease } from '../../src/kernel/ports.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { coreDatabaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { newEvent } from '../helpers/events.ts';

describe.each(coreDatabaseKinds())('event store on $kind', ({ open }) => {
  let database: TestDatabase;
  let store: EventStore<SqlClient>;

  beforeEach(async () => {
    database = await open();
    store = createEventStore(database.sql);
  });
  afterEach(() => database.close());

  function append(...events: NewEvent[]): Promise<void> {
    return database.sql.transaction(async (tx) => {
      for (const event of events) await store.log.append(tx, event);
    });
  }

  async function lead(role = 'sequencer'): Promise<Lease> {
    const lease = await store.leases.acquire(role, 'test', 60_000);
    if (lease === undefined) throw new Error('the lease is taken');
    return lease;
  }

  test('an event comes out as it went in, with the next position', async () => {
    const full = newEvent({
      eventId: 'first',
      audience: 'internal',
      subject: 'ord_1',
      tenant: 'acme',
      actor: 'user_7',
      timestamp: '2026-01-02T03:04:05.006Z',
      version: 3,
    });
    const bare = newEvent({ eventId: 'second', subject: undefined, tenant: undefined });
    await append(full, bare);
    expect(await store.log.read(0, 10)).toEqual([]);

    expect(await store.log.stamp(await lead(), 10)).toEqual({ count: 2, head: 2 });
    const { actor: _actor, isIdGiven: _given, ...logged } = full;
    const { actor: _none, isIdGiven: _chosen, ...loggedBare } = bare;
    expect(await store.log.read(0, 10)).toEqual([
      { ...logged, position: 1 },
      { ...loggedBare, position: 2 },
    ]);
  });

  test('text survives as it is: every character that JSON can write', async () => {
    const data = { text: '\u0000 \ud800 🚀 "\\ \u2028 é e\u0301', number: 0.1 };
    const event = newEvent({ data });
    await append(event);
    await store.log.stamp(await lead(), 1);
    const [logged] = await store.log.read(0, 1);
    expect(JSON.parse(logged?.body ?? '')).toMatchObject({ data });
  });

  test('a rolled-back event leaves no trace, and no gap', async () => {
    const failure = new Error('the business change failed');
    await append(newEvent({ eventId: 'kept-1' }));
    await expect(
      database.sql.transaction(async (tx) => {
        await store.log.append(tx, newEvent({ eventId: 'lost' }));
        throw failure;
      }),
    ).rejects.toBe(failure);
    await append(newEvent({ eventId: 'kept-2' }));

    expect(await store.log.stamp(await lead(), 10)).toEqual({ count: 2, head: 2 });
    expect((await store.log.read(0, 10)).map(({ eventId, position }) => [eventId, position])).toEqual([
      ['kept-1', 1],
      ['kept-2', 2],
    ]);
  });

  test('positions go on across batches, and reading pages by them', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `event-${index}`);
    await append(...ids.map((eventId) => newEvent({ eventId })));
    const lease = await lead();
    expect(await store.log.stamp(lease, 10)).toEqual({ count: 10, head: 10 });
    expect(await store.log.stamp(lease, 10)).toEqual({ count: 10, head: 20 });
    expect(await store.log.stamp(lease, 10)).toEqual({ count: 5, head: 25 });
    expect(await store.log.stamp(lease, 10)).toEqual({ count: 0, head: 25 });

    const read: string[] = [];
    for (let after = 0; ;) {
      const page = await store.log.read(after, 7);
      if (page.length === 0) break;
      read.push(...page.map((event) => event.eventId));
      after = page.at(-1)?.position ?? 0;
    }
    expect(read).toEqual(ids);
    expect(await store.log.head()).toBe(25);
    expect(await store.log.oldest()).toBe(1);
  });

  test('an empty log has head and oldest 0', async () => {
    expect(await store.log.head()).toBe(0);
    expect(await store.log.oldest()).toBe(0);
    expect(await store.log.stamp(await lead(), 10)).toEqual({ count: 0, head: 0 });
  });

  test('the same event again changes nothing, later and in another trace as well', async () => {
    await append(newEvent({ eventId: 'once', timestamp: '2026-01-01T00:00:00.000Z' }));
    await append(newEvent({ eventId: 'once', timestamp: '2026-01-01T00:00:09.000Z', traceparent: 'other' }));
    const twice = newEvent({ eventId: 'twice in one transaction' });
    await append(twice, twice);
    expect(await store.log.stamp(await lead(), 10)).toEqual({ count: 2, head: 2 });
    expect((await store.log.read(0, 1))[0]?.timestamp).toBe('2026-01-01T00:00:00.000Z');
  });

  test.each([
    ['data', { data: { total: 2 } }],
    ['type', { eventType: 'order.updated' }],
    ['version', { version: 2 }],
    ['subject', { subject: 'another order' }],
    ['tenant', { tenant: 'another tenant' }],
  ])('the same event id with another %s is refused', async (_what, change) => {
    await append(newEvent({ eventId: 'once' }));
    await expect(append(newEvent({ eventId: 'once', ...change }))).rejects.toThrow(EventIdConflictError);
    expect(await store.log.stamp(await lead(), 10)).toEqual({ count: 1, head: 1 });
  });

  test('a leader of the past stamps nothing', async () => {
    await append(newEvent({}));
    const old = await store.leases.acquire('sequencer', 'old', 0);
    if (old === undefined) throw new Error('the lease is taken');
    const current = await lead();
    await expect(store.log.stamp(old, 10)).rejects.toThrow(LeaseLostError);
    expect(await store.log.head()).toBe(0);
    expect(await store.log.stamp(current, 10)).toEqual({ count: 1, head: 1 });
  });

  test('a new cursor begins at the head or at the beginning, an old one where it was', async () => {
    await append(newEvent({}), newEvent({}));
    await store.log.stamp(await lead(), 10);
    expect(await store.cursors.open('late', 'head')).toBe(2);
    expect(await store.cursors.open('early', 'beginning')).toBe(0);
    await store.cursors.advance(await lead(readerRole('early')), 1);
    expect(await store.cursors.open('early', 'head')).toBe(1);
    expect(await store.cursors.list()).toEqual([
      { reader: 'early', position: 1, lag: 1 },
      { reader: 'late', position: 2, lag: 0 },
    ]);
  });

  test('a cursor moves forward only, and only for the current leader', async () => {
    await store.cursors.open('redis', 'beginning');
    const old = await store.leases.acquire(readerRole('redis'), 'old', 0);
    if (old === undefined) throw new Error('the lease is taken');
    await store.cursors.advance(old, 5);
    const current = await lead(readerRole('redis'));
    await expect(store.cursors.advance(old, 9)).rejects.toThrow(LeaseLostError);
    await store.cursors.advance(current, 3);
    expect(await store.cursors.open('redis', 'beginning')).toBe(5);
  });

  test('an event that was set aside becomes one dead letter, however often that happens', async () => {
    await store.cursors.open('redis', 'beginning');
    const lease = await lead(readerRole('redis'));
    await store.cursors.setAside(lease, pipelineError({ id: 'a' }));
    await store.cursors.setAside(lease, pipelineError({ id: 'b' }));
    await store.cursors.setAside(lease, pipelineError({ id: 'c', reader: 'kafka' }));
    const { rows } = await database.sql.query(
      `select id, kind, reader from evtgen.dead_letters order by id`,
      [],
    );
    expect(rows).toEqual([
      { id: 'a', kind: 'pipeline_error', reader: 'redis' },
      { id: 'c', kind: 'pipeline_error', reader: 'kafka' },
    ]);
    await store.leases.release(lease);
    await lead(readerRole('redis'));
    await expect(store.cursors.setAside(lease, pipelineError({ id: 'd' }))).rejects.toThrow(LeaseLostError);
  });

  test('a refused event becomes a dead letter with the transaction, or goes with it', async () => {
    const error = pipelineError({ id: 'a', stage: 'emit', reader: undefined, error: 'bad \u0000 key' });
    await database.sql.transaction((tx) => store.log.appendPipelineError(tx, error));
    await expect(
      database.sql.transaction(async (tx) => {
        await store.log.appendPipelineError(tx, { ...error, id: 'b' });
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    const { rows } = await database.sql.query(`select id, stage, error from evtgen.dead_letters`, []);
    expect(rows).toEqual([{ id: 'a', stage: 'emit', error: 'bad  key' }]);
  });
});

function pipelineError(change: Partial<PipelineError>): PipelineError {
  return {
    id: 'letter',
    stage: 'publish',
    reader: 'redis',
    eventId: 'event',
    eventType: 'order.created',
    version: 1,
    subject: undefined,
    tenant: undefined,
    actor: undefined,
    position: 1,
    body: '{}',
    error: 'too large',
    ...change,
  };
}
