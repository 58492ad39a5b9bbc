import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeadLettersApi } from '../../src/kernel/dead-letters-api.ts';
import { createEventsApi } from '../../src/kernel/events-api.ts';
import { createHistory } from '../../src/kernel/history.ts';
import type { Handler } from '../../src/kernel/http-api.ts';
import { createSignal } from '../../src/kernel/signal.ts';
import { createEventStream } from '../../src/kernel/stream.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { databaseKinds } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { readOpenApi } from '../helpers/openapi-check.ts';
import type { OpenApiDocument } from '../helpers/openapi-check.ts';
import { always } from '../helpers/receiver.ts';
import { authorizeByHeader, openWebhooksApp, shopRegistry } from '../helpers/webhooks-app.ts';
import type { Json, WebhooksApp } from '../helpers/webhooks-app.ts';

const ACME = 'acme';
const GLOBEX = 'globex';

/** What a tenant could tell of another one's rows: everything but the counters that all share. */
const TABLES = ['subscriptions', 'deliveries', 'dead_letters'] as const;

describe.each(databaseKinds)('nothing of one tenant is seen or touched by another, on $kind', ({ open }) => {
  let database: TestDatabase;
  let app: WebhooksApp;
  let subscriptionId: string;
  let deliveredId: string;
  let exhaustedId: string;

  beforeAll(async () => {
    database = await open();
    app = await openWebhooksApp(database);
    subscriptionId = (await app.subscribe({ headers: { 'x-key': 'k' } })).replace('/webhooks/', '');
    await app.withWorker(async () => {
      deliveredId = await app.emit({ tenant: ACME });
      await eventually('it is delivered', async () => (await stateOf(deliveredId)) === 'delivered');
      app.receiver.answer = always(500);
      exhaustedId = await app.emit({ tenant: ACME });
      await eventually('it is given up', async () => (await stateOf(exhaustedId)) === 'exhausted');
    });
    app.receiver.answer = always(204);
  });

  afterAll(async () => {
    await app.close();
    await database.close();
  });

  const stateOf = async (eventId: string): Promise<string | undefined> =>
    (await app.store.deliveries.find(subscriptionId, eventId))?.state;

  async function rowsOfAcme(): Promise<unknown[]> {
    const rows: unknown[] = [];
    for (const table of TABLES) {
      const found = await database.sql.query(
        `select to_json(t)::text as row from evtgen.${table} t
          where to_json(t)::text like '%' || $1 || '%' order by 1`,
        [subscriptionId],
      );
      rows.push(...found.rows);
    }
    return rows;
  }

  const emitAs = (tenant: string): Promise<string> =>
    app.withWorker(async () => {
      const before = await app.store.log.head();
      const eventId = await app.emit({ tenant });
      await eventually('it has a position', async () => (await app.store.log.head()) > before);
      return eventId;
    });

  it('at any route of the webhooks API', async () => {
    const before = await rowsOfAcme();
    expect(before.length).toBeGreaterThanOrEqual(4);
    const { paths } = await readOpenApi(app.handler);
    const walkedIds = new Set<string>();
    const bodies: Record<string, Json> = {
      changeSubscription: { description: 'taken over' },
      recoverDeliveries: { sincePosition: 0 },
    };
    for (const [template, operations] of Object.entries(paths)) {
      if (template.includes('{id}') === false) continue;
      for (const [method, { operationId }] of Object.entries(operations)) {
        for (const eventId of [deliveredId, exhaustedId]) {
          const path = template.replace('{id}', subscriptionId).replace('{eventId}', eventId);
          const answer = await app.call(method.toUpperCase(), path, {
            tenant: GLOBEX,
            body: bodies[operationId],
          });
          expect([operationId, answer.status, answer.body['code']]).toEqual([operationId, 404, 'not_found']);
          walkedIds.add(operationId);
        }
      }
    }
    expect((await app.call('GET', '/webhooks', { tenant: GLOBEX })).body).toEqual({
      data: [],
      nextCursor: null,
    });
    // Creating is what the others below begin with.
    expect([...walkedIds, 'listSubscriptions', 'createSubscription', 'describeWebhooks'].toSorted()).toEqual(
      operationIdsOf(paths),
    );
    expect(await rowsOfAcme()).toEqual(before);
  });

  it('by sending again what a subscription of their own never got', async () => {
    const before = await rowsOfAcme();
    const path = await app.subscribe({ eventTypes: ['*'] }, { tenant: GLOBEX });
    await app.withWorker(async () => {
      app.receiver.requests.length = 0;
      for (const eventId of [deliveredId, exhaustedId]) {
        for (const [method, action] of [
          ['GET', ''],
          ['POST', '/resend'],
        ] as const) {
          const { status } = await app.call(method, `${path}/deliveries/${eventId}${action}`, {
            tenant: GLOBEX,
          });
          expect([method, status]).toEqual([method, 404]);
        }
      }
      for (const since of [{ sincePosition: 0 }, { since: '2020-01-01T00:00:00Z' }]) {
        const recovered = await app.call('POST', `${path}/recover`, { tenant: GLOBEX, body: since });
        expect(recovered.body).toEqual({ recovered: 0, nextSincePosition: null });
      }
      const ping = await app.call('POST', `${path}/test`, { tenant: GLOBEX });
      expect(ping.body['isDelivered']).toBe(true);
    });
    // The ping alone.
    expect(app.receiver.requests).toHaveLength(1);
    expect(await rowsOfAcme()).toEqual(before);
  });

  it('in the store, whatever the API asks of it', async () => {
    const before = await rowsOfAcme();
    const { subscriptions } = app.store;
    const revise = (): never => {
      throw new Error('it was found');
    };
    expect(await subscriptions.find(GLOBEX, subscriptionId)).toBeUndefined();
    expect(await subscriptions.update(GLOBEX, subscriptionId, revise)).toBeUndefined();
    expect(await subscriptions.rotateSecret(GLOBEX, subscriptionId, 'sealed', 60)).toBeUndefined();
    expect(await subscriptions.enable(GLOBEX, subscriptionId, 'resume')).toBeUndefined();
    expect(await subscriptions.remove(GLOBEX, subscriptionId)).toBe(false);
    expect(await rowsOfAcme()).toEqual(before);
  });

  it('by using the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'order-service-1' };
    const own = await app.create({}, { tenant: ACME, headers });
    const other = await app.create({}, { tenant: GLOBEX, headers });
    expect([own.status, other.status]).toEqual([201, 201]);
    expect(other.body['id']).not.toBe(own.body['id']);
  });

  it.each([{}, { 'x-customer': 'yes' }])('at any route of dead letters, as %j', async (headers) => {
    const before = await rowsOfAcme();
    const api = createDeadLettersApi<SqlClient>({
      store: app.store,
      registry: shopRegistry,
      authorize: authorizeByHeader,
    });
    const { rows } = await database.sql.query(`select id from evtgen.dead_letters`, []);
    const letterId = String(rows[0]?.['id']);
    const call = callerOf(api, headers);
    const { paths } = await readOpenApi(api, '/dead-letters');
    const walked = new Set<string>();
    for (const [template, operations] of Object.entries(paths)) {
      if (template.includes('{id}') === false) continue;
      for (const [method, { operationId }] of Object.entries(operations)) {
        const [status, body] = await call(method.toUpperCase(), template.replace('{id}', letterId));
        expect([operationId, status, body]).toMatchObject([operationId, 404, { code: 'not_found' }]);
        walked.add(operationId);
      }
    }
    for (const query of ['', `?subscriptionId=${subscriptionId}`, '?state=replayed', `?tenant=${GLOBEX}`]) {
      expect(await call('GET', `/dead-letters${query}`)).toMatchObject([200, { data: [] }]);
    }
    expect(await call('POST', '/dead-letters/replay', {})).toMatchObject([
      202,
      { replayed: 0, remaining: 0 },
    ]);
    expect(await call('POST', '/dead-letters/purge', { state: 'open' })).toMatchObject([
      200,
      { purged: 0, remaining: 0 },
    ]);
    expect((await call('GET', `/dead-letters?tenant=${ACME}`))[0]).toBe(403);
    for (const action of ['replay', 'purge']) {
      expect((await call('POST', `/dead-letters/${action}`, { tenant: ACME }))[0]).toBe(403);
    }
    const more = ['listDeadLetters', 'replayDeadLetters', 'purgeDeadLetters', 'describeDeadLetters'];
    expect([...walked, ...more].toSorted()).toEqual(operationIdsOf(paths));
    expect(await rowsOfAcme()).toEqual(before);
  });

  it.each([{}, { 'x-customer': 'yes' }])('in the log, as %j', async (headers) => {
    const own = await emitAs(GLOBEX);
    const api = createEventsApi({ store: app.store, authorize: authorizeByHeader });
    const call = callerOf(api, headers);
    // All of them are of the same subject and type.
    for (const query of [
      '',
      '?since=0',
      '?subject=ord_1',
      '?types=order.*',
      '?limit=100',
      `?tenant=${GLOBEX}`,
    ]) {
      const [status, body] = await call('GET', `/events${query}`);
      const eventIds = (body as { data: { eventId: string }[] }).data.map(({ eventId }) => eventId);
      expect([query, status, eventIds]).toEqual([query, 200, expect.arrayContaining([own])]);
      for (const eventId of [deliveredId, exhaustedId]) expect(eventIds).not.toContain(eventId);
    }
    expect((await call('GET', `/events?tenant=${ACME}`))[0]).toBe(403);
    const history: string[] = [];
    const log = createHistory<Json>({ store: app.store });
    for await (const { eventId } of log.history('ord_1', { tenant: GLOBEX })) history.push(eventId);
    expect(history).toContain(own);
    for (const eventId of [deliveredId, exhaustedId]) expect(history).not.toContain(eventId);
    // The stream and its tickets are walked below.
    const { paths } = await readOpenApi(api, '/events');
    expect(operationIdsOf(paths)).toEqual([
      'createStreamTicket',
      'describeEvents',
      'listEvents',
      'streamEvents',
    ]);
  });

  it('on the stream, by headers or with a ticket', async () => {
    const logSignal = createSignal();
    const stream = createEventStream({
      store: app.store,
      logSignal,
      authorize: authorizeByHeader,
      ticketKey: new Uint8Array(32).fill(7),
    });
    const own = await emitAs(GLOBEX);
    const issued = await stream.ticket(
      new Request('http://localhost/events/stream/ticket', {
        method: 'POST',
        headers: { 'x-tenant': GLOBEX },
      }),
    );
    const { url } = (await issued.json()) as { url: string };
    for (const request of [
      new Request('http://localhost/events/stream?lastEventId=0', { headers: { 'x-tenant': GLOBEX } }),
      new Request(`http://localhost${url}&lastEventId=0`),
    ]) {
      const response = await stream.handle(request);
      expect(response.status).toBe(200);
      const text = await readUntil(response, own);
      expect(text).not.toContain(deliveredId);
      expect(text).not.toContain(exhaustedId);
    }
    stream.close();
  });
});

/** Calls an API as the other tenant. */
function callerOf(api: Handler, headers: Readonly<Record<string, string>>) {
  return async (method: string, path: string, body?: Json): Promise<[number, unknown]> => {
    const init = {
      method,
      headers: { 'x-tenant': GLOBEX, 'content-type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    };
    const response = await api(new Request(`http://localhost${path}`, init));
    return [response.status, await response.json()];
  };
}

function operationIdsOf(paths: OpenApiDocument['paths']): string[] {
  return Object.values(paths)
    .flatMap((operations) => Object.values(operations).map(({ operationId }) => operationId))
    .toSorted();
}

/** What a stream sends up to the first block that has `wanted` in it. */
async function readUntil(response: Response, wanted: string): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (text.includes(wanted) === false) {
    const { done, value } = await reader.read();
    if (done || value === undefined) throw new Error(`the stream ended: ${text}`);
    text += Buffer.from(value).toString();
  }
  await reader.cancel();
  return text;
}
