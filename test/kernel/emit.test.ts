import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import type { Alert } from '../../src/kernel/alert.ts';
import { createEmitter } from '../../src/kernel/emit.ts';
import type { EmitterOptions } from '../../src/kernel/emit.ts';
import {
  EventIdConflictError,
  EventTooLargeError,
  InvalidEventError,
  UnknownEventTypeError,
} from '../../src/kernel/errors.ts';
import type { Clock } from '../../src/kernel/ports.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { coreDatabaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';

const orderCreated = z.object({
  id: z.string(),
  total: z.string(),
  placedAt: z.string(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
});
const registry = {
  'order.created': { eventType: 'order.created', version: 2, audience: 'public', schema: orderCreated },
  'user.created': {
    eventType: 'user.created',
    version: 1,
    audience: 'internal',
    schema: z.object({ id: z.int(), bytes: z.int().optional() }),
  },
} as const;
interface Inputs {
  'order.created': z.input<typeof orderCreated>;
  'user.created': { id: number };
}

const order = {
  id: 'ord_1',
  total: '12.50',
  placedAt: new Date('2026-01-02T03:04:05.678Z'),
  lines: [{ sku: 'a', quantity: 2n, costPrice: 1 }],
  passwordHash: 'never to be seen',
};

const clock: Clock = {
  now: () => Date.parse('2026-06-07T08:09:10.011Z'),
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
};

describe.each(coreDatabaseKinds())('emit on $kind', ({ open }) => {
  let database: TestDatabase;
  let alerts: Alert[];
  let onEmitted: ReturnType<typeof vi.fn<() => void>>;

  beforeEach(async () => {
    database = await open();
    alerts = [];
    onEmitted = vi.fn<() => void>();
  });
  afterEach(() => database.close());

  function emitter(options: Partial<EmitterOptions<SqlClient>> = {}) {
    return createEmitter<Inputs, SqlClient>({
      registry,
      store: createEventStore(database.sql),
      source: '/orders-api',
      clock,
      alert: (alert) => void alerts.push(alert),
      onEmitted,
      ...options,
    });
  }

  async function rowsOf(table: 'events' | 'dead_letters') {
    const { rows } = await database.sql.query(`select * from evtgen.${table}`, []);
    return rows.map((row) => ({ ...row, body: JSON.parse(String(row['body'])) as unknown }));
  }

  test('stores the parsed data, without what the schema does not declare', async () => {
    const result = await database.sql.transaction((tx) =>
      emitter().emit(tx, 'order.created', {
        data: order,
        subject: order.id,
        tenant: 'acme',
        actor: 'user_7',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      }),
    );
    expect(result).toEqual({ eventId: expect.any(String), outcome: 'logged' });
    expect(result.eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(await rowsOf('events')).toMatchObject([
      {
        event_id: result.eventId,
        event_type: 'order.created',
        version: 2,
        audience: 'public',
        subject: 'ord_1',
        tenant: 'acme',
        actor: 'user_7',
      },
    ]);
    expect((await rowsOf('events'))[0]?.body).toEqual({
      eventId: result.eventId,
      eventType: 'order.created',
      version: 2,
      timestamp: '2026-06-07T08:09:10.011Z',
      source: '/orders-api',
      data: {
        id: 'ord_1',
        total: '12.50',
        placedAt: '2026-01-02T03:04:05.678Z',
        lines: [{ sku: 'a', quantity: 2 }],
      },
      subject: 'ord_1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(onEmitted).toHaveBeenCalledTimes(1);
  });

  test('takes a subject that is a number, and leaves out a trace that nobody could read', async () => {
    const traceparent = '00-00000000000000000000000000000000-b7ad6b7169203331-01';
    await emitter().emit(database.sql, 'user.created', { data: { id: 7 }, subject: 7n, traceparent });
    const [event] = await rowsOf('events');
    expect(event).toMatchObject({ subject: '7', audience: 'internal' });
    expect(event?.body).not.toHaveProperty('traceparent');
  });

  test('issues exactly one statement in the transaction of the caller', async () => {
    const statements: string[] = [];
    await database.sql.transaction(async (tx) => {
      const spy: SqlClient = {
        query: (text, values) => {
          statements.push(text.trim());
          return tx.query(text, values);
        },
      };
      await emitter().emit(spy, 'user.created', { data: { id: 1 } });
    });
    expect(statements).toEqual([expect.stringMatching(/^insert into evtgen\.events/)]);
  });

  test('is idempotent on a given event id, and refuses other content', async () => {
    const { emit } = emitter();
    const first = await emit(database.sql, 'user.created', { data: { id: 1 }, eventId: 'signup-1' });
    expect(await emit(database.sql, 'user.created', { data: { id: 1 }, eventId: 'signup-1' })).toEqual(first);
    await expect(
      emit(database.sql, 'user.created', { data: { id: 2 }, eventId: 'signup-1' }),
    ).rejects.toThrow(EventIdConflictError);
    expect(await rowsOf('events')).toHaveLength(1);
  });

  test.each([
    ['data', { data: { id: 'seven' } }, /^invalid user\.created: data\.id: /],
    [
      'data that cannot be read',
      { data: { toJSON: () => raise('lazy relation') } },
      /data: cannot be read: lazy/,
    ],
    ['an event id with a dot', { data: { id: 1 }, eventId: 'a.b' }, /eventId: must not contain a dot/],
    ['an empty event id', { data: { id: 1 }, eventId: '' }, /eventId: must not be empty/],
    ['a subject that no database holds', { data: { id: 1 }, subject: 'a\u0000' }, /subject: .* control/],
    ['a tenant that is too long', { data: { id: 1 }, tenant: 'x'.repeat(257) }, /tenant: has 257 characters/],
  ])('throws on %s in development', async (_what, input, message) => {
    const { emit } = emitter({ onInvalid: 'throw' });
    const emitted = emit(database.sql, 'user.created', input as never);
    await expect(emitted).rejects.toThrow(InvalidEventError);
    await expect(emitted).rejects.toThrow(message);
    expect(await rowsOf('events')).toEqual([]);
    expect(await rowsOf('dead_letters')).toEqual([]);
  });

  test('throws on an unknown type, also on one that every object has', async () => {
    const { emit } = emitter({ onInvalid: 'dead-letter' });
    const input = { data: {} } as never;
    await expect(emit(database.sql, 'order.lost' as never, input)).rejects.toThrow(UnknownEventTypeError);
    await expect(emit(database.sql, 'constructor' as never, input)).rejects.toThrow(UnknownEventTypeError);
  });

  test('in production an invalid event becomes a dead letter, and the business change commits', async () => {
    await database.sql.transaction((tx) => tx.script('create table orders (id text)'));
    const result = await database.sql.transaction(async (tx) => {
      await tx.query(`insert into orders values ('ord_1')`, []);
      return emitter({ onInvalid: 'dead-letter' }).emit(tx, 'order.created', {
        data: { ...order, total: 12.5, user: { name: 'Ann', api_key: 'k', resetToken: 't' } } as never,
        subject: 'ord_1',
        tenant: 'acme',
      });
    });
    expect(result.outcome).toBe('dead_lettered');
    expect((await database.sql.query('select id from orders', [])).rows).toEqual([{ id: 'ord_1' }]);
    expect(await rowsOf('events')).toEqual([]);
    expect(onEmitted).not.toHaveBeenCalled();
    expect(await rowsOf('dead_letters')).toMatchObject([
      {
        kind: 'pipeline_error',
        stage: 'emit',
        event_id: result.eventId,
        subject: 'ord_1',
        tenant: 'acme',
        error: expect.stringMatching(/^invalid order\.created: data\.total: /),
        body: { eventId: result.eventId, data: { id: 'ord_1', total: 12.5, user: { name: 'Ann' } } },
      },
    ]);
    expect(JSON.stringify(await rowsOf('dead_letters'))).not.toMatch(/never to be seen|api_key|resetToken/);
    expect(alerts).toMatchObject([
      {
        kind: 'dead_letter.pipeline_error',
        eventId: result.eventId,
        eventType: 'order.created',
        tenant: 'acme',
      },
    ]);
  });

  test('the dead letter of a rolled-back change is gone with it', async () => {
    const { emit } = emitter({ onInvalid: 'dead-letter' });
    await expect(
      database.sql.transaction(async (tx) => {
        await emit(tx, 'user.created', { data: { id: 'seven' } as never });
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await rowsOf('dead_letters')).toEqual([]);
  });

  test('limits the size of an event, counted in bytes', async () => {
    const text = '🚀'.repeat(100);
    const { emit } = emitter({ onInvalid: 'throw', maxEventBytes: 500 });
    const input = { data: { ...order, id: text }, subject: 'ord_1' };
    await expect(emit(database.sql, 'order.created', input)).rejects.toThrow(EventTooLargeError);
    await expect(emit(database.sql, 'order.created', input)).rejects.toThrow(/the limit is 500/);
    expect(await emit(database.sql, 'order.created', { data: order })).toMatchObject({ outcome: 'logged' });

    const kept = await emitter({ onInvalid: 'dead-letter', maxEventBytes: 500 }).emit(
      database.sql,
      'order.created',
      input,
    );
    expect(kept.outcome).toBe('dead_lettered');
  });

  test('limits it to 256 KiB unless told otherwise', async () => {
    const emit = (id: string, maxEventBytes?: number): Promise<unknown> =>
      emitter({ onInvalid: 'throw', maxEventBytes }).emit(database.sql, 'order.created', {
        data: { ...order, id },
      });
    const refused = await emit('', 1).catch((error: unknown) => error);
    const { bytes } = refused as EventTooLargeError;
    await emit('x'.repeat(262_144 - bytes));
    await expect(emit('x'.repeat(262_145 - bytes))).rejects.toThrow(EventTooLargeError);
    expect(await rowsOf('events')).toHaveLength(1);
  });

  test('a tenant can be made compulsory', async () => {
    const { emit } = emitter({ isTenantRequired: true, onInvalid: 'throw' });
    await expect(emit(database.sql, 'user.created', { data: { id: 1 } })).rejects.toThrow(
      /tenant: is missing/,
    );
    await emit(database.sql, 'user.created', { data: { id: 1 }, tenant: 'acme' });
    expect(await rowsOf('events')).toHaveLength(1);
  });
});

describe('the default for invalid events', () => {
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    ['production', 'dead_lettered'],
    ['development', 'thrown'],
    ['test', 'thrown'],
  ])('with NODE_ENV=%s they are %s', async (environment, outcome) => {
    vi.stubEnv('NODE_ENV', environment);
    const appendPipelineError = vi.fn<() => Promise<void>>(() => Promise.resolve());
    const log = { append: () => Promise.resolve(), appendPipelineError } as never;
    const { emit } = createEmitter<Inputs, null>({ registry, store: { log }, source: '/orders-api' });
    const actual = await emit(null, 'user.created', { data: {} as never }).then(
      (result) => result.outcome,
      () => 'thrown',
    );
    expect(actual).toBe(outcome);
    expect(appendPipelineError).toHaveBeenCalledTimes(outcome === 'thrown' ? 0 : 1);
  });

  test('an alert hook that fails harms nothing, and is not passed over in silence', async () => {
    const errors: string[] = [];
    const ignore = (): void => undefined;
    const logger = { info: ignore, warn: ignore, error: (message: string) => void errors.push(message) };
    const log = { appendPipelineError: () => Promise.resolve() } as never;
    const { emit } = createEmitter<Inputs, null>({
      registry,
      store: { log },
      source: '/orders-api',
      onInvalid: 'dead-letter',
      alert: () => raise('pager is down'),
      logger,
    });
    expect(await emit(null, 'user.created', { data: {} as never })).toMatchObject({
      outcome: 'dead_lettered',
    });
    await vi.waitFor(() => expect(errors).toHaveLength(2));
    expect(errors[0]).toMatch(/alert hook failed .* pager is down/);
    expect(errors[1]).toMatch(/^user.created was not logged/);
  });
});

function raise(message: string): never {
  throw new Error(message);
}
