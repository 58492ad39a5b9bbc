import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createInbox } from '../../src/stores/postgres/inbox.ts';
import type { IncomingEvent } from '../../src/stores/postgres/inbox.ts';
import type { SqlTransaction } from '../../src/stores/postgres/sql.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { useDatabase } from '../helpers/use-database.ts';

function order(position: number | undefined, parts: Partial<IncomingEvent> = {}): IncomingEvent {
  return { id: randomUUID(), source: '/orders-api', subject: 'ord_1', position, ...parts };
}

describe.each(databaseKinds)('on $kind', (kind) => {
  const database = useDatabase(kind);
  // A name of its own for each test.
  const inboxOf = (): ReturnType<typeof createInbox> => createInbox({ consumer: randomUUID() });
  const inTransaction = <T>(run: (tx: SqlTransaction) => Promise<T>): Promise<T> =>
    database.sql.transaction(run);

  test('an event is new once, for each consumer and source', async () => {
    const [billing, mail] = [inboxOf(), inboxOf()];
    const event = order(1);
    expect(await inTransaction((tx) => billing.receive(tx, event))).toBe('new');
    expect(await inTransaction((tx) => billing.receive(tx, event))).toBe('repeated');
    expect(await inTransaction((tx) => mail.receive(tx, event))).toBe('new');
    const other = { ...event, source: '/shop-api' };
    expect(await inTransaction((tx) => billing.receive(tx, other))).toBe('new');
  });

  test('one whose transaction was rolled back is new again', async () => {
    const inbox = inboxOf();
    const event = order(1);
    const failed = inTransaction(async (tx) => {
      expect(await inbox.receive(tx, event)).toBe('new');
      throw new Error('the handler failed');
    });
    await expect(failed).rejects.toThrow('the handler failed');
    expect(await inTransaction((tx) => inbox.receive(tx, event))).toBe('new');
  });

  test('a lower position of a subject is late, and of another subject is not', async () => {
    const inbox = inboxOf();
    const arrivals = await inTransaction(async (tx) => [
      // As text, as headers have it; 10 is more than 9.
      await inbox.receive(tx, order(9, { position: '9' })),
      await inbox.receive(tx, order(10, { position: '10' })),
      await inbox.receive(tx, order(8)),
      await inbox.receive(tx, order(10)),
      await inbox.receive(tx, order(2, { subject: 'ord_2' })),
      await inbox.receive(tx, order(11)),
    ]);
    expect(arrivals).toEqual(['new', 'new', 'late', 'late', 'new', 'new']);
  });

  test('what was late is repeated when it comes again', async () => {
    const inbox = inboxOf();
    const late = order(1);
    const arrivals = await inTransaction(async (tx) => [
      await inbox.receive(tx, order(2)),
      await inbox.receive(tx, late),
      await inbox.receive(tx, late),
    ]);
    expect(arrivals).toEqual(['new', 'late', 'repeated']);
  });

  test('events without position or subject go by their ids alone', async () => {
    const inbox = inboxOf();
    const replayed = order(undefined);
    const arrivals = await inTransaction(async (tx) => [
      await inbox.receive(tx, order(5)),
      await inbox.receive(tx, replayed),
      await inbox.receive(tx, replayed),
      await inbox.receive(tx, order(3, { subject: undefined })),
    ]);
    expect(arrivals).toEqual(['new', 'new', 'repeated', 'new']);
  });

  test('only what is older than asked for is forgotten', async () => {
    const inbox = createInbox({ consumer: randomUUID(), keepDays: 7 });
    const [old, recent] = [order(1, { subject: 'ord_old' }), order(2, { subject: 'ord_recent' })];
    await inTransaction(async (tx) => {
      await inbox.receive(tx, old);
      await inbox.receive(tx, recent);
      const age = `now() - interval '8 days'`;
      await tx.query(`update evtgen.inbox set received_at = ${age} where event_id = $1`, [old.id]);
      await tx.query(`update evtgen.inbox_positions set updated_at = ${age} where subject = $1`, ['ord_old']);
    });
    expect(await inbox.purge(database.sql)).toBe(2);
    expect(await inbox.purge(database.sql)).toBe(0);
    expect(await inTransaction((tx) => inbox.receive(tx, recent))).toBe('repeated');
    expect(await inTransaction((tx) => inbox.receive(tx, old))).toBe('new');
  });

  test.skipIf(kind.kind === 'pglite')('of two processes with one event in hand, one has it new', async () => {
    const inbox = inboxOf();
    const events = Array.from({ length: 20 }, (_, index) =>
      order(index + 1, { subject: `ord_${index % 3}` }),
    );
    const handled: string[] = [];
    const work = async (): Promise<void> => {
      for (const event of events) {
        await inTransaction(async (tx) => {
          if ((await inbox.receive(tx, event)) === 'new') handled.push(event.id);
        });
      }
    };
    await Promise.all([work(), work(), work()]);
    expect(handled.toSorted()).toEqual(events.map(({ id }) => id).toSorted());
  });
});
