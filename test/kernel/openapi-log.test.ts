import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeadLettersApi } from '../../src/kernel/dead-letters-api.ts';
import { createEventsApi } from '../../src/kernel/events-api.ts';
import type { Authorize, Handler } from '../../src/kernel/http-api.ts';
import { createEventStream } from '../../src/kernel/stream.ts';
import type { EventStream } from '../../src/kernel/stream.ts';
import type { SqlClient } from '../../src/stores/postgres/sql.ts';
import { openPglite } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { authorize, openShop, registry } from '../helpers/letters.ts';
import type { Shop } from '../helpers/letters.ts';
import { createCheckedCaller, readOpenApi } from '../helpers/openapi-check.ts';
import type { OpenApiDocument } from '../helpers/openapi-check.ts';
import { resetDatabase } from '../helpers/reset-database.ts';

const OPERATOR = { 'x-operator': 'yes' };
const authorizeNobody: Authorize = () => Promise.reject(new Error('the session store is down'));

let database: TestDatabase;
let shop: Shop;
const streams: EventStream[] = [];

beforeAll(async () => {
  database = await openPglite();
  shop = await openShop(database);
});

beforeEach(() => resetDatabase(database.sql));

afterAll(async () => {
  for (const stream of streams) stream.close();
  await shop.close();
  await database.close();
});

/** Every handler below `/events`, as applications mount them. */
function eventsHandler(hook: Authorize): Handler {
  const { store, signals } = shop;
  const log = createEventsApi({ store, authorize: hook });
  const stream = createEventStream({ store, logSignal: signals.logSignal, authorize: hook });
  streams.push(stream);
  const { handle, ticket } = stream;
  const handlers = new Map<string, Handler>([
    ['/events/stream', handle],
    ['/events/stream/ticket', ticket],
  ]);
  return (request) => (handlers.get(new URL(request.url).pathname) ?? log)(request);
}

const lettersHandler = (hook: Authorize): Handler =>
  createDeadLettersApi<SqlClient>({ store: shop.store, registry, authorize: hook });

function pathOf(template: string): string {
  return template.replaceAll(/\{\w+\}/g, 'none');
}

async function routedMethods(handler: Handler, path: string): Promise<string[]> {
  const answer = await handler(new Request(`http://localhost${path}`, { method: 'OPTIONS' }));
  const allowed = (answer.headers.get('allow') ?? '').toLowerCase().split(', ');
  return allowed.filter((method) => ['head', 'options', ''].includes(method) === false).toSorted();
}

/** All that a document declares, but for what is answered before a route is entered: that is tried here. */
async function declaredStatuses(
  document: OpenApiDocument,
  handler: Handler,
  broken: Handler,
): Promise<readonly string[]> {
  const declared: string[] = [];
  for (const [template, operations] of Object.entries(document.paths)) {
    for (const [name, { operationId, responses }] of Object.entries(operations)) {
      const url = `http://localhost${pathOf(template)}`;
      const method = name.toUpperCase();
      expect([operationId, (await handler(new Request(url, { method }))).status]).toEqual([operationId, 401]);
      const failed = (await broken(new Request(url, { method }))).status;
      // A browser would not try again after a 500: its stream ends at once instead.
      expect([operationId, failed]).toEqual([operationId, operationId === 'streamEvents' ? 200 : 500]);
      expect([operationId, '500' in responses]).toEqual([operationId, failed === 500]);
      const statuses = Object.keys(responses).filter((status) => status !== '401' && status !== '500');
      declared.push(...statuses.map((status) => `${operationId} ${status}`));
    }
  }
  return declared.toSorted();
}

function shown(seen: ReadonlyMap<string, ReadonlySet<number>>): readonly string[] {
  return [...seen].flatMap(([id, statuses]) => [...statuses].map((status) => `${id} ${status}`)).toSorted();
}

describe.each([
  ['/events', eventsHandler, ['/events', '/events/stream', '/events/stream/ticket']],
  ['/dead-letters', lettersHandler, ['/dead-letters', '/dead-letters/none', '/dead-letters/none/replay']],
] as const)('the OpenAPI document of %s', (basePath, handlerOf, somePaths) => {
  let handler: Handler;
  let document: OpenApiDocument;
  beforeAll(async () => {
    handler = handlerOf(authorize);
    document = await readOpenApi(handler, basePath);
  });

  it('is valid OpenAPI 3.1, and names no operation that another document has', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...structuredClone(document) })).toEqual({ valid: true });
    const others = [
      await readOpenApi(eventsHandler(authorize), '/events'),
      await readOpenApi(lettersHandler(authorize), '/dead-letters'),
    ];
    const ids = others.flatMap(({ paths }) =>
      Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId)),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has every route of the router, and the router has every route of it', async () => {
    const described = Object.keys(document.paths).map(pathOf);
    expect(described).toEqual(expect.arrayContaining([...somePaths, `${basePath}/openapi.json`]));
    for (const [template, operations] of Object.entries(document.paths)) {
      const methods = await routedMethods(handler, pathOf(template));
      expect([template, methods]).toEqual([template, Object.keys(operations).toSorted()]);
    }
    for (const name of [
      'none',
      'stream',
      'replay',
      'purge',
      'count',
      'none/replay',
      'none/purge',
      'stream/ticket',
      'stream/none',
    ]) {
      const path = `${basePath}/${name}`;
      const isRouted = (await routedMethods(handler, path)).length > 0;
      const isShadowed = basePath === '/dead-letters' && name.includes('/') === false;
      expect([path, isRouted]).toEqual([path, described.includes(path) || isShadowed]);
    }
  });
});

