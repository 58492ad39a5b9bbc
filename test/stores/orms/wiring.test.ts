import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { planWiring } from '../../../src/codemod/wire.ts';
import { openProject, type Project } from '../../../src/scan/project.ts';
import type { Mutation } from '../../../src/scan/report.ts';
import { createEmitter } from '../../../src/kernel/emit.ts';
import { emitThrough } from '../../../src/stores/postgres/emit-through.ts';
import { createEventStore } from '../../../src/stores/postgres/event-store.ts';
import type { EmitTarget } from '../../../src/stores/postgres/single-statement.ts';
import { openPostgres, type PostgresDatabase } from '../../helpers/databases.ts';
import { isMissing, postgres } from '../../helpers/services.ts';
import { ormFolder, ormPackages } from './installed.ts';
import { ORDERS_TABLE } from './shop.ts';
import type { Handlers } from './wiring/handlers.ts';

/** By the name of the store whose transactions it takes. */
const MODULES = {
  prisma: 'prisma',
  drizzle: 'drizzle',
  typeorm: 'typeorm',
  'mikro-orm': 'mikro-orm',
  sequelize: 'sequelize',
  kysely: 'kysely',
  knex: 'knex',
  objection: 'knex',
  'postgres-js': 'postgres-js',
  pg: 'pg',
  'pg-pool': 'pg',
} as const;
const EVENTS = {
  place: 'order.placed',
  placeChecked: 'order.placed',
  ship: 'order.shipped',
  cancel: 'order.cancelled',
  copy: 'order.copied',
  again: 'order.repeated',
} as const;

/** Fails at the commit, as a constraint does that is checked there. */
const REFUSAL = `
create function refuse() returns trigger language plpgsql as $$
begin
  if exists (select from orders where number = 'refused') then raise exception 'refused at the commit'; end if;
  return null;
end $$;
create constraint trigger refusal after insert on orders
  deferrable initially deferred for each row execute function refuse()`;

const schema = z.object({ id: z.union([z.string(), z.number()]) });
const registry = Object.fromEntries(
  Object.values(EVENTS).map((eventType) => [
    eventType,
    { eventType, version: 1, audience: 'public' as const, schema },
  ]),
);

/** What makes a target for `emit` of the transactions of a store; `pg` needs none. */
const TARGETS: Readonly<Record<string, () => Promise<((tx: never) => EmitTarget) | null>>> = {
  pg: async () => null,
  prisma: async () => (await import('../../../src/stores/prisma.ts')).prismaTarget,
  drizzle: async () => {
    const { drizzleTarget } = await import('../../../src/stores/drizzle.ts');
    return drizzleTarget((await import('drizzle-orm')).sql);
  },
  typeorm: async () => (await import('../../../src/stores/typeorm.ts')).typeOrmTarget,
  'mikro-orm': async () => (await import('../../../src/stores/mikro-orm.ts')).mikroOrmTarget,
  sequelize: async () => (await import('../../../src/stores/sequelize.ts')).sequelizeTarget,
  kysely: async () => {
    const { kyselyTarget } = await import('../../../src/stores/kysely.ts');
    return kyselyTarget((await import('kysely')).CompiledQuery);
  },
  knex: async () => (await import('../../../src/stores/knex.ts')).knexTarget,
  'postgres-js': async () => (await import('../../../src/stores/postgres-js.ts')).postgresJsTarget,
};

interface Emitted {
  readonly eventType: string;
  readonly subject: string | null;
}

