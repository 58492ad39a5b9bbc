import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import type { Alert } from '../../src/kernel/alert.ts';
import { createEmitter } from '../../src/kernel/emit.ts';
import type { EmitterOptions, OnInvalid } from '../../src/kernel/emit.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { singleStatement } from '../../src/stores/postgres/single-statement.ts';
import type { EmitTarget } from '../../src/stores/postgres/single-statement.ts';
import type { Row, SqlClient } from '../../src/stores/postgres/sql.ts';
import { databaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';

const registry = {
  'order.created': {
    eventType: 'order.created',
    version: 1,
    audience: 'public',
    schema: z.object({ id: z.string(), total: z.number() }),
  },
} as const;
interface Inputs {
  'order.created': { id: string; total: number };
}

describe.each(databaseKinds)('emit with a single statement on $kind', ({ open }) => {
  let database: TestDatabase;
  let statements: string[];
  let client: SqlClient;
  let wakeUps: number;
  let alerts: Alert[];

  beforeEach(async () => {
    database = await open();
    await database.sql.transaction((tx) =>
      tx.script('create table orders (id text primary key, total integer not null, placed_at timestamptz)'),
    );
    statements = [];
    client = {
      query(text, values) {
        statements.push(text);
        return database.sql.query(text, values);
      },
    };
    wakeUps = 0;
    alerts = [];
  });
  afterEach(() => database.close());

  function emitter(onInvalid: OnInvalid = 'throw') {
    const options: EmitterOptions<EmitTarget> = {
      registry,
      store: createEventStore(database.sql),
      source: '/orders-api',
      onInvalid,
      alert: (alert) => void alerts.push(alert),
      onEmitted: () => (wakeUps += 1),
    };
    return createEmitter<Inputs, EmitTarget>(options);
  }

  async function rowsOf(table: string): Promise<readonly Row[]> {
    return (await database.sql.query(`select * from ${table}`, [])).rows;
  }

  const INSERT = 'insert into orders (id, total, placed_at) values ($1, $2, $3) returning id, total';
  const placed = ['ord_1', 12, '2026-01-02T03:04:05Z'];
  const event = { subject: 'ord_1', tenant: 'acme', data: { id: 'ord_1', total: 12 } };

  test('writes the change and its event in one round trip, and gives what the change returned', async () => {
    const insert = singleStatement(client, INSERT, placed);
    const result = await emitter().emit(insert, 'order.created', event);

    expect(result.outcome).toBe('logged');
    expect(insert.rows).toEqual([{ id: 'ord_1', total: 12 }]);
    expect(statements).toHaveLength(1);
    expect(wakeUps).toBe(1);
    expect(await rowsOf('orders')).toHaveLength(1);
    const [row] = await rowsOf('evtgen.events');
    expect(row).toMatchObject({ event_id: result.eventId, subject: 'ord_1', tenant: 'acme', actor: null });
    expect(JSON.parse(String(row?.['body']))).toMatchObject({ data: event.data, source: '/orders-api' });
  });

  test('leaves the event out when the change touches no row', async () => {
    const ship = singleStatement(client, 'update orders set total = $2 where id = $1 returning id', [
      'ord_1',
      9,
    ]);

    expect(await emitter().emit(ship, 'order.created', event)).toMatchObject({ outcome: 'unchanged' });
    expect(ship.rows).toEqual([]);
    expect(wakeUps).toBe(0);
    expect(await rowsOf('evtgen.events')).toEqual([]);
  });

  test('writes one event however many rows the change touches', async () => {
    await database.sql.query(`insert into orders (id, total) values ('ord_1', 1), ('ord_2', 2)`, []);
    const raise = singleStatement(client, 'update orders set total = total + 1 returning id');
    await emitter().emit(raise, 'order.created', event);

    expect(raise.rows).toHaveLength(2);
    expect(await rowsOf('evtgen.events')).toHaveLength(1);
  });

  test('writes neither when the change fails', async () => {
    await database.sql.query(`insert into orders (id, total) values ('ord_1', 1)`, []);
    const insert = singleStatement(client, INSERT, placed);

    await expect(emitter().emit(insert, 'order.created', event)).rejects.toThrow(/unique|duplicate/);
    expect(await rowsOf('evtgen.events')).toEqual([]);
  });

  test('writes neither when the id of the event is taken', async () => {
    const again = { ...event, eventId: 'evt_1' };
    await emitter().emit(singleStatement(client, INSERT, placed), 'order.created', again);
    const insert = singleStatement(client, INSERT, ['ord_2', 3, null]);

    await expect(emitter().emit(insert, 'order.created', again)).rejects.toThrow(/unique|duplicate/);
    expect(await rowsOf('orders')).toHaveLength(1);
  });

  test('keeps the change and sets an invalid event aside, in one round trip too', async () => {
    const invalid = { subject: 'ord_1', data: { id: 'ord_1', total: 'twelve' as unknown as number } };
    const insert = singleStatement(client, INSERT, placed);

    expect(await emitter('dead-letter').emit(insert, 'order.created', invalid)).toMatchObject({
      outcome: 'dead_lettered',
    });
    expect(statements).toHaveLength(1);
    expect(await rowsOf('orders')).toHaveLength(1);
    expect(await rowsOf('evtgen.dead_letters')).toMatchObject([{ kind: 'pipeline_error', stage: 'emit' }]);
    expect(alerts).toHaveLength(1);
  });

  test('sets nothing aside when the change touches no row', async () => {
    const invalid = { data: { id: 'ord_1', total: 'twelve' as unknown as number } };
    const remove = singleStatement(client, 'delete from orders where id = $1 returning id', ['ord_1']);

    expect(await emitter('dead-letter').emit(remove, 'order.created', invalid)).toMatchObject({
      outcome: 'unchanged',
    });
    expect(await rowsOf('evtgen.dead_letters')).toEqual([]);
    expect(alerts).toEqual([]);
  });
});