it('declares the statuses that /events and the stream answer, each of them shown here, and no others', async () => {
  const handler = eventsHandler(authorize);
  const { call, seen } = createCheckedCaller(handler, '/events');
  await shop.working(async () => {
    for (const tenant of ['acme', 'globex']) {
      await shop.emit({
        tenant,
        actor: 'usr_7',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
    }
    await eventually('both have a position', async () => (await shop.store.log.head()) === 2);
  });
  const list = await call('GET', '/events?since=0&types=order.*');
  expect(list.body).toMatchObject({ data: [{ position: 1 }], position: 2 });
  await call('GET', '/events', { headers: OPERATOR });
  await call('GET', '/events/openapi.json');
  for (const query of ['since=x', 'limit=0', 'types=?']) {
    expect((await call('GET', `/events?${query}`)).status).toBe(400);
  }
  expect((await call('GET', '/events?tenant=globex')).status).toBe(403);
  const ticket = await call('POST', '/events/stream/ticket?types=order.*');
  expect(ticket.status).toBe(200);
  expect((await call('POST', '/events/stream/ticket?types=?')).status).toBe(400);
  const url = String(ticket.body['url']);
  expect((await call('GET', url)).status).toBe(200);
  expect((await call('GET', `${url}&types=user.*`)).status).toBe(403);
  expect((await call('GET', '/events/stream?lastEventId=x')).status).toBe(400);
  await database.sql.query('delete from evtgen.positions where position = 1', []);
  await database.sql.query('update evtgen.log_floor set position = 1', []);
  expect((await call('GET', '/events?since=0')).status).toBe(410);

  const document = await readOpenApi(handler, '/events');
  expect(shown(seen())).toEqual(await declaredStatuses(document, handler, eventsHandler(authorizeNobody)));
});

it('declares the statuses that dead letters answer, each of them shown here, and no others', async () => {
  const handler = lettersHandler(authorize);
  const { call, seen } = createCheckedCaller(handler, '/dead-letters');
  const refuse = (): Promise<unknown> =>
    database.sql.transaction((tx) =>
      shop.emitter.emit(tx, 'order.created', { data: { total: -1 }, tenant: 'acme', actor: 'usr_7' }),
    );
  const { letterId } = await shop.working(() => shop.exhaust());
  await refuse();
  const path = `/dead-letters/${letterId}`;
  const all = await call('GET', '/dead-letters?state=open', { headers: OPERATOR });
  expect(all.body['data']).toHaveLength(2);
  const refused = (all.body['data'] as { id: string; kind: string }[]).find(
    ({ kind }) => kind === 'pipeline_error',
  );
  await call('GET', `/dead-letters/${refused?.id}`, { headers: OPERATOR });
  expect((await call('GET', path)).body).toMatchObject({ attempts: [{ status: 500 }, { status: 500 }] });
  expect((await call('POST', `/dead-letters/${refused?.id}/replay`, { headers: OPERATOR })).status).toBe(422);
  const page = await call('POST', '/dead-letters/replay', {
    headers: OPERATOR,
    body: { kind: 'pipeline_error' },
  });
  expect(page.body['refused']).toMatchObject([{ code: 'still_invalid' }]);
  expect((await call('POST', `${path}/replay`)).status).toBe(202);
  expect((await call('POST', `${path}/replay`)).status).toBe(409);
  await call('POST', '/dead-letters/purge', { body: { state: 'replayed', limit: 1 } });
  await call('GET', '/dead-letters/openapi.json');
  expect((await call('GET', '/dead-letters?limit=0')).status).toBe(400);
  expect((await call('GET', '/dead-letters?tenant=globex')).status).toBe(403);
  for (const action of ['replay', 'purge']) {
    const post = (given: Parameters<typeof call>[2]): Promise<{ readonly status: number }> =>
      call('POST', `/dead-letters/${action}`, given);
    expect((await post({ body: '{' })).status).toBe(400);
    expect((await post({ body: { tenant: 'globex' } })).status).toBe(403);
    expect((await post({ body: `"${'x'.repeat(70_000)}"` })).status).toBe(413);
    expect((await post({ body: '{}', headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await post({ body: { colour: 'red' } })).status).toBe(422);
  }
  expect((await call('DELETE', `/dead-letters/${refused?.id}`, { headers: OPERATOR })).status).toBe(204);
  for (const [method, action] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/replay'],
  ] as const) {
    expect((await call(method, `/dead-letters/none${action}`)).status).toBe(404);
  }

  const document = await readOpenApi(handler, '/dead-letters');
  expect(shown(seen())).toEqual(await declaredStatuses(document, handler, lettersHandler(authorizeNobody)));
});

it('describes the bodies that a purge takes, and no others', async () => {
  const { call } = createCheckedCaller(lettersHandler(authorize), '/dead-letters');
  const { components } = await readOpenApi(lettersHandler(authorize), '/dead-letters');
  const takes = new Ajv2020({ strict: false }).compile(components.schemas['PurgeDeadLetters'] as object);
  const cursor = Buffer.from('letter').toString('base64url');
  const purges = [{ state: 'open' }, { tenant: 'acme', limit: 5 }, { kind: 'delivery_exhausted' }];
  const others = [{}, { limit: 5 }, { cursor }, { state: 'open', cursor }, { limit: 5, cursor }];
  for (const [bodies, status] of [
    [purges, 200],
    [others, 422],
  ] as const) {
    for (const body of bodies) {
      const answer = await call('POST', '/dead-letters/purge', { body, headers: OPERATOR });
      expect([body, answer.status, takes(body)]).toEqual([body, status, status === 200]);
    }
  }
});
