import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from '../helpers/databases.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { readOpenApi } from '../helpers/openapi-check.ts';
import type { OpenApiDocument } from '../helpers/openapi-check.ts';
import { openWebhooksApp } from '../helpers/webhooks-app.ts';
import type { CallOptions, WebhooksApp } from '../helpers/webhooks-app.ts';

describe('the OpenAPI document of the webhooks API', () => {
  let database: TestDatabase;
  let app: WebhooksApp;
  let broken: WebhooksApp;
  let document: OpenApiDocument;

  beforeAll(async () => {
    database = await openPglite();
    app = await openWebhooksApp(database);
    broken = await openWebhooksApp(database, {
      authorize: () => Promise.reject(new Error('the session store is down')),
    });
    document = await readOpenApi(app.handler);
  });

  afterAll(async () => {
    await app.close();
    await broken.close();
    await database.close();
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...structuredClone(document) })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('names each operation once', () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has every route of the router, and the router has every route of it', async () => {
    for (const [template, operations] of Object.entries(document.paths)) {
      const path = template.replaceAll(/\{\w+\}/g, 'none');
      const { headers } = await app.call('OPTIONS', path);
      const allowed = (headers.get('allow') ?? '').toLowerCase().split(', ');
      const routed = allowed.filter((method) => method !== 'head' && method !== 'options');
      expect([path, routed.toSorted()]).toEqual([path, Object.keys(operations).toSorted()]);
    }
    // One path of every shape that a router could know below these; none answers but those described.
    const names = ['', '/openapi.json', '/none'];
    const actions = [
      '',
      'enable',
      'disable',
      'test',
      'recover',
      'rotate-secret',
      'deliveries',
      'secret',
      'pause',
    ];
    const more = ['', '/deliveries/none', '/deliveries/none/resend', '/deliveries/none/cancel'];
    const paths = new Set([
      ...names.map((name) => `/webhooks${name}`),
      ...actions.map((action) => `/webhooks/none/${action}`.replace(/\/$/, '')),
      ...more.map((path) => `/webhooks/none${path}`),
    ]);
    const described = Object.keys(document.paths).map((template) => template.replaceAll(/\{\w+\}/g, 'none'));
    for (const path of paths) {
      const { status } = await app.call('OPTIONS', path);
      expect([path, status]).toEqual([path, described.includes(path) ? 204 : 404]);
    }
  });

  it('declares the statuses that the router answers, each of them shown here, and no others', async () => {
    const created = await app.create({}, { headers: { 'idempotency-key': 'k' } });
    const path = `/webhooks/${String(created.body['id'])}`;
    await app.create({}, { headers: { 'idempotency-key': 'k' } });
    await database.sql.query(`update evtgen.idempotency_keys set is_completed = false`, []);
    await app.create({}, { headers: { 'idempotency-key': 'k' } });
    const gone = await app.create({}, { headers: { 'idempotency-key': 'l' } });
    await app.call('DELETE', `/webhooks/${String(gone.body['id'])}`);
    await app.create({}, { headers: { 'idempotency-key': 'l' } });
    const eventId = await app.withWorker(async () => {
      const id = await app.emit();
      await eventually('it is delivered', async () => {
        const delivery = await app.store.deliveries.find(String(created.body['id']), id);
        return delivery?.state === 'delivered';
      });
      return id;
    });

    const one = `${path}/deliveries/${eventId}`;
    const none = '/webhooks/none';
    const requests: [string, string, string, unknown?][] = [
      ['GET', '/webhooks', ''],
      ['GET', path, none],
      ['PATCH', path, none, {}],
      ['POST', `${path}/enable`, `${none}/enable`],
      ['POST', `${path}/rotate-secret`, `${none}/rotate-secret`],
      ['POST', `${path}/test`, `${none}/test`],
      ['GET', `${path}/deliveries`, `${none}/deliveries`],
      ['GET', one, `${path}/deliveries/none`],
      ['POST', `${one}/resend`, `${path}/deliveries/none/resend`],
      ['POST', `${path}/recover`, `${none}/recover`, { sincePosition: 0 }],
      ['POST', `${path}/disable`, `${none}/disable`],
      ['GET', '/webhooks/openapi.json', ''],
    ];
    for (const [method, known, , body] of requests) {
      expect((await app.call(method, known, { body })).status).toBeLessThan(300);
    }
    for (const [method, , unknown, body] of requests.filter(([, , path]) => path !== '')) {
      expect((await app.call(method, unknown, { body })).status).toBe(404);
    }
    // It is disabled by now.
    for (const [action, body] of [
      [`deliveries/${eventId}/resend`, undefined],
      ['recover', { sincePosition: 0 }],
    ] as const) {
      expect((await app.call('POST', `${path}/${action}`, { body })).status).toBe(409);
    }
    for (const query of ['', `/${String(created.body['id'])}/deliveries`]) {
      expect((await app.call('GET', `/webhooks${query}?limit=0`)).status).toBe(400);
    }
    const faults: [number, CallOptions][] = [
      [400, { body: '{' }],
      [413, { body: `"${'x'.repeat(70_000)}"` }],
      [415, { body: '{}', headers: { 'content-type': 'text/plain' } }],
      [422, { body: { colour: 'red' } }],
    ];
    const posts = ['enable', 'disable', 'rotate-secret', 'test', 'recover', `deliveries/${eventId}/resend`];
    for (const [status, given] of faults) {
      expect((await app.call('POST', '/webhooks', given)).status).toBe(status);
      expect((await app.call('PATCH', path, given)).status).toBe(status);
      for (const action of posts) {
        expect((await app.call('POST', `${path}/${action}`, given)).status).toBe(status);
      }
    }
    expect((await app.call('DELETE', path)).status).toBe(204);
    expect((await app.call('DELETE', path)).status).toBe(404);

    const declared: string[] = [];
    for (const [template, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        declared.push(
          ...Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`),
        );
        const call = [method.toUpperCase(), template.replaceAll(/\{\w+\}/g, 'none')] as const;
        const anonymous = await app.handler(new Request(`http://localhost${call[1]}`, { method: call[0] }));
        expect(anonymous.status).toBe(401);
        const failed = await broken.handler(new Request(`http://localhost${call[1]}`, { method: call[0] }));
        expect(failed.status).toBe(500);
      }
    }
    const shown = [...app.seen()].flatMap(([id, statuses]) =>
      [...statuses].map((status) => `${id} ${status}`),
    );
    // These two come before any route is entered, and were just seen at every one of them.
    const everywhere = declared.filter((entry) => / (?:401|500)$/.test(entry));
    expect([...new Set([...shown, ...everywhere])].toSorted()).toEqual(declared.toSorted());
  });
});
