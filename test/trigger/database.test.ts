import { expect, it, onTestFinished } from 'vitest';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { composeEvents } from '../../src/kernel/events.ts';
import { loadRegistry } from '../../src/serve/registry.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { openPostgres } from '../helpers/databases.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { recordedTerminal } from '../helpers/recorded-terminal.ts';
import { isMissing, postgres, urlOf } from '../helpers/services.ts';
import { folderWith } from '../helpers/write-files.ts';
import { planned, refusal, shopFiles, trigger } from './shop.ts';

/** A project that has `pg`. */
function shop(): string {
  const cwd = folderWith(shopFiles);
  symlinkSync(join(repositoryRoot, 'node_modules'), join(cwd, 'node_modules'));
  return cwd;
}

it.skipIf(isMissing(postgres))('writes into a database what the application would', async () => {
  const database = await openPostgres();
  onTestFinished(() => database.close());
  const cwd = shop();
  const options = { type: 'order.created', seed: 3, tenant: 'acme', databaseUrl: true } as const;
  const terminal = recordedTerminal(cwd, { env: { DATABASE_URL: database.url } });
  const { exitCode } = await trigger(cwd, options, terminal);
  expect(exitCode).toBe(0);
  expect(terminal.results[0]).toMatch(
    /^sent order\.created of order_\w+ to postgres:\/\/[^@]+\/evtgen_test_\w+$/,
  );

  const [event] = await planned(cwd, { ...options, tenant: undefined, databaseUrl: undefined });
  const { definitions } = await loadRegistry(cwd);
  const application = composeEvents<Record<string, unknown>, SqlClient>(
    { source: '/shop' },
    {
      store: { ...createEventStore(database.sql), ...createWebhookStore(database.sql) },
      registry: definitions,
      createTransport: (guard) => nodeHttpTransport({ guard }),
    },
  );
  onTestFinished(() => application.stop());
  await database.sql.transaction((tx) =>
    application.emit(tx, 'order.created', { data: event?.data, subject: event?.subject, tenant: 'acme' }),
  );
  const { rows } = await database.sql.query(
    'select to_jsonb(e) as row from evtgen.events e order by insert_id',
    [],
  );
  const [triggered, emitted] = rows.map(({ row }) => {
    const {
      insert_id: _insert,
      event_id: _id,
      occurred_at: _happened,
      recorded_at: _at,
      body,
      ...columns
    } = row as Record<string, string>;
    const { eventId: _eventId, timestamp: _timestamp, ...envelope } = JSON.parse(body ?? '{}');
    return { columns, envelope };
  });
  expect(triggered).toMatchObject({ envelope: { source: '/shop', data: event?.data } });
  expect(triggered).toEqual(emitted);
});

it.skipIf(isMissing(postgres))('says what is missing in the database', async () => {
  const cwd = shop();
  const refused = await refusal(trigger(cwd, { type: 'order.created', databaseUrl: urlOf(postgres) }));
  expect(refused.text).toContain('has no event log: run the migrations of evtgen there');
  const gone = 'postgres://nobody:secret@127.0.0.1:1/shop';
  const unreachable = await refusal(trigger(cwd, { type: 'order.created', databaseUrl: gone }));
  expect(unreachable.text).toMatch(/^postgres:\/\/127\.0\.0\.1:1\/shop cannot be used: /);
});
