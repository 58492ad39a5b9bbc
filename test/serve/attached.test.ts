import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openUserDatabase } from '../../src/attach/user-database.ts';
import { composeEvents } from '../../src/kernel/events.ts';
import { loadRegistry } from '../../src/serve/registry.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { openPgbouncer, openPostgres, type PostgresDatabase } from '../helpers/databases.ts';
import { evtgen, repositoryRoot } from '../helpers/exec.ts';
import { startReceiver } from '../helpers/receiver.ts';
import { recordedTerminal } from '../helpers/recorded-terminal.ts';
import { isMissing, pgbouncer, postgres } from '../helpers/services.ts';
import { folderWith } from '../helpers/write-files.ts';
import { shopFiles } from '../trigger/shop.ts';
import { eventually, startServeWith } from './local-server.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');

/** The folder of an application, its database, and a webhook of one of its tenants. */
async function openApplication(open: () => Promise<PostgresDatabase> = openPostgres) {
  const database = await open();
  onTestFinished(() => database.close());
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const cwd = folderWith(shopFiles);
  symlinkSync(join(repositoryRoot, 'node_modules'), join(cwd, 'node_modules'));
  const { definitions } = await loadRegistry(cwd);
  const events = composeEvents<Record<string, unknown>, SqlClient>(
    {
      source: '/shop',
      encryptionKey: KEY,
      authorize: () => ({ tenant: 'acme', isOperator: true }),
      isTenantRequired: true,
      allowHosts: ['127.0.0.1/32'],
    },
    {
      store: { ...createEventStore(database.sql), ...createWebhookStore(database.sql) },
      registry: definitions,
      createTransport: (guard) => nodeHttpTransport({ guard }),
    },
  );
  onTestFinished(() => events.stop());
  const subscribed = await events.webhooks(
    new Request('http://shop/webhooks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: receiver.url, eventTypes: ['payment.*'] }),
    }),
  );
  expect(subscribed.status).toBe(201);
  const data = { id: 'pay_1', order_id: 'ord_1', amount: 5 };
  await database.sql.transaction((tx) =>
    events.emit(tx, 'payment.captured', { data, subject: 'ord_1', tenant: 'acme' }),
  );
  const env = { EVTGEN_SECRET_KEY: KEY, EVTGEN_WEBHOOK_ALLOW: '127.0.0.1/32' };
  return { database, receiver, cwd, env };
}

/** Everything that is there, to be compared. */
async function contents({ sql }: PostgresDatabase): Promise<unknown> {
  const { rows: tables } = await sql.query(
    `select table_name from information_schema.tables where table_schema = 'evtgen' and table_type = 'BASE TABLE'
      order by table_name`,
    [],
  );
  const found: unknown[] = [];
  for (const { table_name: name } of tables) {
    const { rows } = await sql.query(
      `select to_jsonb(t) as row from evtgen.${String(name)} t order by 1`,
      [],
    );
    found.push([name, rows]);
  }
  return found;
}

describe.skipIf(isMissing(postgres))('serve on the database of an application', { timeout: 120_000 }, () => {
  it('shows what is there and writes nothing, until it is told to work', async () => {
    const { database, receiver, cwd, env } = await openApplication();
    const before = await contents(database);
    const target = ['--database-url', database.url] as const;

    const inspector = await startServeWith(env, cwd, ...target);
    onTestFinished(async () => void (await inspector.running.stop('SIGTERM')));
    expect(inspector.ready).toMatchObject({ secret: null, isReadOnly: true });
    expect(String(inspector.ready['database'])).toMatch(/^postgres:\/\/[^@]+\/evtgen_test_\w+$/);
    const overview = await inspector.request('GET', '/_serve/overview');
    expect(overview.body).toMatchObject({
      database: { isReadOnly: true },
      subscriptions: [{ url: receiver.url, tenant: 'acme' }],
      receivers: [],
    });
    for (const [method, path] of [
      ['POST', '/events'],
      ['POST', '/webhooks'],
      ['DELETE', '/webhooks/1'],
      ['POST', '/dead-letters/1/replay'],
    ] as const) {
      expect(await inspector.request(method, path, {})).toMatchObject({
        status: 403,
        body: { code: 'read_only', detail: expect.stringContaining('--worker') },
      });
    }
    const listed = await evtgen(['events', 'list', '--json', '--url', inspector.url], { cwd });
    expect({ status: listed.status, stderr: listed.stderr }).toMatchObject({ status: 0 });
    await inspector.running.stop('SIGTERM');
    expect(await contents(database)).toEqual(before);
    expect(receiver.requests).toHaveLength(0);

    const refused = await evtgen(['serve', '--port', '0', '--worker', ...target], { cwd });
    expect(refused.stderr).toContain('set EVTGEN_SECRET_KEY to what the application has');
    const worker = await startServeWith(env, cwd, '--worker', ...target);
    onTestFinished(async () => void (await worker.running.stop('SIGTERM')));
    const { events } = await eventually(worker.overview, (seen) =>
      seen.events.some(({ deliveries }) => deliveries.some(({ state }) => state === 'delivered')),
    );
    expect(events).toMatchObject([{ eventType: 'payment.captured' }]);
    expect(receiver.requests).toHaveLength(1);
    // The subscription of a tenant can be worked with, too.
    const [subscription] = (await worker.overview()).subscriptions;
    expect(await worker.request('POST', `/webhooks/${subscription?.id}/disable`, {})).toMatchObject({
      status: 200,
    });
  });

  it('could not write if it wanted to', async () => {
    const { database, cwd } = await openApplication();
    const opened = await openUserDatabase(database.url, recordedTerminal(cwd), { isReadOnly: true });
    onTestFinished(() => opened.close());
    await expect(opened.sql.query('delete from evtgen.events', [])).rejects.toThrow('read-only');
    await expect(opened.sql.transaction((tx) => tx.query('delete from evtgen.events', []))).rejects.toThrow(
      'read-only',
    );
  });
});

describe.skipIf(isMissing(pgbouncer))(
  'serve behind PgBouncer in transaction mode',
  { timeout: 120_000 },
  () => {
    it('reads, cannot write, and leaves no session read only to others', async () => {
      const { database, cwd, env } = await openApplication(openPgbouncer);
      const before = await contents(database);
      const inspector = await startServeWith(env, cwd, '--database-url', database.url);
      onTestFinished(async () => void (await inspector.running.stop('SIGTERM')));
      const { body } = await inspector.request('GET', '/_serve/overview');
      expect(body).toMatchObject({ database: { isReadOnly: true }, subscriptions: [{ tenant: 'acme' }] });
      expect(await contents(database)).toEqual(before);

      const opened = await openUserDatabase(database.url, recordedTerminal(cwd), { isReadOnly: true });
      onTestFinished(() => opened.close());
      // As many as the pooler has sessions.
      const writes = Array.from({ length: 4 }, () => opened.sql.query('delete from evtgen.events', []));
      for (const { status } of await Promise.allSettled(writes)) expect(status).toBe('rejected');
      const theirs = Array.from({ length: 4 }, () => database.sql.query('delete from evtgen.events', []));
      await Promise.all(theirs);
    });
  },
);
