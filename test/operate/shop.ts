import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { databaseApi } from '../../src/attach/database-api.ts';
import type { Api } from '../../src/attach/api.ts';
import { httpApi } from '../../src/attach/http.ts';
import { composeEvents } from '../../src/kernel/events.ts';
import type { EventRegistry } from '../../src/kernel/registry.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import type { Sql, SqlClient } from '../../src/stores/postgres/sql.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';
import { eventually } from '../helpers/eventually.ts';
import { always, startReceiver } from '../helpers/receiver.ts';

/** Takes data that has a total. */
const schema = {
  safeParse: (data: unknown) =>
    typeof (data as { total?: unknown }).total === 'number'
      ? { success: true as const, data }
      : { success: false as const, error: { issues: [{ path: ['total'], message: 'is missing' }] } },
};

const registry: EventRegistry = Object.fromEntries(
  (['order.created', 'order.paid', 'user.logged_in'] as const).map((eventType) => [
    eventType,
    { eventType, version: 1, audience: eventType === 'user.logged_in' ? 'internal' : 'public', schema },
  ]),
);

export const TOKEN = 'Bearer operator';

/** An application with the event routes under `/api`, its worker, and a receiver of its webhooks. */
export async function openShop(sql: Sql) {
  const receiver = await startReceiver();
  const store = { ...createEventStore(sql), ...createWebhookStore(sql) };
  const events = composeEvents<Record<string, unknown>, SqlClient>(
    {
      source: '/shop',
      basePath: '/api',
      authorize: (request) =>
        request.headers.get('authorization') === TOKEN ? { isOperator: true } : undefined,
      isTenantRequired: false,
      allowHosts: ['127.0.0.1/32'],
      retryScheduleMs: [1],
      onInvalid: 'dead-letter',
      alert: () => undefined,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
    { store, registry, createTransport: (guard) => nodeHttpTransport({ guard }) },
  );
  const server = createServer((request, response) => events.routes.listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  events.start();
  const http = httpApi(url, { authorization: TOKEN });

  return {
    url,
    receiver,
    store,

    /** The two ways to the same log. */
    apis: {
      http,
      database: databaseApi({ sql, place: 'postgres://localhost/shop', registry }),
    } as Readonly<Record<'http' | 'database', Api>>,

    async subscribe(eventTypes: readonly string[] = ['*']): Promise<string> {
      const created = await http.call('POST', '/webhooks', { url: receiver.url, eventTypes });
      return (created as { id: string }).id;
    },

    /** Emits, and waits until all that is committed has its position. */
    async emit(...types: readonly string[]): Promise<string[]> {
      const ids: string[] = [];
      for (const [index, type] of types.entries()) {
        const data = type.endsWith('?') ? { note: 'no total' } : { total: index + 1 };
        const input = { data, subject: `ord_${index + 1}` };
        const { eventId } = await sql.transaction((tx) => events.emit(tx, type.replace('?', ''), input));
        ids.push(eventId);
      }
      await eventually('all have a position', async () => {
        const { rows } = await sql.query(`select count(*)::int as count from evtgen.events`, []);
        return (await store.log.head()) === rows[0]?.['count'];
      });
      return ids;
    },

    /** Waits until so many have arrived, and nothing of it is under way any more. */
    async received(count: number): Promise<void> {
      await eventually(`${count} have arrived`, async () => receiver.requests.length >= count);
      await eventually('all is written down', async () => {
        const { rows } = await sql.query(
          `select c.position = h.position
                  and not exists (select from evtgen.deliveries where state <> 'delivered') as is_done
             from evtgen.cursors c, evtgen.log_head h where c.reader = 'webhooks'`,
          [],
        );
        return rows[0]?.['is_done'] === true;
      });
    },

    /** What the next deliveries are answered. */
    answer(status: number): void {
      receiver.answer = always(status, status === 204 ? undefined : 'no');
    },

    async letters(count: number): Promise<void> {
      await eventually(`there are ${count} dead letters`, async () => {
        return (await store.deadLetters.count('all', {}, undefined)) === count;
      });
    },

    async close(): Promise<void> {
      await events.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await receiver.close();
    },
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;
