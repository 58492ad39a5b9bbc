import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { createDeliver } from '../../src/kernel/deliver.ts';
import { createSecretBox } from '../../src/kernel/secret-box.ts';
import { decodeSecret } from '../../src/kernel/secret.ts';
import { computeSignature } from '../../src/kernel/sign.ts';
import { databaseKinds } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { createManualClock } from '../helpers/manual-clock.ts';
import { always } from '../helpers/receiver.ts';
import { useDatabase } from '../helpers/use-database.ts';
import { openWebhooksApp } from '../helpers/webhooks-app.ts';
import type { Answer, Json, WebhooksApp } from '../helpers/webhooks-app.ts';

describe.each(databaseKinds)('subscriptions on $kind', (databaseKind) => {
  const database = useDatabase(databaseKind);
  let app: WebhooksApp;

  beforeAll(async () => {
    app = await openWebhooksApp(database);
  });
  afterAll(() => app.close());
  beforeEach(() => {
    app.receiver.requests.length = 0;
    app.receiver.answer = always(204);
  });

  const patch = (path: string, body: unknown, type = 'application/merge-patch+json'): Promise<Answer> =>
    app.call('PATCH', path, { body, headers: { 'content-type': type } });

  const columns = async (): Promise<Json> => {
    const { rows } = await database.sql.query(`select * from evtgen.subscriptions`, []);
    return rows[0] as Json;
  };

  const headersSent = async (): Promise<Record<string, unknown>> => {
    const [endpoint] = await app.store.subscriptions.endpoints();
    const sealed = endpoint?.sealedHeaders;
    return sealed === undefined
      ? {}
      : (JSON.parse(app.secretBox.open(sealed, endpoint?.id ?? '')) as Record<string, unknown>);
  };

  it('take every setting when they are created', async () => {
    const settings = {
      description: 'warehouse',
      payload: 'cloudevents-binary',
      versions: { 'order.created': 1 },
      isOrdered: true,
      maxPerSecond: 0.5,
      retrySchedule: [1, 604_800],
    };
    const { status, body } = await app.create({ ...settings, eventTypes: ['order.created'] });
    expect(status).toBe(201);
    expect(body).toMatchObject(settings);
    const [endpoint] = await app.store.subscriptions.endpoints();
    expect(endpoint).toMatchObject(settings);
  });

  it('pin the current version of every public event type that their filter takes, unless one is given', async () => {
    const all = await app.create({ eventTypes: ['*'] });
    expect(all.body['versions']).toEqual({ 'order.created': 1, 'order.paid': 3, 'user.updated': 1 });
    const newest = await app.create({ eventTypes: ['order.*'], versions: { 'order.paid': null } });
    expect(newest.body['versions']).toEqual({ 'order.created': 1 });
  });

  it.each<[Json, string, RegExp]>([
    [{ payload: 'xml' }, '#/payload', /envelope, standard/],
    [{ payload: 1 }, '#/payload', /one of/],
    [{ versions: [] }, '#/versions', /object/],
    [{ versions: { 'order.paid': 2 } }, '#/versions/order.paid', /^must be one of 3$/],
    [{ versions: { 'order.paid': '3' } }, '#/versions/order.paid', /one of/],
    [{ versions: { 'order.lost': 1 } }, '#/versions/order.lost', /no known event type/],
    [{ versions: { 'user.logged_in': 1 } }, '#/versions/user.logged_in', /no known event type/],
    [{ versions: { 'order.*': 1 } }, '#/versions/order.*', /no event type/],
    [{ isOrdered: 'yes' }, '#/isOrdered', /true or false/],
    [{ maxPerSecond: 0 }, '#/maxPerSecond', /0\.01 to 10000/],
    [{ maxPerSecond: 10_001 }, '#/maxPerSecond', /0\.01 to 10000/],
    [{ maxPerSecond: '5' }, '#/maxPerSecond', /number/],
    [{ retrySchedule: 5 }, '#/retrySchedule', /array/],
    [{ retrySchedule: Array(11).fill(60) }, '#/retrySchedule', /at most 10/],
    [{ retrySchedule: [60, 0] }, '#/retrySchedule/1', /from 1 to 604800/],
    [{ retrySchedule: [604_801] }, '#/retrySchedule/0', /from 1 to 604800/],
    [{ retrySchedule: [1.5] }, '#/retrySchedule/0', /whole/],
    [{ headers: ['a'] }, '#/headers', /object/],
    [{ headers: { 'x-key': 5 } }, '#/headers/x-key', /string/],
    [{ headers: { 'x-key': 'a\r\nb: c' } }, '#/headers/x-key', /printable/],
    [{ description: 5 }, '#/description', /string/],
    [{ description: 'a\0' }, '#/description', /string/],
    [{ eventTypes: ['order.lost'] }, '#/eventTypes/0', /matches no event type/],
    [{ url: 'https://inside.example/' }, '#/url', /public addresses/],
    [{ url: null }, '#/url', /string/],
    [{ eventTypes: null }, '#/eventTypes', /array/],
    [{ secret: 'whsec_chosen' }, '#/secret', /unknown/],
  ])('refuse %j in POST and in PATCH, and change nothing', async (change, pointer, detail) => {
    const path = await app.subscribe();
    const before = await columns();
    for (const refused of [await app.create(change), await patch(path, change)]) {
      expect(refused.status).toBe(422);
      expect(refused.body['errors']).toEqual([{ pointer, detail: expect.stringMatching(detail) }]);
    }
    expect(await columns()).toEqual(before);
  });

  it('tell of all fields at fault at once', async () => {
    const refused = await app.create({ url: 'ftp://a', eventTypes: [], isOrdered: 1, colour: 'red' });
    const pointers = (refused.body['errors'] as Json[]).map((error) => error['pointer']);
    expect(pointers.toSorted()).toEqual(['#/colour', '#/eventTypes', '#/isOrdered', '#/url']);
  });

  describe('PATCH', () => {
    it('changes what it names and leaves the rest, and the fan-out learns of it', async () => {
      const path = await app.subscribe({ description: 'warehouse', maxPerSecond: 5 });
      const before = await app.store.subscriptions.change();
      const changed = await patch(path, { isOrdered: true, retrySchedule: [] });
      expect(changed.status).toBe(200);
      expect(changed.body).toMatchObject({
        description: 'warehouse',
        maxPerSecond: 5,
        isOrdered: true,
        retrySchedule: [],
      });
      expect((await app.call('GET', path)).body).toEqual(changed.body);
      expect(await app.store.subscriptions.change()).toBeGreaterThan(before);
    });

    it('resets to the default what is null (RFC 7396)', async () => {
      const path = await app.subscribe({
        description: 'warehouse',
        payload: 'thin',
        isOrdered: true,
        maxPerSecond: 5,
        retrySchedule: [60],
        headers: { 'X-Key': 'k' },
      });
      const nothing = { description: null, payload: null, isOrdered: null, maxPerSecond: null };
      const { body } = await patch(path, { ...nothing, retrySchedule: null, headers: null });
      expect(body).toMatchObject({ ...nothing, payload: 'envelope', isOrdered: false, retrySchedule: null });
      expect(await headersSent()).toEqual({});
    });

    it('merges headers and versions member by member', async () => {
      const path = await app.subscribe({ headers: { 'X-Key': 'k', 'X-Team': 'a' } });
      await patch(path, { headers: { 'x-team': 'b', 'x-key': null, 'X-New': 'n' } });
      expect(await headersSent()).toEqual({ 'x-team': 'b', 'x-new': 'n' });
      const unpinned = await patch(path, { versions: { 'order.paid': null } });
      expect(unpinned.body['versions']).toEqual({ 'order.created': 1 });
      // A filter that takes more pins what is new in it, and nothing that was let loose before.
      const wider = await patch(path, { eventTypes: ['order.*', 'user.*'] });
      expect(wider.body['versions']).toEqual({ 'order.created': 1, 'user.updated': 1 });
      const reset = await patch(path, { versions: null });
      expect(reset.body['versions']).toEqual({ 'order.created': 1, 'order.paid': 3, 'user.updated': 1 });
    });

    it('refuses headers that become too many by merging', async () => {
      const many = (prefix: string): Json =>
        Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`${prefix}-${index}`, 'v']));
      const path = await app.subscribe({ headers: many('a') });
      const refused = await patch(path, { headers: many('b') });
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/headers' }] } });
      expect(Object.keys(await headersSent())).toHaveLength(15);
    });

    it('takes a header named __proto__ for what it is', async () => {
      await app.create(JSON.parse('{"headers":{"__proto__":"v"}}') as Json);
      expect(Object.entries(await headersSent())).toEqual([['__proto__', 'v']]);
    });

    it('takes merge patches and plain JSON, and nothing else', async () => {
      const path = await app.subscribe();
      expect((await patch(path, { isOrdered: true }, 'application/json; charset=utf-8')).status).toBe(200);
      const refused = await patch(path, [], 'application/json-patch+json');
      expect(refused.status).toBe(415);
      expect(refused.headers.get('accept-patch')).toBe('application/merge-patch+json, application/json');
      expect((await patch(path, [])).status).toBe(400);
      expect((await app.call('PATCH', path)).status).toBe(200);
    });

    it('loses no change to another that is made at the same time', async () => {
      const path = await app.subscribe();
      const names = Array.from({ length: 8 }, (_, index) => `x-${index}`);
      await Promise.all(names.map((name) => patch(path, { headers: { [name]: 'v' } })));
      expect(Object.keys(await headersSent()).toSorted()).toEqual(names);
    });
  });

  it('show the names of their headers and never a value', async () => {
    const headers = { 'x-token': 'do-not-tell', Authorization: 'Bearer do-not-tell' };
    const created = await app.create({ headers });
    const path = `/webhooks/${String(created.body['id'])}`;
    const names = ['authorization', 'x-token'];
    const one = await app.call('GET', path);
    const list = await app.call('GET', '/webhooks');
    const enabled = await app.call('POST', `${path}/enable`);
    for (const { body } of [created, one, enabled]) expect(body['headerNames']).toEqual(names);
    expect(list.body['data']).toMatchObject([{ headerNames: names }]);
    expect(JSON.stringify([created, one, list, enabled])).not.toContain('do-not-tell');
    const patched = await patch(path, { headers: { authorization: null } });
    expect(patched.body['headerNames']).toEqual(['x-token']);
  });

  it('whose encryption key is lost are shown all the same, and can be mended and deleted', async () => {
    const path = await app.subscribe({ headers: { 'x-token': 'do-not-tell' } });
    const other = await openWebhooksApp(database, {
      secretBox: createSecretBox([{ id: 'k2', key: new Uint8Array(32).fill(8) }]),
    });
    expect(await other.call('GET', '/webhooks')).toMatchObject({
      status: 200,
      body: { data: [{ headerNames: null }] },
    });
    const patched = (body: unknown): ReturnType<WebhooksApp['call']> =>
      other.call('PATCH', path, { body, headers: { 'content-type': 'application/merge-patch+json' } });
    expect(await patched({ description: 'mine' })).toMatchObject({
      status: 200,
      body: { headerNames: null },
    });
    expect((await app.call('GET', path)).body['headerNames']).toEqual(['x-token']);
    // There is nothing to merge into.
    expect((await patched({ headers: { 'x-other': 'b' } })).status).toBe(500);
    expect(await patched({ headers: null })).toMatchObject({ status: 200, body: { headerNames: [] } });
    expect((await patched({ headers: { 'x-other': 'b' } })).body['headerNames']).toEqual(['x-other']);
    expect((await other.call('DELETE', path)).status).toBe(204);
    await other.close();
  });

  describe('rotate-secret', () => {
    const signatures = (): string[] =>
      String(app.receiver.requests.at(-1)?.headers['webhook-signature']).split(' ');

    const verify = (secret: unknown): unknown => {
      const request = app.receiver.requests.at(-1);
      return new Webhook(String(secret)).verify(
        String(request?.body),
        request?.headers as Record<string, string>,
      );
    };

    it('signs with both secrets until the overlap ends, then with the new one only', async () => {
      const created = await app.create();
      const path = `/webhooks/${String(created.body['id'])}`;
      const rotated = await app.call('POST', `${path}/rotate-secret`);
      expect(rotated.status).toBe(200);
      expect(rotated.body['secret']).not.toBe(created.body['secret']);
      const until = Date.parse(String(rotated.body['previousSecretExpiresAt']));
      expect(Math.abs(until - Date.now() - 86_400_000)).toBeLessThan(60_000);

      await app.call('POST', `${path}/test`);
      expect(signatures()).toHaveLength(2);
      verify(rotated.body['secret']);
      verify(created.body['secret']);

      await database.sql.query(
        `update evtgen.subscriptions set previous_secret_expires_at = now() - interval '1 second'`,
        [],
      );
      await app.call('POST', `${path}/test`);
      expect(signatures()).toHaveLength(1);
      verify(rotated.body['secret']);
      expect(() => verify(created.body['secret'])).toThrow(/signature/i);
    });

    it('keeps every secret until its own overlap ends, whatever is rotated after it', async () => {
      const created = await app.create();
      const path = `/webhooks/${String(created.body['id'])}`;
      const rotate = async (overlapSeconds: number): Promise<unknown> => {
        const { body } = await app.call('POST', `${path}/rotate-secret`, { body: { overlapSeconds } });
        return body['secret'];
      };
      const second = await rotate(3_600);
      const third = await rotate(60);
      const fourth = await rotate(86_400);
      await app.call('POST', `${path}/test`);
      expect(signatures()).toHaveLength(4);
      for (const secret of [created.body['secret'], second, third, fourth]) verify(secret);

      const [endpoint] = await app.store.subscriptions.endpoints();
      if (endpoint === undefined) throw new Error('it is not active');
      const { secretBox, transport } = app;
      const event = { eventId: 'evt_1', eventType: 'order.paid', version: 1, body: '{}' };
      const expected = [
        [50, [fourth, third, created.body['secret'], second]],
        [70, [fourth, third, created.body['secret']]],
        [4_000, [fourth, third]],
        [90_000, [fourth]],
      ] as const;
      for (const [seconds, secrets] of expected) {
        const clock = createManualClock(Date.now() + seconds * 1_000);
        await createDeliver({ transport, secretBox, clock })(endpoint, event);
        expect([seconds, signatures().length]).toEqual([seconds, secrets.length]);
        const { headers, body } = app.receiver.requests.at(-1) ?? {};
        for (const secret of secrets) {
          const key = decodeSecret(String(secret));
          const signature = computeSignature(
            key,
            'evt_1',
            String(headers?.['webhook-timestamp']),
            body as Buffer,
          );
          expect(signatures()).toContain(`v1,${Buffer.from(signature).toString('base64')}`);
        }
      }
    });

    it('keeps five older secrets at most: the last one, and of the others those that end last', async () => {
      const path = await app.subscribe();
      const rotate = (overlapSeconds: number): Promise<Answer> =>
        app.call('POST', `${path}/rotate-secret`, { body: { overlapSeconds } });
      /** Until when they sign, in hundreds of seconds. */
      const left = async (): Promise<number[] | undefined> => {
        const [endpoint] = await app.store.subscriptions.endpoints();
        return endpoint?.previousSecrets.map((each) => Math.round((each.expiresAtMs - Date.now()) / 100_000));
      };
      for (let count = 1; count <= 7; count += 1) await rotate(count * 100);
      expect(await left()).toEqual([7, 6, 5, 4, 3]);
      await app.call('POST', `${path}/test`);
      expect(signatures()).toHaveLength(6);
      await rotate(0);
      expect(await left()).toEqual([7, 6, 5, 4, 3]);
      await rotate(100);
      expect(await left()).toEqual([7, 6, 5, 4, 1]);
    });

    it('ends the overlap for endpoints in memory too', async () => {
      const path = await app.subscribe();
      await app.call('POST', `${path}/rotate-secret`, { body: { overlapSeconds: 60 } });
      const [endpoint] = await app.store.subscriptions.endpoints();
      if (endpoint === undefined) throw new Error('it is not active');
      const { secretBox, transport } = app;
      const event = { eventId: 'evt_1', eventType: 'order.paid', version: 1, body: '{}' };
      for (const [seconds, count] of [
        [50, 2],
        [70, 1],
      ] as const) {
        const clock = createManualClock(Date.now() + seconds * 1_000);
        await createDeliver({ transport, secretBox, clock })(endpoint, event);
        expect(signatures()).toHaveLength(count);
      }
    });

    it('ends the old secret at once when asked to, and refuses other times', async () => {
      const path = await app.subscribe();
      const rotated = await app.call('POST', `${path}/rotate-secret`, { body: { overlapSeconds: 0 } });
      expect(rotated.status).toBe(200);
      await app.call('POST', `${path}/test`);
      expect(signatures()).toHaveLength(1);
      for (const overlapSeconds of [-1, 1.5, 604_801, '60', null]) {
        const refused = await app.call('POST', `${path}/rotate-secret`, { body: { overlapSeconds } });
        expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/overlapSeconds' }] } });
      }
    });
  });

  describe('test', () => {
    it('sends a signed ping at once and tells what came of it', async () => {
      const created = await app.create({ headers: { 'X-Key': 'k' } });
      app.receiver.answer = always(202, 'thanks');
      const answer = await app.call('POST', `/webhooks/${String(created.body['id'])}/test`);
      expect(answer.body).toMatchObject({ isDelivered: true, attempt: { status: 202, body: 'thanks' } });
      const [request] = app.receiver.requests;
      expect(request?.headers).toMatchObject({ 'x-key': 'k', 'webhook-id': answer.body['eventId'] });
      const event = new Webhook(String(created.body['secret'])).verify(
        String(request?.body),
        request?.headers as Record<string, string>,
      );
      expect(event).toMatchObject({
        eventId: answer.body['eventId'],
        eventType: 'webhook.ping',
        source: '/orders-api',
        data: { subscriptionId: created.body['id'] },
      });
      expect(event).not.toHaveProperty('position');
    });

    it('changes nothing when it fails, not even by 410, and works on what is stopped', async () => {
      const path = await app.subscribe();
      app.receiver.answer = always(410, 'gone');
      const answer = await app.call('POST', `${path}/test`);
      expect(answer).toMatchObject({ status: 200, body: { isDelivered: false, attempt: { status: 410 } } });
      const shown = await app.call('GET', path);
      expect(shown.body).toMatchObject({ state: 'active', failureCount: 0 });
      expect((await app.call('GET', `${path}/deliveries`)).body['data']).toEqual([]);

      await app.call('POST', `${path}/disable`);
      app.receiver.answer = always(204);
      expect((await app.call('POST', `${path}/test`)).body).toMatchObject({ isDelivered: true });
      await app.call('DELETE', path);
      expect((await app.call('POST', `${path}/test`)).status).toBe(404);
      expect((await app.call('POST', `${await app.subscribe()}/test`, { body: { a: 1 } })).status).toBe(422);
    });

    it('goes through the address guard: what has become an internal address since is not reached', async () => {
      const path = await app.subscribe();
      await database.sql.query(`update evtgen.subscriptions set url = 'https://inside.example/'`, []);
      const answer = await app.call('POST', `${path}/test`);
      expect(answer.body).toMatchObject({ isDelivered: false, attempt: { failure: 'blocked_address' } });
    });
  });

  it('are disabled by their owner, and hold what comes meanwhile', async () => {
    const path = await app.subscribe();
    const disabled = await app.call('POST', `${path}/disable`);
    expect(disabled.body).toMatchObject({ state: 'disabled', stateReason: 'it was disabled by its owner' });
    expect((await app.call('POST', `${path}/disable`)).body).toEqual(disabled.body);
    expect((await app.call('POST', `${path}/disable`, { body: { why: 'a' } })).status).toBe(422);
    await app.withWorker(async () => {
      const eventId = await app.emit();
      await eventually('it has a position', async () => (await app.store.log.head()) === 1);
      expect((await app.call('POST', `${path}/enable`, { body: { form: 'resume' } })).status).toBe(422);
      await app.call('POST', `${path}/enable`, { body: { from: 'resume' } });
      await eventually('it arrived', () => app.receiver.requests.length === 1);
      expect(app.receiver.requests[0]?.headers['webhook-id']).toBe(eventId);
    });
  });

  it('answer HEAD, OPTIONS, other methods and trailing slashes as HTTP has it', async () => {
    const path = await app.subscribe();
    const head = await app.call('HEAD', path);
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect((await app.call('GET', `${path}/`)).status).toBe(200);
    expect((await app.call('GET', `${path}//`)).status).toBe(404);
    const options = await app.call('OPTIONS', path);
    expect([options.status, options.headers.get('allow')]).toEqual([
      204,
      'DELETE, GET, HEAD, OPTIONS, PATCH',
    ]);
    const put = await app.call('PUT', path, { body: {} });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, OPTIONS, PATCH']);
    // The document's name is no id of a subscription.
    expect((await app.call('DELETE', '/webhooks/openapi.json')).status).toBe(405);
    for (const id of ['%00', '%', '%E0%A4%A', '..%2f']) {
      expect((await app.call('GET', `/webhooks/${id}`)).status).toBe(404);
    }
  });
});