describe.skipIf(isMissing(postgres) || isMissing(ormPackages))('what is wired', () => {
  // Beside the packages, so that they are found.
  let root = '';
  let project: Project;
  let database: PostgresDatabase;

  beforeAll(async () => {
    root = mkdtempSync(join(ormFolder, '.wired-'));
    cpSync(join(ormFolder, 'wiring'), root, { recursive: true });
    mkdirSync(join(root, 'events'));
    project = openProject(root);
    database = await openPostgres();
    await database.pool.query(ORDERS_TABLE);
    await database.pool.query(REFUSAL);
  });
  afterAll(async () => {
    await database.close();
    rmSync(root, { recursive: true });
  });

  describe.each(Object.entries(MODULES))('with %s', (name, store) => {
    let handlers: Handlers;
    let isRefusing = false;

    beforeAll(async () => {
      await wire(root, project, name, store);
      const targetOf = TARGETS[store];
      if (targetOf === undefined) throw new Error(`no target for ${store}`);
      const target = await targetOf();
      const events = createEventStore(database.sql);
      const outbox = target === null ? events : emitThrough(events, target as never);
      const { emit } = createEmitter<Record<string, object>, unknown>({
        store: outbox as never,
        registry,
        source: '/orders-api',
        onInvalid: 'throw',
      });
      isRefusing = false;
      const emitOrFail: typeof emit = async (...given) => {
        const result = await emit(...given);
        if (isRefusing) throw new Error('refused after the event');
        return result;
      };
      Object.assign(globalThis, { [`emitFor_${name}`]: emitOrFail });
      const { open } = (await import(join(root, `${name}.ts`))) as { open: (url: string) => Handlers };
      handlers = await open(database.url);
    });
    afterAll(() => handlers.close());
    beforeEach(async () => {
      await database.pool.query('delete from evtgen.events');
      await database.pool.query('delete from orders');
      isRefusing = false;
    });

    const emitted = async (): Promise<Emitted[]> =>
      (
        await database.pool.query(
          'select event_type as "eventType", subject from evtgen.events order by insert_id',
        )
      ).rows;
    const ids = async (): Promise<string[]> =>
      (await database.pool.query('select id from orders')).rows.map(({ id }) => String(id));

    test('a lone insert publishes one event', async () => {
      await handlers.place('A-1');
      const [id] = await ids();
      expect(await emitted()).toEqual([{ eventType: 'order.placed', subject: id }]);
    });

    test('so does one in a transaction', async () => {
      await handlers.placeChecked('A-1', () => {});
      const [id] = await ids();
      expect(await emitted()).toEqual([{ eventType: 'order.placed', subject: id }]);
    });

    test('none when the handler throws after the write', async () => {
      const failing = handlers.placeChecked('A-1', () => {
        throw new Error('sold out');
      });
      await expect(failing).rejects.toThrow('sold out');
      expect(await emitted()).toEqual([]);
      expect(await ids()).toEqual([]);
    });

    test.each(['place', 'placeChecked', 'copy', 'again'] as const)(
      'none when the commit of %s is refused',
      async (handler) => {
        // Knex does not tell of it when the transaction is committed by hand.
        await Promise.allSettled([handlers[handler]?.('refused', () => {})]);
        expect(await emitted()).toEqual([]);
        expect(await ids()).toEqual([]);
      },
    );

    test.each(['place', 'placeChecked', 'copy', 'again'] as const)(
      'neither row nor event when %s fails after both',
      async (handler) => {
        isRefusing = true;
        await Promise.allSettled([handlers[handler]?.('A-1', () => {})]);
        expect(await emitted()).toEqual([]);
        expect(await ids()).toEqual([]);
      },
    );

    test.each(['ship', 'cancel'] as const)(
      '%s changes nothing when it fails after its event',
      async (handler) => {
        await handlers.place('A-1');
        const [id = ''] = await ids();
        const before = await database.pool.query('select * from orders');
        isRefusing = true;
        await expect(handlers[handler](id)).rejects.toThrow('refused after the event');
        expect(await emitted()).toHaveLength(1);
        expect((await database.pool.query('select * from orders')).rows).toEqual(before.rows);
      },
    );

    test.each(['copy', 'again'] as const)(
      '%s publishes one event of its own for the write that it shares',
      async (handler) => {
        const isThere = handlers[handler] !== undefined;
        await handlers[handler]?.('A-1');
        const [id] = await ids();
        expect(await emitted()).toEqual(isThere ? [{ eventType: EVENTS[handler], subject: id }] : []);
      },
    );

    test.each(['ship', 'cancel'] as const)(
      '%s publishes one event of a row that is there',
      async (handler) => {
        await handlers.place('A-1');
        const [id = ''] = await ids();
        await handlers[handler](id);
        expect((await emitted()).slice(1)).toEqual([{ eventType: EVENTS[handler], subject: id }]);
      },
    );

    test.each(['ship', 'cancel'] as const)('%s publishes none of a row that is not', async (handler) => {
      // Some throw.
      await Promise.allSettled([handlers[handler]('4711')]);
      expect(await emitted()).toEqual([]);
    });
  });
});

async function wire(root: string, project: Project, name: string, store: string): Promise<void> {
  const file = `${name}.ts`;
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const mutations = Object.keys(EVENTS).flatMap((handler): Mutation[] => {
    const line = lines.findIndex((text) => text.includes(`async ${handler}(`)) + 1;
    if (line === 0) return [];
    const mutation: Mutation = {
      method: 'POST',
      path: `/${handler}`,
      framework: 'express',
      file,
      line,
      handler: { name: handler, file, line },
      partial: false,
      kind: 'mutation',
      eventType: null,
      confidence: 'high',
      payload: null,
      payloadSource: 'none',
      sensitive: [],
    };
    return [mutation];
  });
  const { wirings, changes } = planWiring({
    project,
    mutations,
    catalog: {
      catalogVersion: 1,
      eventTypes: Object.fromEntries(
        Object.values(EVENTS).map((type) => [type, { version: 1, audience: 'public', subject: 'id' }]),
      ),
      mutations: Object.fromEntries(
        Object.entries(EVENTS).map(([handler, event]) => [`POST /${handler}`, { event }]),
      ),
    },
    schemaOf: () => ({ type: 'object', properties: { id: {} }, required: ['id'] }),
    output: `events-${name}`,
    specifierEnding: '.ts',
    store,
    isAll: false,
    isInjected: false,
    isUnwiring: false,
    beside: [],
  });
  expect(
    wirings.map(({ mutation, outcome, reason }) =>
      `${mutation} ${outcome} ${outcome === 'by_hand' ? reason : ''}`.trim(),
    ),
  ).toEqual([
    'POST /place wrapped',
    'POST /placeChecked joined',
    'POST /ship wrapped',
    'POST /cancel wrapped',
    ...mutations.slice(4).map(({ path }) => `POST ${path} wrapped`),
  ]);
  // Of those that can hand a transaction down, none goes untested.
  expect(mutations).toHaveLength(['prisma', 'drizzle', 'knex', 'kysely'].includes(name) ? 6 : 4);
  for (const { path, after } of changes) writeFileSync(join(root, path), after ?? '');
  mkdirSync(join(root, `events-${name}/stores`), { recursive: true });
  const runner = new URL('../../../src/stores/in-transaction.ts', import.meta.url).pathname;
  writeFileSync(
    join(root, `events-${name}/stores/in-transaction.ts`),
    `export { inTransaction } from ${JSON.stringify(runner)};\n`,
  );
  writeFileSync(
    join(root, `events-${name}/setup.ts`),
    `export const events = { emit: (...given) => globalThis['emitFor_${name}'](...given) };\n`,
  );
}
